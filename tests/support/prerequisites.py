"""A test that needs what another test has found missing is skipped, and says so.

One mistake must not look like forty. So for each stage there is one test without which no test of a
whole program can tell anything; it runs first. Tests of a graded part stand alone and always run.
Failures are noted as files, so that several pytest processes that share the work know of them.
"""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.grading import id_of, part_of, stage_of
from tests.support.submission import ENGINES

PREREQUISITES = {
    1: "stage1/test_framing.py::test_a_line_reaches_the_others",
    2: "stage2/test_server.py::test_a_message_carries_the_nickname",
    3: "stage3/test_exchange.py::test_an_image_goes_round",
    4: "stage4/test_get.py::test_one_file",
}
"""Stage → the test that all others of its whole programs need."""

_FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The prerequisites come first."""
    items.sort(key=lambda item: id_of(item) not in PREREQUISITES.values())


@pytest.fixture(autouse=True)
def prerequisite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip a test when what it needs has failed."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # one process of several (pytest-xdist)
        folder = folder.parent
    request.config.stash[_FOLDER] = folder
    needed = PREREQUISITES.get(stage_of(request.node) or 0, "")
    if not needed or part_of(request.node) or id_of(request.node) == needed:
        return
    if (folder / _note(request.node, needed)).exists():
        pytest.skip(f"needs {needed.partition('::')[2]}, which failed: mend that first")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which prerequisites have failed."""
    report = yield
    if report.failed and id_of(item) in PREREQUISITES.values() and _FOLDER in item.config.stash:
        (item.config.stash[_FOLDER] / _note(item, id_of(item))).touch()
    return report


def _note(item: pytest.Item, needed: str) -> str:
    """The name of the file that says that a test has failed on an item's stage and engine."""
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params if callspec is not None else {}
    stage = parameters.get("stage", stage_of(item))
    engine = parameters.get("engine", ENGINES[0])
    return f"failed {needed.partition('::')[2]} stage{stage} {engine}"
