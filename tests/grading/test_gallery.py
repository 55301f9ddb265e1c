"""The grader finds every known mistake, by the test that is meant for it, with its hint."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.submission import PROJECT

if not (PROJECT / "grading" / "gallery.py").is_file():
    pytest.skip("this folder has no gallery", allow_module_level=True)

from grading.gallery import Mistake, grade_mistake, mistakes
from grading.scores import load_manifest
from grading.self_check import check_mistake

EVERY = [pytest.param(mistake, id=mistake.name) for mistake in mistakes()]
ROWS = range(1, 24)
"""The rows of the table of known mistakes, in tests/gallery/README.md."""


def test_each_row_of_the_table_has_a_wrong_program() -> None:
    """None is forgotten, and the table and the programs speak of the same rows."""
    assert {mistake.row for mistake in mistakes()} == set(ROWS)
    table = (PROJECT / "tests" / "gallery" / "README.md").read_text(encoding="utf-8")
    assert [int(row) for row in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(ROWS)


@pytest.mark.parametrize("mistake", EVERY)
def test_it_is_a_program(mistake: Mistake, tmp_path: Path) -> None:
    """Its old lines stand in the reference, and with the new ones it is Python."""
    mistake.write(tmp_path)
    for replacement in mistake.replacements:
        ast.parse((tmp_path / replacement.file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("mistake", EVERY)
def test_its_hint_is_the_one_meant(mistake: Mistake) -> None:
    """The tests that must fail carry points, and their hints lead to the right paragraph."""
    tests = load_manifest()["tests"]
    assert {tests[name]["docs"] for name in mistake.triggers} == {mistake.docs}
    assert mistake.fewest_points >= sum(tests[name]["points"] for name in mistake.triggers)
    assert all(mistake.can_change(tests[name]) for name in mistake.triggers)


def test_the_first_mistake_is_found() -> None:
    """What every beginner writes first, one recv for one message, fails the test meant for it."""
    mistake = mistakes()[0]
    graded = grade_mistake(mistake, only_triggers=True)
    assert {grade.outcome for grade in graded if grade.name in mistake.triggers} == {"failed"}
    assert "arrived" in graded[0].explanation


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mistake", EVERY)
def test_it_is_found(mistake: Mistake) -> None:
    """It fails the tests meant for it. What else it costs is for `course.py grade --self-check`."""
    assert check_mistake(mistake, fast=True).complaints == ()
