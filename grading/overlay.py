"""A graded part alone: the reference's stages, in which only this part is the student's.

So a right part scores whatever its neighbours do, and a wrong one costs its own points only.
"""

import shutil
from itertools import groupby
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading.parts import PARTS, Part
from grading.splice import OverlayError, spliced

__all__ = ["OverlayError", "part_named", "write_overlay"]
IGNORED = shutil.ignore_patterns("__pycache__", ".*_cache")


def part_named(name: str) -> Part:
    """The graded part of this name."""
    return next(part for part in PARTS if part.name == name)


def write_overlay(folder: Path, submission: Path, name: str, own_earlier: bool = False) -> None:
    """Write the stages up to the part's own into `folder`, with the student's version of the part.

    The stages before are the reference's unless `own_earlier`. Raises OverlayError when the
    student's file can't be read or lacks what is graded.
    """
    part = part_named(name)
    for stage in FOLDERS[: part.stage]:
        is_earlier = stage != FOLDERS[part.stage - 1]
        source = submission if own_earlier and is_earlier else PROJECT
        shutil.copytree(source / stage, folder / stage, ignore=IGNORED)
    _copy_added_modules(folder, submission, FOLDERS[part.stage - 1])
    for file, regions in groupby(part.regions, key=lambda region: region.file):
        reference = (PROJECT / file).read_text(encoding="utf-8")
        text = spliced(reference, _student_text(submission, file), list(regions))
        (folder / file).write_text(text, encoding="utf-8")


def _copy_added_modules(folder: Path, submission: Path, stage: str) -> None:
    """Modules of the student's own, which their part may import."""
    for module in (submission / stage).glob("*.py"):
        target = folder / stage / module.name
        if module.is_file() and not target.exists():
            shutil.copyfile(module, target)


def _student_text(submission: Path, file: str) -> str:
    try:
        return (submission / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OverlayError(f"{file} is missing") from None
    except (OSError, ValueError) as error:
        raise OverlayError(f"{file} cannot be read: {error}") from error
