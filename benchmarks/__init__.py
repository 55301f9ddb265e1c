"""What was measured, against whom, and the programs that measure it again with one command each."""
