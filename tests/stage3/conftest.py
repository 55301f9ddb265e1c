"""Fixtures of stage 3's tests."""

from pathlib import Path

import pytest

from tests.support.submission import environment


@pytest.fixture
def without_pillow(tmp_path: Path) -> dict[str, str]:
    """The environment of a program for which Pillow is not installed."""
    folder = tmp_path / "no pillow"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text('import sys\nsys.modules["PIL"] = None\n')
    return environment(PYTHONPATH=str(folder))
