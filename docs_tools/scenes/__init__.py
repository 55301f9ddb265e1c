"""What is recorded for the docs: one module a stage, one function a recording.

Each function plays a scene in the folder it is given, and returns the texts of its files by name.
"""
