"""The docs site: built strictly, true to the programs, at home in a browser without a network."""
