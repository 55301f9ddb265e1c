"""A file to be sent: read at any position, and watched for changes while it is sent."""

import io
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from stage3_images.shared_folder import open_regular_file


class FileChangedError(Exception):
    """The file is not any more what it was when sending began."""

    def __init__(self) -> None:
        super().__init__("the file changed while it was sent")


class FileSource:
    """An open file that keeps its size and time of change, or FileChangedError is raised."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file can't be opened or is not an ordinary file.

        The name was looked up before, by another process: it may be a link by now.
        """
        self._file = io.FileIO(open_regular_file(path))
        self._seeking = threading.Lock()  # only systems without preadv have to seek
        status = os.fstat(self._file.fileno())
        self.size = status.st_size
        self._modified = status.st_mtime_ns

    @property
    def version(self) -> str:
        """The same for two downloads only if it is the same content, as far as one can tell."""
        return f"{self.size}-{self._modified}"

    def read_into(self, buffers: Sequence[memoryview], position: int) -> None:
        """Fill the buffers one after the other. FileChangedError if the file is short."""
        wanted = sum(map(len, buffers))
        if hasattr(os, "preadv"):
            read = os.preadv(self._file.fileno(), buffers, position)
        else:
            with self._seeking:
                self._file.seek(position)
                read = sum(self._file.readinto(buffer) or 0 for buffer in buffers)
        if read != wanted:
            raise FileChangedError

    def check(self) -> None:
        """Raise FileChangedError when size or time of change are not what they were."""
        status = os.fstat(self._file.fileno())
        if (status.st_size, status.st_mtime_ns) != (self.size, self._modified):
            raise FileChangedError

    def close(self) -> None:
        self._file.close()
