"""The naive programs of the first lesson: they work in the easy case, and break as it is told."""
