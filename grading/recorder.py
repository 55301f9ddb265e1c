"""A pytest plugin: run what carries points, prerequisites first, and tell the grader the outcomes.

The outcomes go through a pipe that only the grader's own process has: programs of a submission
inherit nothing of it. A test whose prerequisite failed is skipped and says so: one mistake in
framing must not look like forty.
"""

import json
import os
from collections.abc import Generator
from dataclasses import asdict, dataclass

import pytest

from tests.support.grading import id_of, points_of, stage_of

PIPE = "COURSE_GRADING_PIPE"
SHARE = "COURSE_GRADING_SHARE"
"""Which share of the test files this process runs, as `0/4`; each runs the prerequisites."""
LONGEST_EXPLANATION = 20_000

PREREQUISITES = {
    1: "stage1/test_framing.py::test_a_line_reaches_the_others",
    3: "stage3/test_exchange.py::test_an_image_goes_round",
}
"""Stage → the test without which no test that talks to a whole program can tell anything."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a test: which, how it ended, and what the student reads about it."""

    test: str
    name: str
    outcome: str
    seconds: float
    explanation: str = ""


class Recorder:
    """Chooses the runs that carry points and writes their outcomes as JSON lines."""

    def __init__(self, pipe: int, share: str) -> None:
        self._pipe = pipe
        self._share, self._shares = map(int, share.split("/"))
        self._failed: set[str] = set()
        self._seconds: dict[str, float] = {}
        self._bad: dict[str, Run] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep what carries points; the prerequisites come first."""
        first = [item for item in items if id_of(item) in PREREQUISITES.values()]
        others = [item for item in items if points_of(item) and item not in first]
        files = {path: n for n, path in enumerate(sorted({item.path for item in others}))}
        mine = [item for item in others if files[item.path] % self._shares == self._share]
        kept = [item for item in first if points_of(item)] + mine
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip what cannot succeed. Parts that are tried alone depend on nothing."""
        needed = PREREQUISITES.get(stage_of(item) or 0, "")
        is_alone = "observer" in getattr(item, "fixturenames", ())
        if needed in self._failed and not is_alone:
            pytest.skip(f"needs {needed.partition('::')[2]}, which failed: mend that first")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take down the outcome of each phase; after the last one, tell it."""
        report = yield
        self._note(item, report)
        return report

    def _note(self, item: pytest.Item, report: pytest.TestReport) -> None:
        name = item.nodeid
        self._seconds[name] = self._seconds.get(name, 0.0) + report.duration
        if not report.passed and name not in self._bad:
            self._bad[name] = Run(id_of(item), name, report.outcome, 0.0, _explanation(report))
        if report.when == "teardown":
            seconds = self._seconds.pop(name)
            run = self._bad.pop(name, None) or Run(id_of(item), name, "passed", seconds)
            if run.outcome == "failed":
                self._failed.add(run.test)
            self._tell(run)

    def _tell(self, run: Run) -> None:
        line = json.dumps(asdict(run)).encode() + b"\n"
        while line:
            line = line[os.write(self._pipe, line) :]


def _explanation(report: pytest.TestReport) -> str:
    """What the student reads: the failure's own words, not pytest's view of the test's code."""
    if isinstance(report.longrepr, tuple):  # a skip: file, line, reason
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    if len(text) > LONGEST_EXPLANATION:
        half = LONGEST_EXPLANATION // 2
        text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    return str(text)


def pytest_configure(config: pytest.Config) -> None:
    """Record when the grader has started these tests."""
    if pipe := os.environ.pop(PIPE, ""):
        recorder = Recorder(int(pipe), os.environ.pop(SHARE, "0/1"))
        config.pluginmanager.register(recorder, "grading-recorder")
