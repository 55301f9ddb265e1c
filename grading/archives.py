"""Unpack strangers' zip files: what they hold stays below the target, and in bounds.

Strategy: nothing in the archive's directory is believed. Bytes are counted as they come out, names
are taken apart here, and links are never made.
"""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from grading.folders import MOST_BYTES, MOST_FILES, SubmissionError, is_left_out

MOST_PACKED_BYTES = 200_000_000
LONGEST_NAME = 1_000
_CHUNK = 1 << 20


def unpack(archive: Path, target: Path) -> None:
    """Unpack into the folder `target`, without links and what is not graded anyway.

    Raises SubmissionError when it leads out of the target, is too large, or cannot be read.
    """
    if archive.stat().st_size > MOST_PACKED_BYTES:
        raise SubmissionError(f"{archive.name} has more than {MOST_PACKED_BYTES // 1_000_000} MB")
    try:
        with zipfile.ZipFile(archive) as packed:
            _unpack(packed, archive.name, target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SubmissionError(f"{archive.name} is not a whole zip file: {error}") from None
    except (NotImplementedError, RuntimeError) as error:  # a rare method, or a password
        raise SubmissionError(f"{archive.name} cannot be unpacked: {error}") from None
    except (OSError, ValueError, MemoryError) as error:
        raise SubmissionError(f"{archive.name} cannot be unpacked: {error!r}") from None


def _unpack(packed: zipfile.ZipFile, name: str, target: Path) -> None:
    members = [
        (path, member)
        for member in packed.infolist()
        if (path := safe_path(member.filename)) and not is_left_out(path.parts)
    ]
    if len(members) > MOST_FILES:
        raise SubmissionError(f"{name} holds more than {MOST_FILES:,} files")
    left = MOST_BYTES
    for path, member in members:
        place = target / path
        if member.filename.replace("\\", "/").endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        elif not stat.S_ISLNK(member.external_attr >> 16):
            place.parent.mkdir(parents=True, exist_ok=True)
            left = _write(packed, member, place, left)
        if left < 0:
            raise SubmissionError(f"{name} holds more than {MOST_BYTES // 1_000_000} MB")


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path, left: int) -> int:
    """Write one file, at most `left` bytes and one chunk; what is left then."""
    with packed.open(member) as source, place.open("xb") as file:
        while left >= 0 and (chunk := source.read(_CHUNK)):
            left -= len(chunk)
            file.write(chunk)
    return left


def safe_path(name: str) -> PurePosixPath:
    """The path of a member below the target. Raises SubmissionError when it would leave it."""
    path = PurePosixPath(name.replace("\\", "/"))
    has_drive = ":" in (path.parts[0] if path.parts else "")
    if path.is_absolute() or has_drive or ".." in path.parts or "\0" in name:
        raise SubmissionError(f"it holds a file that would land outside its folder: {name[:200]!r}")
    if len(name) > LONGEST_NAME:
        raise SubmissionError(f"it holds a file with a name of {len(name):,} characters")
    return path
