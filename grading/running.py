"""Run the tests on a submission, in child processes that cannot harm the grade.

Strategy: the submission is copied, so nothing in its own folder changes; the tests and, unless
asked otherwise, the earlier stages are the grader's. Several child processes share the files of
tests, since most tests wait; each is held within limits (see `child`).
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading import folders, kernel
from grading.child import Child
from grading.records import Run
from tests.support.display import XVFB, virtual_display
from tests.support.processes import crowding
from tests.support.submission import environment

SHARES = 4
SECONDS_A_STAGE = 300.0
"""On a computer with little else to do; longer on a busy one, as the tests' own waits are."""
DEADLINE = "--deadline=10"
"""How long a test waits. On CI the project's own waits are longer; a wrong program's all end so."""
SAME_LUCK = "--hypothesis-seed=0"
"""What is drawn at random is the same each time: the same work gets the same grade."""
NOT_COPIED = shutil.ignore_patterns(*folders.NOT_COPIED)


@dataclass(frozen=True, slots=True)
class Results:
    """The outcomes of all runs, and what is to be said of those that never took place."""

    runs: list[Run]
    missing: str
    seconds: float
    graders_fault: str = ""
    """Why the grader itself could not do its work: then there is no fair grade."""


def run_tests(
    submission: Path,
    stages: Sequence[int],
    *,
    own_earlier_stages: bool = False,
    part: str | None = None,
    selection: Sequence[str] = (),
    options: Sequence[str] = (),
    shares: int = SHARES,
) -> Results:
    """Run the tests of these stages on a copy of the submission.

    `selection` names files or tests in place of all of a stage, `part` a graded part; `options`
    are further ones of pytest. Unless `own_earlier_stages`, the stages before the one that is
    graded are the grader's own.
    """
    options = [*options, f"--earlier={'submission' if own_earlier_stages else 'reference'}"]
    options += [f"--part={part}"] if part else []
    began = time.monotonic()
    runs: list[Run] = []
    missing: list[str] = []
    faults: list[str] = []
    for stage in stages:
        replaced = [] if own_earlier_stages else FOLDERS[: stage - 1]
        with _copied(submission, replaced) as copy, _screen(stage) as variables:
            tests = [t for t in selection if f"tests/stage{stage}/" in t]
            arguments = [f"--submission={copy}", f"--stages={stage}", "--engines=loop", *options]
            arguments += [DEADLINE, SAME_LUCK, *(["--window"] if variables else [])]
            arguments += tests or [f"tests/stage{stage}"]
            for child in _ended(copy.parent, arguments, shares, variables):
                runs += child.runs
                missing += [child.what_went_wrong] if child.what_went_wrong else []
                faults += [child.what_went_wrong] if child.is_graders_fault else []
    why = missing[0] if missing else "it is not there"
    return Results(runs, why, time.monotonic() - began, faults[0] if faults else "")


def compile_tests() -> None:
    """Let pytest keep the tests in compiled form. The children may not write it, and without it
    each of them compiles the tests anew."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests"]
    nowhere = subprocess.DEVNULL
    subprocess.run(
        command, cwd=PROJECT, env=environment(), stdout=nowhere, stderr=nowhere, check=False
    )


def _ended(
    folder: Path, arguments: Sequence[str], shares: int, variables: dict[str, str]
) -> Iterator[Child]:
    """Start a child for each share; each once it has ended. None is left, whatever happens."""
    end = time.monotonic() + SECONDS_A_STAGE * crowding()
    with contextlib.ExitStack() as stack:
        children = []
        for number in range(shares):
            children.append(Child(folder, arguments, f"{number}/{shares}", variables))
            stack.callback(children[-1].end)
        for child in children:
            child.wait_until(end)
            yield child


@contextlib.contextmanager
def _copied(submission: Path, replaced: Sequence[str]) -> Iterator[Path]:
    """A copy of the submission, the folders in `replaced` taken from the grader's project."""
    folder = Path(tempfile.mkdtemp(prefix="graded-")).resolve()
    try:
        copy = folder / "submission"
        folders.copy(submission, copy)
        for name in replaced:
            if (PROJECT / name).is_dir():
                folders.remove(copy / name)
                shutil.copytree(PROJECT / name, copy / name, ignore=NOT_COPIED)
        yield copy
    finally:
        folders.remove(folder)


@contextlib.contextmanager
def _screen(stage: int) -> Iterator[dict[str, str]]:
    """A screen from outside, where the tests cannot start their own: that writes to /tmp."""
    if stage >= 2 and XVFB and kernel.can_confine():
        with virtual_display() as variables:
            yield variables
    else:
        yield {}
