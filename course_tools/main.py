"""course.py's commands: one function each, found by name in one table.

What follows a command belongs to the program that it starts and is handed on as it is.
"""

import difflib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from course_tools import packages, samples
from course_tools.demo.play import run_demo
from course_tools.environment import python_with
from course_tools.errors import CourseError
from course_tools.launch import course_command, hand_over, note, program_arguments, run_tool
from course_tools.stages import PROJECT, newest_stage, stage_named, stages_here
from course_tools.system_packages import cure_for_tkinter

WAITING_TESTS_A_CORE = 2


@dataclass(frozen=True, slots=True)
class Command:
    """What a command is called, what follows it, what it does and the function that does it."""

    name: str
    arguments: str
    what: str
    run: Callable[[list[str]], int]


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that a module of the project carries out, and the packages which that needs.

    It is offered where its module is: what students begin with has fewer tools.
    """

    name: str
    arguments: str
    what: str
    module: str
    groups: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether the module is in this copy of the project."""
        path = PROJECT.joinpath(*self.module.split("."))
        return path.with_suffix(".py").exists() or (path / "__main__.py").exists()

    def run(self, arguments: list[str]) -> int:
        """Hand the arguments over to the module."""
        python = python_with(*self.groups) if self.groups else sys.executable
        return run_tool(python, self.module, arguments)


TOOLS = [
    Tool("grade", "DIR [OPTION …]", "grade a submission", "grading.grade", ("images", "test")),
    Tool("starter", "DIR --stage N", "write what students begin with", "grading.starter"),
    Tool("docs", "[build]", "show the documentation; build it", "docs_tools"),
    Tool("bench", "[NAME …]", "measure the speed", "benchmarks", ("images",)),
    Tool("lint", "", "check style and types", "course_tools.lint", ("images", "test", "lint")),
]


def main(arguments: list[str]) -> int:
    """Run the command in `arguments`; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return _run(arguments)
    except CourseError as error:
        note(f"course.py: {error}")
        return error.exit_code


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_help())
        return 0
    name, *rest = arguments
    commands = {command.name: command for command in _commands()}
    if name not in commands:
        close = difflib.get_close_matches(name, commands, n=1)
        meant = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(commands)}"
        raise CourseError(f"there is no command {name!r}; {meant}", exit_code=2)
    return commands[name].run(rest)


def _help() -> str:
    rows = [(f"{c.name} {c.arguments}".strip(), c.what) for c in _commands()]
    width = max(len(left) for left, _ in rows) + 2
    lines = [f"  {left:<{width}}{right}" for left, right in rows]
    stages = [f"  {stage.number}  {stage.folder}" for stage in stages_here()]
    return "\n".join(
        [
            f"usage: {course_command('COMMAND')}",
            "",
            "Network programming in stages. Begin with: demo",
            "",
            *lines,
            "",
            "stages:",
            *stages,
            "",
            "What follows a command is handed on: server 1 --help tells that program's options.",
        ]
    )


def run_server(arguments: list[str]) -> int:
    """Start the server of a stage, its empty libraries filled with samples."""
    stage, rest = stage_named(_first("server", arguments)), arguments[1:]
    python = python_for_stage(stage.number)
    if not {"-h", "--help"} & set(rest):
        samples.fill_empty_libraries(stage, rest)
    return hand_over(python, [*program_arguments(stage, "server"), *rest])


def run_client(arguments: list[str]) -> int:
    """Start the client of a stage."""
    stage, rest = stage_named(_first("client", arguments)), arguments[1:]
    options = {argument.partition("=")[0] for argument in rest}
    opens_window = stage.number >= 2 and not {"--console", "--get", "-h", "--help"} & options
    if opens_window and (cure := cure_for_tkinter()):
        again = course_command("client", str(stage.number), "--console", *rest)
        raise CourseError(
            f"this Python has no tkinter, which the window needs: {cure}\n"
            f"The same in the terminal, without it: {again}"
        )
    return hand_over(python_for_stage(stage.number), [*program_arguments(stage, "client"), *rest])


def python_for_stage(number: int) -> str:
    """The Python to run a stage with: from stage 3 on one with Pillow, if it can be had."""
    if number < 3 or packages.this_python_has("images"):
        return sys.executable
    try:
        return str(python_with("images"))
    except CourseError as error:
        note(f"course.py: {error}")
        note("Going on without Pillow: images are refused, everything else works.")
        return sys.executable


def run_tests(arguments: list[str]) -> int:
    """Run the tests: without --all those that are quick."""
    chosen = [] if "--all" in arguments else ["-m", "not slow"]
    rest = [argument for argument in arguments if argument != "--all"]
    if not rest:  # most tests wait for programs to start and answer: several can wait at a time
        chosen += ["-n", str(WAITING_TESTS_A_CORE * (os.cpu_count() or 1)), "--dist", "worksteal"]
    python = python_with("images", "test")
    os.chdir(PROJECT)
    return hand_over(python, ["-m", "pytest", *chosen, *rest])


def _first(command: str, arguments: list[str]) -> str:
    """The number after `server` or `client`."""
    if not arguments or arguments[0].startswith("-"):
        newest = str(newest_stage().number)
        example = course_command(command, newest)
        raise CourseError(f"say which stage, for example: {example}", exit_code=2)
    return arguments[0]


def _commands() -> list[Command | Tool]:
    return [
        Command("demo", "", "see everything at work, each step checked", run_demo),
        Command("server", "N [OPTION …]", "start the server of stage N", run_server),
        Command("client", "N [OPTION …]", "start the client of stage N", run_client),
        Command("test", "[--all] [OPTION …]", "run the tests; options are pytest's", run_tests),
        *(tool for tool in TOOLS if tool.is_here),
    ]
