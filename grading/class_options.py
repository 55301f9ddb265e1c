"""The options of `course.py grade` that only those need who grade others: a class, a container."""

import argparse
import sys
from pathlib import Path
from typing import Any

from grading import classroom, container


def add_options(parser: argparse.ArgumentParser, what: Any) -> None:
    """Add them; `what` is the group of those that say what is to be graded."""
    what.add_argument(
        "--all",
        type=Path,
        metavar="FOLDER",
        help="grade a class: the folders or zip files in it, as Moodle or Canvas export them",
    )
    group = parser.add_argument_group("a class (with --all)")
    group.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="write a row for each submission; beside it what each student is to read, and how"
        " many failed each test",
    )
    group.add_argument(
        "--jobs",
        type=_positive,
        metavar="N",
        help="so many at a time (default: 1; with --self-check: as many as there are cores)",
    )
    group.add_argument(
        "--resume", action="store_true", help="go on after an interruption: keep what is done"
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="with --self-check: the known mistakes only by the tests that must find them",
    )
    parser.add_argument(
        "--container",
        choices=container.ENGINES,
        help="grade in a container: no network, bounded memory, nothing of yours within reach",
    )


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a message when the options do not go together."""
    if arguments.fast and not arguments.self_check:
        parser.error("--fast goes with --self-check")
    if arguments.all is None:
        for name in ("csv", "jobs", "resume"):
            if getattr(arguments, name) and not (name == "jobs" and arguments.self_check):
                parser.error(f"--{name} goes with --all FOLDER")
    elif arguments.csv is None:
        parser.error("--all needs --csv FILE, for the points")
    else:
        for name in ("part", "topic", "json", "junit"):
            if getattr(arguments, name):
                parser.error(f"--{name} is for a single submission, not for --all")
    if arguments.container and arguments.folder is None and arguments.all is None:
        parser.error("--container needs a submission: DIR or --all FOLDER")


def run(arguments: argparse.Namespace) -> int:
    """Grade a class, or a submission in a container; the exit code."""
    arguments.jobs = arguments.jobs or 1
    engine = None
    if arguments.container:
        try:
            engine = container.engine_named(arguments.container, arguments.jobs)
        except container.EngineError as error:
            print(f"course.py grade: {error}", file=sys.stderr)
            return 2
    if arguments.all is None:
        assert engine is not None
        files = [file for file in (arguments.json, arguments.junit) if file]
        submission = arguments.folder.resolve()
        return container.grade_one(engine, submission, _handed_on(arguments), files)
    if engine is None:
        return classroom.grade_all(arguments)
    return classroom.grade_all(arguments, lambda *where: container.wrap(engine, *where))


def _handed_on(arguments: argparse.Namespace) -> list[str]:
    """The options of a single submission, for the grader in the container."""
    options = []
    for name in ("stage", "part", "topic", "earlier"):
        if (value := getattr(arguments, name)) is not None:
            options.append(f"--{name}={value}")
    for name in ("json", "junit"):
        if file := getattr(arguments, name):
            options.append(f"--{name}=/results/{file.name}")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
