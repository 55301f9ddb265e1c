"""Tests of the file downloads over UDP."""
