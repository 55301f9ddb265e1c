"""`course.py grade DIR`: run the grader's own tests on a submission and say what it is worth.

Exit code 0 only with full marks, 1 with less, 2 when there is nothing to grade.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading import reports
from grading.running import run_tests
from grading.scores import Grade, grades, load_manifest, total

WARNING = (
    "This runs the submission's programs with your rights. For strangers' code use a container"
    " or a computer of its own; set CI=1 to leave this note out."
)

HAS_GALLERY = Path(__file__).with_name("gallery.py").is_file()


def main() -> int:
    """Read the command line, grade, report."""
    arguments = _parser().parse_args()
    if arguments.folder is None:
        from grading.gallery import self_check  # a starter has no gallery

        return self_check(arguments.stage)
    submission = arguments.folder.resolve()
    manifest = load_manifest()
    present = [n for n, name in enumerate(FOLDERS, start=1) if (submission / name).is_dir()]
    stages = [arguments.stage] if arguments.stage else _with_points(manifest["maximum"], present)
    if not present or not stages:
        folder = FOLDERS[arguments.stage - 1 if arguments.stage else 0]
        print(f"course.py grade: there is no {folder} in {submission}", file=sys.stderr)
        return 2
    if str(stages[0]) not in manifest["maximum"]:
        print(f"course.py grade: no test of stage {stages[0]} has points yet", file=sys.stderr)
        return 2
    if submission != PROJECT and not os.environ.get("CI"):
        print(WARNING, file=sys.stderr, flush=True)
    results = run_tests(submission, stages, own_earlier_stages=arguments.earlier == "submission")
    graded = grades(manifest, stages, results.runs, results.missing)
    _report(graded, results.seconds, arguments)
    score, maximum = total(graded)
    return 0 if score == maximum else 1


def _with_points(maximum: dict[str, float], present: Sequence[int]) -> list[int]:
    return [stage for stage in present if str(stage) in maximum]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py grade",
        description="Run the tests on a submission and say what it is worth."
        " Exit code 0 only with full marks.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the submission")
    if HAS_GALLERY:
        what.add_argument(
            "--self-check", action="store_true", help="grade the known mistakes: is each found?"
        )
    parser.add_argument("--stage", type=int, choices=range(1, 5), metavar="N", help="only this one")
    parser.add_argument(
        "--earlier",
        choices=["reference", "submission"],
        default="reference",
        help="whose stages lie below the graded one (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write Gradescope's results")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    return parser


def _report(graded: Sequence[Grade], seconds: float, arguments: argparse.Namespace) -> None:
    score, maximum = total(graded)
    if text := reports.feedback(graded):
        print(text, end="\n\n")
    print(reports.table(graded))
    print(f"{score:g} of {maximum:g} points, graded in {seconds:.0f} s")
    if arguments.json:
        reports.write_json(arguments.json, reports.gradescope(graded, seconds))
    if arguments.junit:
        arguments.junit.write_text(reports.junit(graded), encoding="utf-8")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(reports.step_summary(graded))


if __name__ == "__main__":
    sys.exit(main())
