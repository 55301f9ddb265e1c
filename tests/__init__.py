"""The tests: everything is tried from outside, on real sockets, as a student starts it."""
