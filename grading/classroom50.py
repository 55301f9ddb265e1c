"""Write the tests of a Classroom 50 assignment: `python3 -m grading.classroom50 FILE --stage 1`.

One test for each graded part and each topic of the stage, with its points from the manifest. A
test passes with exit code 0, that is with full marks for its part, so small tests are fair ones.
Source: github.com/foundation50/classroom50, wiki "Autograding Basics" (fields, limits) and
schemas/tests-v1.schema.json; the file is the bare array that `--tests` and `test set` take.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grading.reports import Row, rows
from grading.scores import grades, load_manifest

SECONDS = 400
"""For a setup and for a run; Classroom 50 allows up to 600. The grader itself ends after 300."""
COPY = '"$RUNNER_TEMP/grader"'
"""Where the grader lies when it does not come from the student: outside the student's folder."""


def main() -> int:
    """Read the command line, write the file."""
    parser = argparse.ArgumentParser(
        prog="python3 -m grading.classroom50",
        description="Write the tests of a Classroom 50 assignment.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the JSON file to write")
    parser.add_argument("--stage", type=int, choices=range(1, 5), required=True, metavar="N")
    parser.add_argument(
        "--repository",
        metavar="URL",
        default="",
        help="your copy of the course, to grade with; default: the copy in the student's folder",
    )
    parser.add_argument(
        "--ref", metavar="COMMIT", default="HEAD", help="its commit or tag (default: %(default)s)"
    )
    arguments = parser.parse_args()
    try:
        tests = assignment(arguments.stage, load_manifest(), arguments.repository, arguments.ref)
    except ValueError as error:
        print(f"grading.classroom50: {error}", file=sys.stderr)
        return 1
    arguments.file.write_text(as_json(tests), encoding="utf-8", newline="\n")
    total = sum(test["points"] for test in tests)
    print(f"{arguments.file}: {len(tests)} tests, {total} points")
    return 0


def assignment(
    stage: int, manifest: Mapping[str, Any], repository: str = "", ref: str = "HEAD"
) -> list[dict[str, Any]]:
    """The tests of a stage. Raises ValueError where Classroom 50 could not take them."""
    return [_test(row, repository, ref) for row in rows(grades(manifest, [stage], [], ""))]


def _test(row: Row, repository: str, ref: str) -> dict[str, Any]:
    kind = "part" if row.is_part else "topic"
    course = f"{COPY}/course.py" if repository else "course.py"
    return {
        "name": f"{kind} {row.name}{' (bonus)' if _is_bonus(row) else ''}",
        "type": "run",
        "setup": _setup(repository, ref),
        "run": f"python3 {course} grade . --stage {row.stage} --{kind} {row.name}",
        "timeout": SECONDS,
        "points": _points(row),
    }


def _setup(repository: str, ref: str) -> str:
    """Fetch the grader once, and the packages it needs."""
    if not repository:
        return "python3 course.py grade --help"
    fetch = (
        f"git init -q {COPY}"
        f" && git -C {COPY} fetch -q --depth 1 {shlex.quote(repository)} {shlex.quote(ref)}"
        f" && git -C {COPY} checkout -q FETCH_HEAD"
    )
    return f"test -e {COPY}/course.py || ({fetch}) && python3 {COPY}/course.py grade --help"


def _is_bonus(row: Row) -> bool:
    return any(grade.bonus for grade in row.grades)


def _points(row: Row) -> int:
    points = sum(grade.maximum + grade.bonus for grade in row.grades)
    if points != int(points):
        raise ValueError(f"{row.name} has {points:g} points; Classroom 50 takes whole ones only")
    return int(points)


def as_json(tests: Sequence[Mapping[str, Any]]) -> str:
    """The content of the file."""
    return json.dumps(tests, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
