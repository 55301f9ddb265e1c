"""The code as students have it: what the site for students quotes in place of the reference.

A starter's graded parts are signatures, docstrings and a TODO; this copies the stages into a folder
in that form, marks of regions included, so that the same pages can be built from it.
"""

import shutil
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading.blanks import blanked
from grading.parts import PARTS


def copy_stages(into: Path, graded: tuple[int, ...] = (1, 2, 3, 4)) -> None:
    """Copy the stages into a folder, the graded parts of some of them left to the student."""
    for folder in FOLDERS:
        shutil.copytree(
            PROJECT / folder, into / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for part in PARTS:
        if part.stage in graded:
            for region in part.regions:
                path = into / region.file
                source = path.read_text(encoding="utf-8")
                path.write_text(blanked(source, region, part), encoding="utf-8", newline="\n")
