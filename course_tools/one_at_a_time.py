"""A lock between processes: two terminals may both find that .venv has to be made."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from course_tools.launch import note

if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, and nobody may read a locked one: take one far behind the file's end.
    FAR_BEHIND_THE_END = 1 << 30

    def _try_to_lock(file: BinaryIO) -> None:
        file.seek(FAR_BEHIND_THE_END)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_to_lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def one_at_a_time(path: Path, waiting: str) -> Iterator[None]:
    """Hold the lock on the file `path`, which exists; say `waiting` when another process has it.

    The system frees the lock when its process ends, however that happens.
    """
    with path.open("rb") as file:
        told = False
        while True:
            try:
                _try_to_lock(file)
                break
            except OSError:
                if not told:
                    note(waiting)
                told = True
                time.sleep(0.2)
        yield
