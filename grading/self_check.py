"""`course.py grade --self-check`: the grader is graded.

The reference must get full marks, the starter of each stage none for that stage, and each wrong
program of the gallery must fail the tests meant for it and lose points within its range. Several
are graded at a time, since most tests wait; one line tells of each, in order.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading.gallery import GalleryError, Mistake, grade_mistake, lost, mistakes
from grading.running import compile_tests, run_tests
from grading.scores import Grade, grades, has_full_marks, load_manifest, total
from grading.starter import write_starter


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one program, and what is wrong with how it was graded."""

    line: str
    complaints: tuple[str, ...] = ()


Check = Callable[[], Finding]


def self_check(stage: int | None, jobs: int, fast: bool) -> int:
    """Grade what is known; a line for each. The exit code: 0 when all is as it should be.

    `fast`: the wrong programs only by the tests that they must fail.
    """
    compile_tests()
    checks = list(checks_of(stage, fast))
    bad = 0
    for finding in findings(checks, jobs):
        bad += bool(finding.complaints)
        print(f"{'✗' if finding.complaints else '✓'} {finding.line}", flush=True)
        for complaint in finding.complaints:
            print(f"    {complaint}", flush=True)
    print(f"{bad} of {len(checks)} are not as they should be" if bad else f"All {len(checks)} fit")
    return 1 if bad else 0


def checks_of(stage: int | None, fast: bool) -> Iterator[Check]:
    """All that is to be graded, the reference first."""
    stages = [stage] if stage else list(range(1, len(FOLDERS) + 1))
    for number in stages:
        yield partial(check_reference, number)
    for number in stages:
        yield partial(check_starter, number)
    for mistake in mistakes(stage):
        yield partial(check_mistake, mistake, fast)


def findings(checks: Sequence[Check], jobs: int) -> Iterator[Finding]:
    """Run the checks, so many at a time; what each has found, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(check) for check in checks]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def check_reference(stage: int) -> Finding:
    """The reference gets full marks."""
    graded = _graded(PROJECT, stage)
    complaints = () if has_full_marks(graded) else tuple(_lost_by(graded))
    return Finding(f"reference, stage {stage}: {_points(graded)}", complaints)


def check_starter(stage: int) -> Finding:
    """Who has written nothing yet gets nothing, and a reason for each test."""
    with tempfile.TemporaryDirectory(prefix="starter-") as folder:
        write_starter(Path(folder), stage)
        graded = _graded(Path(folder), stage)
    complaints = [f"{grade.name} has given points" for grade in graded if grade.score]
    missing = {g.explanation.strip() for g in graded if g.outcome == "missing"}
    complaints += sorted(missing)[:1]  # what stops one stops many
    return Finding(f"starter, stage {stage}: {_points(graded)}", tuple(complaints))


def check_mistake(mistake: Mistake, fast: bool) -> Finding:
    """A wrong program is found out."""
    line = f"row {mistake.row:>2}, stage {mistake.stage}"
    with contextlib.suppress(GalleryError):
        graded = grade_mistake(mistake, only_triggers=fast)
        complaints = mistake.missed(graded) if fast else mistake.complaints(graded)
        cost = "" if fast else f" costs {lost(graded):g} points"
        return Finding(f"{line}{cost}: {mistake.what}", tuple(complaints))
    return Finding(f"{line}: {mistake.what}", ("its old lines are not in the reference any more",))


def _graded(submission: Path, stage: int) -> list[Grade]:
    results = run_tests(submission, [stage], shares=1)
    return grades(load_manifest(), [stage], results.runs, results.missing)


def _points(graded: Sequence[Grade]) -> str:
    score, maximum = total(graded)
    return f"{score:g} of {maximum:g} points"


def _lost_by(graded: Sequence[Grade]) -> Iterator[str]:
    return (
        f"{grade.name} {grade.outcome}: {grade.explanation.strip().splitlines()[-1]}"
        for grade in graded
        if grade.outcome != "passed"
    )
