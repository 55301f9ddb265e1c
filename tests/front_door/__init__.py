"""course.py, tried as its users try it: as a program, from any folder, on any computer."""
