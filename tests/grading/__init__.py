"""The grader, graded: the manifest of points and what a submission gets for it."""
