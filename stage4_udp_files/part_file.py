"""A file that is being downloaded: `name.part` until it is whole and verified, `name` from then on.

Strategy: bytes are written in order, so the length of `name.part` is where a later download goes
on. A small JSON file beside it, `.name.part.json`, says which server and which version of the file
it belongs to. A lock makes sure that only one process writes to it; whoever finds it taken uses the
next name, `name (2).part`.
"""

import json
import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

from stage3_images.names import numbered
from stage3_images.storing import publish

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""O_APPEND: should another program cut the file short, what is written later leaves no hole in it,
and its length shows what has happened."""
LOCKED_BYTE = 2**62
"""Windows locks ranges of bytes: one that no file reaches."""


class PartFile:
    """An open, locked `name.part` in a folder; nobody else's file is ever touched."""

    def __init__(self, folder: Path, name: str, server: str, version: str) -> None:
        """Go on with what has come of this version from this server, or begin. Raises OSError."""
        self._origin = {"server": server, "name": name, "version": version}
        self._folder = folder
        self._name = name
        self.file, self.path = self._open()

    def _open(self) -> tuple[BinaryIO, Path]:
        for name in names_to_try(self._name):
            target, path = self._folder / name, self._folder / f"{name}.part"
            if target.exists():
                continue
            file = open_locked(path)
            if file is None:
                continue
            if self._claim(file, path):
                return file, path
            file.close()
        raise AssertionError("numbers do not end")

    def _claim(self, file: BinaryIO, path: Path) -> bool:
        """Whether this part may be written to: it is new, or was begun by a download like this."""
        origin_path = _origin_path(path)
        try:
            origin = json.loads(origin_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            origin = None
        is_new = file.seek(0, os.SEEK_END) == 0
        is_older_version = isinstance(origin, dict) and {**origin, "version": ""} == {
            **self._origin,
            "version": "",
        }
        if origin != self._origin:
            if not is_new and not is_older_version:
                return False
            file.truncate(0)
            file.seek(0)
            origin_path.write_text(json.dumps(self._origin), encoding="utf-8")
        return True

    @property
    def length(self) -> int:
        """How many bytes have come so far: where to go on."""
        return self.file.seek(0, os.SEEK_END)

    def begin_anew(self) -> None:
        """Throw away what has come."""
        self.file.truncate(0)
        self.file.seek(0)

    def finish(self) -> Path:
        """Give the file its final name, or another that is free; returns it. Raises OSError."""
        if sys.platform == "win32":
            self.close()  # there an open file can't be renamed
        target = publish(self.path, self._folder, self.path.stem)
        _origin_path(self.path).unlink(missing_ok=True)
        self.close()
        return target

    def close(self) -> None:
        """Let go of the file; the part stays for a later download to go on with."""
        self.file.close()


def _origin_path(part: Path) -> Path:
    """Begins with a dot, so no file of a server's can have this name."""
    return part.with_name(f".{part.name}.json")


def names_to_try(name: str) -> Iterator[str]:
    """`name.ext`, `name (2).ext`, `name (3).ext` and so on."""
    yield name
    for number in count(2):
        yield numbered(name, number)


def open_locked(path: Path) -> BinaryIO | None:
    """Open a file to read and write, making it if need be; None if another holds its lock."""
    file = os.fdopen(os.open(path, OPEN, 0o666), "r+b", buffering=0)
    try:
        lock(file)
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass  # held by another process, or finished by it between our opening and our locking
    file.close()
    return None


def lock(file: BinaryIO) -> None:
    """Take the file's lock; it ends with the process. Raises OSError if another has it."""
    if sys.platform == "win32":
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
