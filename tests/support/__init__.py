"""What all tests share: programs to start, clients to talk with, readable failures."""
