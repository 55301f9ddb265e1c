"""Stage 2: names, commands, the session, and its two faces."""
