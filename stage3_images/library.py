"""The images that a server has: the operator's library, and what clients have uploaded.

Strategy: an upload is usually fetched by the whole room at once, so the line of base64 that carries
it is made once and kept until it was not asked for in a while: a hundred clients share one `bytes`
object instead of having one each. All but `tick` reads the disk, and belongs in the background.
"""

import os
import time
from binascii import b2a_base64
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from stage3_images.images import BYTE_LIMIT, TOO_LARGE, ImageRefusedError, image_kind
from stage3_images.shared_folder import NotSharedError, SharedFolder

KEPT_LINES = 4  # 56 MB when all are as long as can be
KEPT_SECONDS = 5.0
PIECE = 3 * 65_536  # a multiple of 3, so that only the last piece ends with padding

Version = tuple[str, int, int, int]


class ImageLibrary:
    """Both folders seen as one; where both have a name, the operator's library wins."""

    def __init__(self, library: Path, uploads: Path) -> None:
        self._folders = (SharedFolder(library), SharedFolder(uploads))
        self._lines: dict[Version, bytes] = {}
        self._kept_until = 0.0

    def names(self) -> list[str]:
        """Return all names, those of the library first."""
        return list(dict.fromkeys(chain.from_iterable(folder.sizes() for folder in self._folders)))

    def server_image(self, name: str) -> bytes:
        """Return `SERVER_IMAGE:<name>|<base64>`, with its newline.

        Raises NotSharedError, ImageRefusedError, OSError.
        """
        with self._open(name) as file:
            status = os.fstat(file.fileno())
            version = (name, status.st_ino, status.st_size, status.st_mtime_ns)
            line = self._lines.pop(version, None) or _encode(name, file, status.st_size)
        self._keep(version, line)
        return line

    def tick(self, now: float) -> None:
        """Let go of the lines when none was asked for lately; `now` in seconds, monotonic."""
        if self._lines and now > self._kept_until:
            self._lines = {}

    def _open(self, name: str) -> BinaryIO:
        library, uploads = self._folders
        try:
            return library.open(name)
        except NotSharedError:
            return uploads.open(name)

    def _keep(self, version: Version, line: bytes) -> None:
        self._kept_until = time.monotonic() + KEPT_SECONDS
        lines = self._lines
        lines[version] = line
        if len(lines) > KEPT_LINES:
            del lines[next(iter(lines))]


def _encode(name: str, file: BinaryIO, size: int) -> bytes:
    if size > BYTE_LIMIT:
        raise ImageRefusedError(TOO_LARGE)
    return b"".join([f"SERVER_IMAGE:{name}|".encode(), *_base64_pieces(file, size), b"\n"])


def _base64_pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Encode piece by piece: between two of them other threads have their turn."""
    piece = file.read(min(PIECE, size))
    image_kind(piece)  # what is no image is not sent as one
    while piece:
        yield b2a_base64(piece, newline=False)
        size -= len(piece)
        piece = file.read(min(PIECE, size))
