"""Every client of every stage with every server of every stage, and `nc` with all of them."""
