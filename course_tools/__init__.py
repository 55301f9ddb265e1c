"""What course.py's commands do: start the programs, set up .venv, run the demo and the tests."""
