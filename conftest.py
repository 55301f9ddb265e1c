"""The tests' options and what the marks `stage`, `window` and `hint` mean.

`pytest --submission=DIR` runs the same tests on another folder. A test marked `stage(n)` runs on
every stage since n that exists there, and on both engines; `stage(n, until=m)` ends at stage m,
`stage(n, clients=c)` runs with the clients of the stages since c.
"""

import json
import os
import random
import signal
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.grading import manifest, part_of
from tests.support.processes import Deadline
from tests.support.submission import ENGINES, FOLDERS, PROJECT, Submission

pytest_plugins = [
    "tests.support.fixtures",
    "tests.support.plain_words",
    "tests.support.prerequisites",
]

ABOUT_NO_STAGE = {"benchmarks", "grading"}
"""Folders of tests that `course.py test` leaves to CI: who writes a stage changes nothing there."""
DEADLINE = 10.0
DEADLINE_ON_CI = 45.0  # its machines are slow at times; pytest-timeout's patience is longer still


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options. Each takes `--name=value`."""
    group = parser.getgroup("course")
    group.addoption("--submission", default=str(PROJECT), help="the folder to test; default: this")
    group.addoption("--stages", default="1,2,3,4", help="only these stages' programs")
    group.addoption("--part", help="only the tests of this graded part")
    group.addoption(
        "--earlier",
        choices=["reference", "submission"],
        default="reference",
        help="whose stages lie below a part that is tried alone",
    )
    group.addoption("--engines", default=",".join(ENGINES), help="only these of: loop,threads")
    group.addoption("--window", action="store_true", help="open windows on the real screen")
    group.addoption(
        "--deadline",
        type=float,
        default=DEADLINE_ON_CI if os.environ.get("CI") else DEADLINE,
        help="seconds that a test waits for what must come",
    )
    group.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in a random order")
    group.addoption(
        "--write-manifest", metavar="FILE", help="write which test gives how many points"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take over the options that plain modules need."""
    Deadline.default = config.getoption("deadline")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a script's `&`: programs inherit that
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """On a busy computer, everything may take longer."""
    Deadline.adapt(item.config.getoption("deadline"), item.session.testsfailed)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on each stage and engine that it is about."""
    names = [name for name in ("stage", "engine") if name in metafunc.fixturenames]
    if names:
        metafunc.parametrize(tuple(names), tuple(_runs(metafunc, names)))
    if "client_stage" in metafunc.fixturenames:
        first = _stage_mark(metafunc.definition).kwargs.get("clients", 1)
        clients = [stage for stage in selected_stages(metafunc.config) if stage >= first]
        metafunc.parametrize("client_stage", clients, ids=[f"client{stage}" for stage in clients])


def _runs(metafunc: pytest.Metafunc, names: Sequence[str]) -> Iterator[Any]:
    since, until = stages_of(metafunc.definition)
    existing = selected_stages(metafunc.config)
    engines = metafunc.config.getoption("engines").split(",")

    def is_for_every_day(stage: int, engine: str) -> bool:
        """Whether it is the test's own stage, or a repeat that is quick: on the event loop, the
        matrix of clients and servers, and what shares the newest stage's running server."""
        if engine != ENGINES[0]:
            return since == stage == 1 and "client_stage" not in metafunc.fixturenames
        is_quick = stage == existing[-1] and "server" in metafunc.fixturenames
        return stage == since or is_quick or "client_stage" in metafunc.fixturenames

    for stage in (stage for stage in existing if since <= stage <= until):
        for engine in engines if "engine" in names else engines[:1]:
            values = {"stage": stage, "engine": engine}
            yield pytest.param(
                *(values[name] for name in names),
                id=f"stage{stage}-{engine}",
                marks=[] if is_for_every_day(stage, engine) else [pytest.mark.slow],
            )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not for this run: other stages' tests that have no stage as their
    parameter, other parts' and, where another folder is tested, those of our own insides."""
    stages, part = set(selected_stages(config)), config.getoption("part")
    is_ours = Path(config.getoption("submission")).resolve() == PROJECT
    for item in items:
        if item.path.parent.name in ABOUT_NO_STAGE:
            item.add_marker(pytest.mark.slow)
    kept = [
        item
        for item in items
        if _is_selected(item, stages)
        and part in {None, part_of(item)}
        and (is_ours or item.get_closest_marker("insides") is None)
    ]
    config.hook.pytest_deselected(items=list(set(items).difference(kept)))
    items[:] = kept
    if (seed := config.getoption("shuffle")) is not None:
        random.Random(seed).shuffle(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the manifest, if asked for."""
    if file := session.config.getoption("write_manifest"):
        text = json.dumps(manifest(session.items), indent=1, ensure_ascii=False)
        Path(file).write_text(text + "\n", encoding="utf-8")


def selected_stages(config: pytest.Config) -> list[int]:
    """The stages that exist in the submission and are asked for."""
    wanted = {int(stage) for stage in config.getoption("stages").split(",")}
    existing = Submission(Path(config.getoption("submission")).resolve()).stages()
    return [stage for stage in existing if stage in wanted]


def stages_of(node: pytest.Item | pytest.Function) -> tuple[int, int]:
    """The first and the last stage of a test, by its mark."""
    mark = _stage_mark(node)
    return mark.args[0], mark.kwargs.get("until", max(FOLDERS))


def _stage_mark(node: pytest.Item | pytest.Function) -> pytest.Mark:
    return node.get_closest_marker("stage") or pytest.mark.stage(1).mark


def _is_selected(item: pytest.Item, stages: set[int]) -> bool:
    if not isinstance(item, pytest.Function) or "stage" in item.fixturenames:
        return True
    return item.get_closest_marker("stage") is None or stages_of(item)[0] in stages


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what it probably means and where that is explained."""
    report = yield
    hint = item.get_closest_marker("hint")
    if report.failed and hint is not None:
        page = hint.kwargs.get("docs")
        where = f"\nRead on: docs/{page}" if page else ""
        report.sections.append(("What to look at", hint.args[0] + where))
    return report
