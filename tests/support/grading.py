"""Which runs of the tests carry points, and the manifest: what there is to gain at all.

A test's points are for its runs on its own stage and the event loop; the same test on later stages
and on the second engine repeats it, and carries none. The manifest is committed, so a submission
that breaks, hides or skips tests loses points and not their maximum.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.submission import ENGINES


def id_of(item: pytest.Item) -> str:
    """The name of a test in the manifest, for instance `stage1/test_text.py::test_tabs`."""
    name = getattr(item, "originalname", item.name)
    return f"{item.path.parent.name}/{item.path.name}::{name}"


def stage_of(item: pytest.Item) -> int | None:
    """The stage that a test belongs to; None for tests that are not about a stage."""
    mark = item.get_closest_marker("stage")
    return None if mark is None else int(mark.args[0])


def part_of(item: pytest.Item) -> str | None:
    """The graded part that a test is about, by its mark; None for tests of whole programs."""
    mark = item.get_closest_marker("part")
    return None if mark is None else str(mark.args[0])


def is_bonus(item: pytest.Item) -> bool:
    """Whether a test's points come on top of its stage's maximum: `points(5, bonus=True)`."""
    mark = item.get_closest_marker("points")
    return mark is not None and bool(mark.kwargs.get("bonus"))


def points_of(item: pytest.Item) -> float:
    """The points of the test that this is a run of; none when it is a repetition."""
    mark = item.get_closest_marker("points")
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params if callspec is not None else {}
    repeated = (
        parameters.get("stage", stage_of(item)) != stage_of(item)
        or parameters.get("engine", ENGINES[0]) != ENGINES[0]
    )
    return 0.0 if mark is None or repeated else float(mark.args[0])


def manifest(items: Iterable[pytest.Item]) -> dict[str, Any]:
    """What can be gained: each test with its stage, part, points, number of runs, its words."""
    tests: dict[str, dict[str, Any]] = {}
    for item in items:
        if points := points_of(item):
            entry = tests.setdefault(id_of(item), _entry(item, points))
            entry["runs"] += 1
    ordered = dict(sorted(tests.items(), key=_place))
    maximum: dict[str, float] = {}
    for entry in ordered.values():
        stage = str(entry["stage"])
        maximum[stage] = maximum.get(stage, 0) + (0 if entry["bonus"] else entry["points"])
    return {"maximum": maximum, "tests": ordered}


def _place(test: tuple[str, dict[str, Any]]) -> tuple[int, int, str]:
    """Stage by stage; in each its graded parts in the order of the lesson, then all other tests."""
    from grading.parts import PARTS  # not in a starter, which has a manifest already

    name, entry = test
    parts = [part.name for part in PARTS]
    place = parts.index(entry["part"]) if entry["part"] else len(parts)
    return entry["stage"], place, name


def _entry(item: pytest.Item, points: float) -> dict[str, Any]:
    function = getattr(item, "function", None)
    hint = item.get_closest_marker("hint")
    return {
        "stage": stage_of(item),
        "part": part_of(item),
        "points": points,
        "bonus": is_bonus(item),
        "runs": 0,
        "title": " ".join((getattr(function, "__doc__", None) or item.name).split()),
        "hint": hint.args[0] if hint is not None else "",
        "docs": hint.kwargs.get("docs", "") if hint is not None else "",
    }
