"""The gallery of known mistakes: wrong programs, each a few lines replaced in the reference."""
