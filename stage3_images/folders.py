"""Folders that the programs read from and write to: made where they are missing, and shown."""

import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

from stage1_basic.command_line import UserError


def prepare_folder(path: Path, to_write: bool = True) -> bool:
    """Make sure that there is a folder; return whether it was made. Raises UserError."""
    is_new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot make the folder {path.absolute()}: {error.strerror}. Choose another one."
        ) from error
    if to_write and not os.access(path, os.W_OK | os.X_OK):
        raise UserError(f"cannot write into the folder {path.absolute()}. Choose another one.")
    return is_new


def open_folder(path: Path) -> None:
    """Show a folder in the system's file manager; raise OSError where there is none.

    No shell reads the path: in one, a folder called `a; rm -rf b` would be a command.
    """
    path = path.absolute()
    if sys.platform == "win32":
        os.startfile(path)
        return
    program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if program is None:
        raise FileNotFoundError(f"no program here opens folders; it is {path}")
    quiet = subprocess.DEVNULL
    start = partial(subprocess.run, [program, str(path)], stdin=quiet, stdout=quiet, stderr=quiet)
    threading.Thread(target=start, name="file manager", daemon=True).start()
