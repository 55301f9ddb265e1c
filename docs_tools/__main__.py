"""`course.py docs`: build the site and serve it, or one of the parts of that.

Without a subcommand the site is built (if the packages for that are there or can be had) and served
to this computer. `check` is what CI runs: a strict build, everything made anew and compared, the
tests in a browser.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from course_tools.environment import python_with
from course_tools.errors import CourseError
from course_tools.launch import course_command, hand_over, note
from course_tools.stages import PROJECT
from docs_tools.build import build
from docs_tools.serve import serve

SITE = PROJECT / "site"
STUDENT_SITE = PROJECT / "site-student"


def make_parser() -> argparse.ArgumentParser:
    """What follows `course.py docs`."""
    parser = argparse.ArgumentParser(
        prog="course.py docs", description="Build the documentation and show it in a browser."
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=["serve", "build", "regenerate", "check"],
        default="serve",
        help="serve (build it, then show it), build (leave it in a folder), regenerate (make what "
        "it shows from the real programs), check (what CI runs)",
    )
    parser.add_argument("--student", action="store_true", help="graded parts as starters show them")
    parser.add_argument("--into", type=Path, help="the folder to build; default: site")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at")
    parser.add_argument("--port", type=int, default=8000, help="port to serve at")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code."""
    site = (arguments.into or (STUDENT_SITE if arguments.student else SITE)).resolve()
    if arguments.what == "serve":
        _build_if_possible(site, arguments.student)
        return serve(site, arguments.host, arguments.port)
    python = python_with("images", "docs")
    if arguments.what == "build":
        return build(python, site, arguments.student)
    if arguments.what == "regenerate":
        return _run_module(python, "docs_tools.regenerate")
    python = python_with("images", "docs", "test", "browser")
    return _run_module(python, "pytest", "tests/docs")


def _build_if_possible(site: Path, student: bool) -> None:
    """Build the site; a built one will do where the packages can't be had. Raises CourseError."""
    try:
        code = build(python_with("images", "docs"), site, student)
    except CourseError as error:
        if not (site / "index.html").exists():
            raise
        note(f"course.py: {error}")
        note(f"Showing what was built before in {site}")
        return
    if code:
        raise CourseError("the site was not built; see above", exit_code=code)


def _run_module(python: Path, module: str, *arguments: str) -> int:
    os.chdir(PROJECT)
    return hand_over(python, ["-m", module, *arguments], show=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `course.py docs`."""
    try:
        return run(make_parser().parse_args(argv))
    except CourseError as error:
        note(f"{course_command('docs')}: {error}")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
