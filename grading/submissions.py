"""The submissions in a folder, as Moodle and Canvas export them: folders or zip files.

Moodle: `Ada Lovelace_12345_assignsubmission_file_/…`, or that name before a file's own.
Canvas: `lovelaceada_12345_67890_project.zip`, with `_LATE` behind the name when it came late.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_tools.stages import FOLDERS
from grading.archives import unpack
from grading.folders import SubmissionError, is_left_out

_MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(_.*)?", re.DOTALL)
_CANVAS = re.compile(r"(?P<name>[^_]+)_(LATE_)?(?P<id>\d+)_\d+_.+", re.DOTALL)
_LEVELS = 3
"""How deep a project may lie: in the submission's folder, in the zip's, in one of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission: where it is, and whose, as far as its name tells."""

    path: Path
    student: str
    id: str


def entries(folder: Path) -> list[Entry]:
    """The submissions in a folder, by name. What is neither a folder nor a zip file is none."""
    paths = [path for path in folder.iterdir() if path.is_dir() or path.suffix.lower() == ".zip"]
    visible = [p for p in paths if not (p.name.startswith(".") or is_left_out([p.name]))]
    return [entry_of(path) for path in sorted(visible, key=lambda path: path.name.casefold())]


def entry_of(path: Path) -> Entry:
    """The entry of one exported folder or file."""
    match = _MOODLE.fullmatch(path.name) or _CANVAS.fullmatch(path.name)
    if match:
        return Entry(path, match["name"].strip(), match["id"])
    return Entry(path, path.stem if path.is_file() else path.name, "")


def find_project(path: Path, scratch: Path) -> Path:
    """The folder in a submission that holds `stage1_basic` or its successors.

    A zip file, or the only one in a folder without such stages, is unpacked into `scratch`.
    Raises SubmissionError when there is none, or more than one.
    """
    if path.is_dir():
        if found := _only(path):
            return found
        path = _only_zip(path)
    unpack(path, scratch)
    if found := _only(scratch):
        return found
    raise SubmissionError(f"there is no folder {_stages()} in {path.name}")


def _only(folder: Path) -> Path | None:
    """The one project in a folder, on the highest level that has any."""
    level = [folder]
    for _ in range(_LEVELS):
        found = [place for place in level if any((place / name).is_dir() for name in FOLDERS)]
        if len(found) > 1:
            names = " and ".join(place.name for place in found[:2])
            raise SubmissionError(f"there is more than one project: {names}")
        if found:
            return found[0]
        level = [inner for place in level for inner in _folders(place)]
    return None


def _folders(folder: Path) -> Iterator[Path]:
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.is_symlink() and not is_left_out([place.name]):
            yield place


def _only_zip(folder: Path) -> Path:
    places = [folder, *_folders(folder)]
    zips = [file for place in places for file in sorted(place.glob("*.[zZ][iI][pP]"))]
    files = [file for file in zips if file.is_file() and not file.is_symlink()]
    if len(files) != 1:
        what = "no zip file either" if not files else f"{len(files)} zip files"
        raise SubmissionError(f"there is no folder {_stages()}, and {what}")
    return files[0]


def _stages() -> str:
    return " or ".join(FOLDERS)
