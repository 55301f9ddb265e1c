"""Fixtures of the tests with real sockets, and which tests are for every day."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stage4.harness import FileServer

ONE_ENGINE_A_DAY = {"test_get.py", "test_server_program.py", "test_window.py", "test_files.py"}
"""Files of tests that take long, and in which the engine matters little."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is not for every day."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and item.path.name in ONE_ENGINE_A_DAY:
            callspec = getattr(item, "callspec", None)
            if callspec is not None and callspec.params.get("engine") == "threads":
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def file_server() -> Iterator["FileServer"]:
    """A file server that a module's tests share."""
    from tests.stage4.harness import FileServer

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
