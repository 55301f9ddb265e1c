"""`course.py grade DIR`: run the grader's own tests on a submission and say what it is worth.

Exit code 0 only with full marks, 1 with less, 2 when there is nothing to grade, 3 when the grader
itself could not do its work.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_tools.stages import FOLDERS, PROJECT
from grading import kernel, report_files, reports
from grading.folders import SubmissionError
from grading.running import run_tests
from grading.scores import Grade, grades, has_full_marks, load_manifest

WARNING = (
    "This runs the submission's programs with your rights. For strangers' code add"
    " --container docker (or podman), or use a computer of its own; CI=1 leaves this note out."
)

HAS_GALLERY = Path(__file__).with_name("gallery.py").is_file()
"""Whether this is the course: what students begin with has no gallery, and grades no class."""


def main() -> int:
    """Read the command line, grade, report."""
    parser = _parser()
    arguments = parser.parse_args()
    if HAS_GALLERY and _is_for_instructors(parser, arguments):
        return _grade_for_instructors(arguments)
    if arguments.folder is None:
        from grading.self_check import self_check  # a starter has no gallery

        return self_check(arguments.stage, arguments.jobs or os.cpu_count() or 2, arguments.fast)
    try:
        return _grade(arguments)
    except SubmissionError as error:
        print(f"course.py grade: {error}", file=sys.stderr)
        return 2


def _grade(arguments: argparse.Namespace) -> int:
    """Grade one submission and report; the exit code. SubmissionError: nothing can be graded."""
    submission = arguments.folder.resolve()
    manifest = load_manifest()
    stages = _stages_to_grade(manifest, submission, arguments)
    _warn_of(submission)
    kernel.hide_from_own_user()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with everything cleaned up
    results = run_tests(
        submission,
        stages,
        own_earlier_stages=arguments.earlier == "submission",
        part=arguments.part,
        selection=[_file_of(arguments)] if arguments.topic else [],
    )
    if results.graders_fault:
        print(f"course.py grade: there is no fair grade: {results.graders_fault}", file=sys.stderr)
        return 3
    graded = grades(manifest, stages, results.runs, results.missing, arguments.part)
    if arguments.topic:
        graded = [g for g in graded if not g.part and reports.row_name(g) == arguments.topic]
    _report(graded, results.seconds, arguments)
    _print_likeness(submission, max(stages))
    return 0 if has_full_marks(graded) else 1


def _stages_to_grade(
    manifest: dict[str, Any], submission: Path, arguments: argparse.Namespace
) -> list[int]:
    """Which stages the command line means, and are there; a part's stage is set on the way."""
    if arguments.part:
        arguments.stage = _stage_of_part(manifest, arguments.part)
    if arguments.topic and not _has_topic(manifest, arguments):
        raise SubmissionError(f"no topic {arguments.topic!r}; see the table")
    present = [n for n, name in enumerate(FOLDERS, start=1) if (submission / name).is_dir()]
    stages = [arguments.stage] if arguments.stage else _with_points(manifest["maximum"], present)
    if not set(stages) & set(present):
        folder = FOLDERS[arguments.stage - 1 if arguments.stage else 0]
        raise SubmissionError(f"there is no {folder} in {submission}")
    return stages


def _print_likeness(submission: Path, stage: int) -> None:
    if HAS_GALLERY:
        from grading import likeness  # a starter has no reference to be equal to

        if note := likeness.note(submission, stage):
            print(note)


def _is_for_instructors(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> bool:
    from grading import class_options

    class_options.check(parser, arguments)
    return bool(arguments.all or arguments.container)


def _grade_for_instructors(arguments: argparse.Namespace) -> int:
    from grading import class_options

    if not arguments.container:
        _warn_of(arguments.all)
    return class_options.run(arguments)


def _warn_of(submission: Path) -> None:
    """Say once that strangers' programs will run, unless a machine grades, or a student."""
    if submission != PROJECT and not os.environ.get("CI"):
        print(WARNING, file=sys.stderr, flush=True)


def _stage_of_part(manifest: dict[str, Any], part: str) -> int:
    stages = {test["part"]: test["stage"] for test in manifest["tests"].values() if test["part"]}
    if part not in stages:
        raise SubmissionError(f"no part {part!r}; known: {', '.join(stages)}")
    return int(stages[part])


def _file_of(arguments: argparse.Namespace) -> str:
    """The file of tests of a topic."""
    return f"tests/stage{arguments.stage}/test_{arguments.topic}.py"


def _has_topic(manifest: dict[str, Any], arguments: argparse.Namespace) -> bool:
    """Whether the stage has tests of the whole program in the topic's file."""
    start = _file_of(arguments).removeprefix("tests/") + "::"
    return any(n.startswith(start) and not t["part"] for n, t in manifest["tests"].items())


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
            "--self-check",
            action="store_true",
            help="grade the grader: by the reference, the starters and the known mistakes",
        )
        from grading import class_options

        class_options.add_options(parser, what)
    parser.add_argument("--stage", type=int, choices=range(1, 5), metavar="N", help="only this one")
    row = parser.add_mutually_exclusive_group()
    row.add_argument("--part", metavar="NAME", help="only this graded part, such as framing")
    row.add_argument(
        "--topic", metavar="NAME", help="only this topic of the stage, such as shutdown"
    )
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
    if text := reports.feedback(graded):
        print(text, end="\n\n")
    print(reports.table(graded))
    print(f"{reports.points(graded)} points, graded in {seconds:.0f} s")
    if arguments.json:
        report_files.write_json(arguments.json, report_files.gradescope(graded, seconds))
    if arguments.junit:
        report_files.write_junit(arguments.junit, graded)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        report_files.add_step_summary(Path(summary), graded)


if __name__ == "__main__":
    sys.exit(main())
