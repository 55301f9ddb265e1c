"""`course.py starter DIR --stage N`: write what students of a stage begin with.

Strategy: a list of what belongs into a starter, never one of what does not; so nothing new gets
into one by accident. The stage's own files come from the reference, with the graded parts blanked.
"""

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading.blanks import blanked, without_marks
from grading.parts import Part, parts_of

SHARED = (
    "course.py",
    "conftest.py",
    "pyproject.toml",
    "LICENSE",
    ".gitignore",
    ".gitattributes",
    "course_tools",
    "tests/__init__.py",
    "tests/support",
)
GRADER = (
    *("__init__.py", "grade.py", "recorder.py", "running.py", "scores.py"),
    *("reports.py", "report_files.py", "records.py"),
    *("child.py", "folders.py", "keeper.py", "kernel.py"),
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache")


def main() -> int:
    """Read the command line, write the starter."""
    parser = argparse.ArgumentParser(
        prog="course.py starter", description="Write what students of a stage begin with."
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new or an empty folder")
    parser.add_argument("--stage", type=int, choices=range(1, 5), required=True, metavar="N")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"course.py starter: {folder} is not an empty folder", file=sys.stderr)
        return 1
    write_starter(folder, arguments.stage)
    print(f"The starter of stage {arguments.stage} is in {folder}")
    return 0


def write_starter(folder: Path, stage: int, written: Iterable[str] = ()) -> None:
    """Write the starter of a stage into an empty folder; the parts in `written` are left whole."""
    for name in _contents(stage):
        _copy(PROJECT / name, folder / name)
    for name in FOLDERS[: stage - 1]:  # what the marks are for, the docs' quotes, stays at home
        _take_out_marks(folder / name)
    parts = [part for part in parts_of(stage) if part.name not in set(written)]
    blank_parts(folder, parts)
    _take_out_marks(folder / FOLDERS[stage - 1])
    points = _write_manifest(folder, stage)
    (folder / "README.md").write_text(_readme(stage, points), encoding="utf-8")


def blank_parts(folder: Path, parts: Iterable[Part]) -> None:
    """Leave the functions of these parts, in a copy of the reference, to the student."""
    for part in parts:
        for region in part.regions:
            file = folder / region.file
            source = file.read_text(encoding="utf-8")
            file.write_text(blanked(source, region, part), encoding="utf-8")


def _contents(stage: int) -> Iterator[str]:
    yield from SHARED
    yield from (f"grading/{name}" for name in GRADER)
    yield from FOLDERS[:stage]
    yield from (f"tests/stage{number}" for number in range(1, stage + 1))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=LEFT_OUT)
    else:
        shutil.copyfile(source, target)


def _take_out_marks(folder: Path) -> None:
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(without_marks(text), encoding="utf-8")


def _write_manifest(folder: Path, stage: int) -> Counter[str]:
    """Write the manifest of the stages that are in the starter; what each part is worth."""
    manifest = json.loads((PROJECT / "tests" / "manifest.json").read_text(encoding="utf-8"))
    manifest["maximum"] = {
        number: points for number, points in manifest["maximum"].items() if int(number) <= stage
    }
    manifest["tests"] = {
        name: test for name, test in manifest["tests"].items() if test["stage"] <= stage
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / "tests" / "manifest.json").write_text(text, encoding="utf-8")
    points: Counter[str] = Counter()
    for test in manifest["tests"].values():
        points[test["part"] or ""] += test["points"]
    return points


def _readme(stage: int, points: Mapping[str, float]) -> str:
    rows = [
        f"| {part.name}{' (bonus)' if part.bonus else ''} | {_files(part)} "
        f"| {points[part.name]:g} | “{part.section}” ({part.page}) |"
        for part in parts_of(stage)
    ]
    return "\n".join(
        [
            f"# Stage {stage}: your part",
            "",
            f"The folder `{FOLDERS[stage - 1]}` is complete but for the functions that say `TODO`.",
            "Each has a signature and a docstring, which say what it must do, and names the",
            "section of the walkthrough that explains it. Keep the names and signatures.",
            "",
            "| part | file | points | walkthrough |",
            "|---|---|---|---|",
            *rows,
            "",
            "## See where you are",
            "",
            "On Windows type `py` for `python3`. Every test of this stage:",
            "",
            "```sh",
            f"python3 course.py test tests/stage{stage} --stages={stage} --engines=loop",
            "```",
            "",
            "What it is worth:",
            "",
            "```sh",
            f"python3 course.py grade . --stage {stage}",
            "```",
            "",
            "Only one part, for instance the first one:",
            "",
            "```sh",
            f"python3 course.py grade . --part {parts_of(stage)[0].name}",
            "```",
            "",
            "Each part has tests of its own, so it brings points as soon as it is right. The other",
            "points are for the whole programs, once all parts work together.",
            "",
            "Try it by hand, each line in a terminal of its own:",
            "",
            "```sh",
            f"python3 course.py server {stage}",
            "```",
            "",
            "```sh",
            f"python3 course.py client {stage}",
            "```",
            "",
        ]
    )


def _files(part: Part) -> str:
    return ", ".join(dict.fromkeys(f"`{region.file}`" for region in part.regions))


if __name__ == "__main__":
    sys.exit(main())
