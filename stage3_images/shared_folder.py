"""A folder whose files strangers may ask for by name, and nothing outside it.

Strategy: a request is a bare name or it is nothing. There is no joining of paths to be checked
afterwards (`startswith(root)` takes `data-private` for a part of `data`), and no file is followed
to another place: symbolic links, folders, pipes and devices are neither listed nor opened.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from stage3_images.names import is_safe

# O_NOFOLLOW: a symbolic link is an error. O_NONBLOCK: opening a pipe does not wait for its writer.
# O_BINARY exists on Windows only, where the other two do not.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotSharedError(LookupError):
    """There is no such file to be had here; the text says why, for the one who asked."""


# --8<-- [start:shared_folder]
class SharedFolder:
    """The regular files with safe names that lie directly in `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of every shared file, by name, in the order of the names.

        A folder that has been removed shares nothing.
        """
        found = {}
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    if is_safe(entry.name) and entry.is_file(follow_symlinks=False):
                        found[entry.name] = entry.stat(follow_symlinks=False).st_size
        except OSError:  # removed, or removed while being read
            pass
        return dict(sorted(found.items()))

    def open(self, name: str) -> BinaryIO:
        """Open one shared file for reading; raise NotSharedError."""
        if not is_safe(name):
            raise NotSharedError("not a plain file name")
        try:
            return os.fdopen(open_regular_file(self.path / name), "rb")
        except OSError as error:  # missing, forbidden, a symbolic link: all one to a stranger
            raise NotSharedError("no such file here") from error

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of one shared file of at most `limit` bytes; raise NotSharedError."""
        with self.open(name) as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise NotSharedError(f"larger than {limit:,} bytes")
        return content


# --8<-- [end:shared_folder]


def open_regular_file(path: Path) -> int:
    """A descriptor to read a file; links, folders, pipes and devices are none. Raises OSError."""
    if path.is_symlink():  # where there is no O_NOFOLLOW
        raise OSError(errno.ELOOP, "a symbolic link")
    descriptor = os.open(path, _READ)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor
