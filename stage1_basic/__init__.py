"""Stage 1: a console chat over TCP."""
