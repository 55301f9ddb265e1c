"""What is received gets into the file in order, and is hashed with what was there before."""

import errno
import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from stage4_udp_files.file_writer import BLOCK_SIZE, MOST_BLOCKS, FileWriter
from stage4_udp_files.part_file import PartFile

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[BinaryIO]:
    with (tmp_path / "part").open("w+b", buffering=0) as file:
        yield file


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("earlier", [0, 1, 2 * BLOCK_SIZE, 3 * BLOCK_SIZE + 5])
@pytest.mark.parametrize(
    "pieces",
    [[], [0], [1], [BLOCK_SIZE], [BLOCK_SIZE - 1, 2], [3 * BLOCK_SIZE + 5, 7], [63_000] * 40],
)
def test_pieces_of_any_size(file: BinaryIO, earlier: int, pieces: list[int]) -> None:
    """Across the writer's blocks, and behind what an earlier download has left."""
    file.write(content(earlier))
    writer = FileWriter(file)
    for size in pieces:
        writer.put(content(size))
    digest = writer.finish()
    file.seek(0)
    written = file.read()
    assert written == content(earlier) + b"".join(map(content, pieces))
    assert digest == hashlib.sha256(written).digest()


def test_a_disk_that_is_full(file: BinaryIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error reaches whoever puts more, and nobody waits for ever for an empty block."""

    def write(_: FileWriter, __: memoryview) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(FileWriter, "_write", write)
    writer = FileWriter(file)
    with pytest.raises(OSError, match="No space"):
        writer.put(bytes(2 * MOST_BLOCKS * BLOCK_SIZE))
    with pytest.raises(OSError, match="No space"):
        writer.finish()
    writer.stop()


def test_a_part_that_another_program_cuts_short(file: BinaryIO) -> None:
    """That is an error, too, and no waiting for bytes that are not there any more."""
    writer = FileWriter(file)
    writer._size = 5  # as if these bytes had been there
    with pytest.raises(OSError, match="cut"):
        writer.finish()


@pytest.mark.parametrize("length", [5, 3 * BLOCK_SIZE])
def test_a_part_that_another_program_changes(tmp_path: Path, length: int) -> None:
    """What was hashed is not what lies in the file: the download has failed."""
    part = PartFile(tmp_path, "a.bin", "here", "1")
    part.file.write(content(10))
    writer = FileWriter(part.file)
    os.truncate(part.path, length)
    with pytest.raises(OSError, match="another program"):  # noqa: PT012 - whoever notices first
        writer.put(content(BLOCK_SIZE))
        writer.finish()
    writer.stop()
    part.close()
