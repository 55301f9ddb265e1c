"""Since stage 1: lines, the room's rules, both engines, the console client, the probe."""
