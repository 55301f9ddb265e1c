"""The folder .venv: made when a command first needs packages, mended when it is not whole.

Whatever changes .venv first leaves a note in it and takes the note away when it is done, so an
interrupted set-up is known by its note and made anew. Each group of packages that is in is written
down with a fingerprint of pyproject.toml; when that file changes, pip looks again. pip gets nothing
but the names of the packages: where it looks for them is its own settings' business.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from course_tools import packages, pip
from course_tools.errors import CourseError
from course_tools.launch import note
from course_tools.one_at_a_time import one_at_a_time
from course_tools.stages import PROJECT
from course_tools.system_packages import VERSION, cure_for_ensurepip

ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
UNFINISHED = ENVIRONMENT / "course-setup-unfinished"
INSTALLED = ENVIRONMENT / "course-packages.json"
LOOK_INSIDE = """
import sys, importlib.util
from importlib.metadata import distributions
print("%d.%d" % sys.version_info[:2], bool(importlib.util.find_spec("pip")),
      *(d.metadata["Name"] for d in distributions()))
"""


def python_with(*groups: str) -> Path:
    """The Python of .venv with the packages of these groups, which are installed when missing.

    Raises CourseError when that cannot be done, with what to do about it.
    """
    with one_at_a_time(packages.PYPROJECT, "Another command is setting up .venv; waiting for it."):
        if broken := _what_is_broken():
            _make(broken)
        if missing := _missing(groups):
            _install(missing)
    return PYTHON


def _what_is_broken() -> str | None:
    """Why .venv has to be made (anew), or None when it is whole."""
    if not ENVIRONMENT.exists():
        return "There is no .venv yet"
    if UNFINISHED.exists():
        return "The set-up of .venv was interrupted"
    inside = _look_inside()
    if inside[1:2] != ["True"]:
        return "The folder .venv is not whole"
    if inside[0] != VERSION:
        return f"The folder .venv is for Python {inside[0]}, and this is Python {VERSION}"
    return None


def _look_inside() -> list[str]:
    """The environment's own word: its version, whether it has pip, the packages it has."""
    try:
        found = subprocess.run(
            [PYTHON, "-c", LOOK_INSIDE], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return found.stdout.split()


def _make(why: str) -> None:
    if cure := cure_for_ensurepip():
        raise CourseError(
            f"this Python cannot make a virtual environment, which packages need: {cure}"
        )
    note(f"{why}: making it now. That takes about a minute, once, and needs a network.")
    try:
        if ENVIRONMENT.exists():
            shutil.rmtree(ENVIRONMENT)
        ENVIRONMENT.mkdir()
        UNFINISHED.touch()
    except OSError as error:
        raise CourseError(
            f"cannot make {ENVIRONMENT}: {error.strerror}. Is the folder writable, and does"
            " nothing run that was started from .venv?"
        ) from error
    # The Python behind an active .venv, since that one is just being replaced.
    base_python = getattr(sys, "_base_executable", sys.executable)
    made = subprocess.run(
        [base_python, "-m", "venv", str(ENVIRONMENT)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        said = (made.stdout + made.stderr).strip().splitlines()[-1:]
        raise CourseError(f"cannot make {ENVIRONMENT}: {' '.join(said)}")
    UNFINISHED.unlink()


def _missing(groups: Iterable[str]) -> list[str]:
    """The groups whose packages are not all in .venv as pyproject.toml wants them."""
    written_down = _written_down()
    fingerprint = _fingerprint()
    present = {_comparable(name) for name in _look_inside()[2:]}
    return [
        group
        for group in groups
        if written_down.get(group) != fingerprint
        or any(_comparable(packages.name_of(r)) not in present for r in packages.required([group]))
    ]


def _install(groups: list[str]) -> None:
    requirements = packages.required(groups)
    note(f"Installing into .venv: {', '.join(requirements)}")
    UNFINISHED.touch()
    try:
        pip.install(PYTHON, requirements)
    except CourseError:
        # pip fetches everything before it changes anything: what was whole still is.
        UNFINISHED.unlink()
        raise
    changed = _written_down() | dict.fromkeys(groups, _fingerprint())
    INSTALLED.write_text(json.dumps(changed), encoding="utf-8")
    UNFINISHED.unlink()
    note("Done.")


def _written_down() -> dict[str, str]:
    try:
        return dict(json.loads(INSTALLED.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _fingerprint() -> str:
    return hashlib.sha256(packages.PYPROJECT.read_bytes()).hexdigest()


def _comparable(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
