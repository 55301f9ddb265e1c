"""Starters for students, and grades for what they hand in."""
