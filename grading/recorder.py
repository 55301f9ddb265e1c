"""A pytest plugin: run what carries points, prerequisites first, and tell the grader the outcomes.

The outcomes go through a pipe that only the grader's own process has (see `records`).
"""

import os
from collections.abc import Generator

import pytest

from grading import kernel, records
from grading.records import Run
from tests.support.grading import id_of, part_of, points_of
from tests.support.report import TOLD

PIPE = "COURSE_GRADING_PIPE"
SHARE = "COURSE_GRADING_SHARE"
"""Which share of the test files this process runs, as `0/4`; each runs the prerequisites."""
LONGEST_EXPLANATION = 20_000
_KEY = os.read(0, records.KEY_SIZE) if PIPE in os.environ else b""
"""Read this early, since pytest puts another standard input into its place."""


class Recorder:
    """Chooses the runs that carry points and writes down their outcomes."""

    def __init__(self, pipe: int, key: bytes, share: str) -> None:
        self._pipe, self._key = pipe, key
        self._share, self._shares = map(int, share.split("/"))
        self._seconds: dict[str, float] = {}
        self._bad: dict[str, Run] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep what carries points; the prerequisites come first."""
        # Not on top: pytest must see it first as a plugin, to rewrite its assertions.
        from tests.support.prerequisites import PREREQUISITES

        first = [item for item in items if id_of(item) in PREREQUISITES.values()]
        others = [item for item in items if points_of(item) and item not in first]
        files = {path: n for n, path in enumerate(sorted({item.path for item in others}))}
        mine = [item for item in others if files[item.path] % self._shares == self._share]
        if self._share == 0 or any(part_of(item) is None for item in mine):
            mine = [item for item in first if points_of(item)] + mine
        config.hook.pytest_deselected(items=[item for item in items if item not in set(mine)])
        items[:] = mine

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
            records.write(self._pipe, self._key, run)


def _explanation(report: pytest.TestReport) -> str:
    """What the student reads: the failure's own words, not pytest's view of the test's code."""
    if isinstance(report.longrepr, tuple):  # a skip: file, line, reason
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    text = getattr(report, TOLD, text)
    if len(text) > LONGEST_EXPLANATION:
        half = LONGEST_EXPLANATION // 2
        text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    return str(text)


def pytest_configure(config: pytest.Config) -> None:
    """Record when the grader has started these tests."""
    if pipe := os.environ.pop(PIPE, ""):
        kernel.hide_from_own_user()  # the submission's programs: they could look for the key
        recorder = Recorder(records.opened(pipe), _KEY, os.environ.pop(SHARE, "0/1"))
        config.pluginmanager.register(recorder, "grading-recorder")
