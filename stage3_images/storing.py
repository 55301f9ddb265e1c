"""Putting a file under a name: wholly or not at all, and never over another file.

Strategy: write under a temporary name in the same folder, then give it the final name in one step
that fails when the name is taken. Asking first whether it is free would not do: of two uploads in
the same second both would be told yes. Whoever sees the final name sees the whole file.
"""

import errno
import os
import secrets
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from stage3_images.names import numbered, safe_name

TEMPORARY_PREFIX = ".incoming-"  # begins with a dot, so it is not a safe name and never shared

# What os.link raises on file systems that have no hard links (exFAT, some network drives).
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class FolderFullError(OSError):
    """Storing one more file would exceed what the folder may hold."""


def upload_name(sender: str, name: str, now: datetime) -> str:
    """Return the name of an upload: "20260130-154500_ann_cat.png"."""
    return safe_name(f"{now:%Y%m%d-%H%M%S}_{safe_name(sender)}_{safe_name(name)}")


def store(folder: Path, name: str, content: bytes, folder_limit: int | None = None) -> str:
    """Store a new file and return its name: `name` made safe, with a number if that is taken.

    `folder_limit`: how many bytes all files of the folder may have together. Raises
    FolderFullError, OSError; then nothing is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if folder_limit is not None and _bytes_in(folder) + len(content) > folder_limit:
        raise FolderFullError(f"this folder may hold {folder_limit:,} bytes, and is full")
    temporary = folder / (TEMPORARY_PREFIX + secrets.token_hex(8))
    try:
        temporary.write_bytes(content)
        return publish(temporary, folder, name).name
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


# --8<-- [start:publish]
def publish(temporary: Path, folder: Path, name: str) -> Path:
    """Give a finished file its name in `folder`, or `name (2)`, `name (3)` … if that is taken."""
    name = safe_name(name)
    numbers = count(2)
    target = folder / name
    while True:
        try:
            _rename_to_new(temporary, target)
        except FileExistsError:
            target = folder / numbered(name, next(numbers))
        else:
            return target


def _rename_to_new(old: Path, new: Path) -> None:
    """Rename a file in one step; raise FileExistsError when the new name is taken."""
    if os.name == "nt":
        old.rename(new)  # refuses to replace a file; the same call on POSIX would replace it
        return
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY))  # reserves the name
        old.replace(new)
    else:
        old.unlink()


# --8<-- [end:publish]


def _bytes_in(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(
            entry.stat(follow_symlinks=False).st_size
            for entry in entries
            if entry.is_file(follow_symlinks=False)
        )
