"""What the file server reads from: an ordinary file, and only as long as it stays what it was."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stage4_udp_files.file_source import FileChangedError, FileSource
from tests.stage4.harness import FileServer

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

CONTENT = bytes(range(256)) * 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("can_read_at", [True, False])
def test_any_part_of_the_file(
    path: Path, can_read_at: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several buffers are filled one after the other, with or without a system call for it."""
    if not can_read_at:
        monkeypatch.delattr(os, "preadv", raising=False)
    source = FileSource(path)
    buffers = [memoryview(bytearray(size)) for size in (3, 0, 1000)]
    for position in (5, 0, 4096 - 1003):
        source.read_into(buffers, position)
        assert b"".join(buffers) == CONTENT[position : position + 1003]
    with pytest.raises(FileChangedError):
        source.read_into(buffers, 4096 - 1002)
    source.close()


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewritten(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [grown, rewritten])
def test_a_changed_file_is_noticed(path: Path, change: Callable[[Path], None]) -> None:
    """Another size, or another time of change."""
    source = FileSource(path)
    source.check()
    change(path)
    with pytest.raises(FileChangedError):
        source.check()
    source.close()


def link_to_secret(path: Path) -> None:
    (path.parent / "secret").write_text("secret")
    path.symlink_to("secret")


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there; no pipes in folders")
@pytest.mark.parametrize("swap", [link_to_secret, folder, pipe])
def test_a_name_that_was_swapped(
    path: Path, swap: Callable[[Path], None], file_server: FileServer
) -> None:
    """Between the room's look and the file server's, a file became a link: it is not sent."""
    path.unlink()
    swap(path)
    with pytest.raises(OSError, match=r"link|directory|regular"):
        FileSource(path)
    file_server.order(do="grant", token="00" * 8, path=str(path), peer="127.0.0.1")
    assert file_server.wait_for("failed", "00" * 8)["why"]
