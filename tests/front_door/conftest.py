"""Fixtures for the tests of course.py."""

from pathlib import Path

import pytest

from tests.front_door.stub_project import StubProject


@pytest.fixture
def stub_project(tmp_path: Path) -> StubProject:
    """A small copy of the project, without .venv."""
    return StubProject(tmp_path)
