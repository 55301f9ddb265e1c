"""`course.py demo`: the newest stage at work, each thing that is shown checked."""
