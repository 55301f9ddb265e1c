"""Stage 2: nicknames, who is online, private messages, and a session with two faces."""
