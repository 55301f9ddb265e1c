"""Commands to type, in messages that say what to do: they work where the reader is.

A program that was started with `-m` found the course's folders from where it was started, so the
next one can be started in the same way. One that was started by its path names paths.
"""

import shlex
import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]


def python_command(module: str, *arguments: str) -> str:
    """The command that starts a module of this course, as one types it on this system."""
    if started_as_module():
        return as_typed(python_launcher(), "-m", module, *arguments)
    file = COURSE.joinpath(*module.split(".")).with_suffix(".py")
    return as_typed(python_launcher(), from_here(file), *arguments)


def course_command(*arguments: str) -> str:
    """The command that has `course.py` do something."""
    course = "course.py" if started_as_module() else from_here(COURSE / "course.py")
    return as_typed(python_launcher(), course, *arguments)


def python_launcher() -> str:
    """How one starts Python on this system."""
    return "py" if sys.platform == "win32" else "python3"


def started_as_module() -> bool:
    """Whether this program was started with `python -m`."""
    return getattr(sys.modules["__main__"], "__spec__", None) is not None


def from_here(file: Path) -> str:
    """The path of a file, as short as it can be."""
    try:
        here = Path.cwd()
    except OSError:  # it has been removed
        return str(file)
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def as_typed(*command: str) -> str:
    """A command as one types it into this system's terminal."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
