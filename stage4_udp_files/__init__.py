"""Stage 4: reliable, verified file downloads over UDP beside the chat."""
