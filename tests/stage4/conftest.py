"""Fixtures of the tests with real sockets; which tests are for every day and for every submission.

The packets of a download are the author's to choose. So another folder given with `--submission` is
only tested by its own programs and on its TCP side, and what imports modules of ours is left out.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stage4.harness import FileServer
from tests.support.submission import PROJECT

FOR_ANY_SUBMISSION = {"test_get.py", "test_server_program.py"}
ONE_ENGINE_A_DAY = {*FOR_ANY_SUBMISSION, "test_window.py", "test_files.py"}
"""Files of tests that take long, and in which the engine matters little."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not for this submission; mark what is not for every day."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and item.path.name in ONE_ENGINE_A_DAY:
            callspec = getattr(item, "callspec", None)
            if callspec is not None and callspec.params.get("engine") == "threads":
                item.add_marker(pytest.mark.slow)
    if Path(config.getoption("submission")).resolve() == PROJECT:
        return
    kept = [
        item for item in items if item.path.parent != here or item.path.name in FOR_ANY_SUBMISSION
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(scope="module")
def file_server() -> Iterator[FileServer]:
    """A file server that a module's tests share."""
    server = FileServer()
    yield server
    server.close()


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    """Make a file of a size with content that does not repeat itself."""

    def make(size: int, name: str = "file.bin") -> Path:
        folder = tmp_path / "served"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_bytes(random.Random(size).randbytes(size))
        return path

    return make


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """The folder for what is downloaded."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder
