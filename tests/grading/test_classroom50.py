"""The tests of a Classroom 50 assignment say what the manifest says, in the form it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.submission import PROJECT

if not (PROJECT / "grading" / "classroom50.py").is_file():
    pytest.skip("a starter makes no assignments", allow_module_level=True)

from grading.classroom50 import as_json, assignment
from grading.scores import load_manifest

STAGES = [int(stage) for stage in load_manifest()["maximum"]]
GENERATED = PROJECT / "docs" / "generated"


@pytest.mark.parametrize("number", STAGES)
def test_the_form_is_that_of_classroom50(number: int) -> None:
    """Names are unique and short, points whole, times within 600 s, 100 tests at most."""
    tests = assignment(number, load_manifest())
    assert 1 < len(tests) <= 100
    assert len({test["name"] for test in tests}) == len(tests)
    for test in tests:
        assert list(test) == ["name", "type", "setup", "run", "timeout", "points"]
        assert test["type"] == "run"
        assert len(test["name"].encode()) <= 100
        assert test["name"].isprintable()
        assert 1 <= test["timeout"] <= 600
        assert type(test["points"]) is int
        assert 0 < test["points"] <= 1000


@pytest.mark.parametrize("number", STAGES)
def test_all_points_are_in_it(number: int) -> None:
    """The tests without a bonus add up to the stage's maximum."""
    manifest = load_manifest()
    tests = assignment(number, manifest)
    points = sum(test["points"] for test in tests if "(bonus)" not in test["name"])
    assert points == manifest["maximum"][str(number)]


@pytest.mark.parametrize("number", STAGES)
@pytest.mark.skipif(not GENERATED.is_dir(), reason="this folder has no docs")
def test_the_committed_one_is_up_to_date(number: int) -> None:
    """`python3 -m docs_tools.regenerate graded` would change nothing."""
    committed = (GENERATED / f"classroom50_stage{number}.json").read_text(encoding="utf-8")
    assert committed == as_json(assignment(number, load_manifest()))


def a_manifest(points: float) -> dict[str, Any]:
    """A manifest with one test."""
    words = {"runs": 1, "title": "It works.", "hint": "Look.", "docs": "stage1#x"}
    test = {"stage": 1, "part": "framing", "points": points, "bonus": False} | words
    return {"maximum": {"1": points}, "tests": {"stage1/test_a.py::test_b": test}}


def test_half_points_are_refused() -> None:
    """Better no file than one that Classroom 50 refuses, or rounds."""
    with pytest.raises(ValueError, match=r"framing has 2\.5 points"):
        assignment(1, a_manifest(2.5))


@pytest.mark.skipif(sys.platform == "win32", reason="Classroom 50 runs a POSIX shell here")
def test_the_graders_own_copy_is_fetched_and_run(tmp_path: Path) -> None:
    """With a repository the commands fetch that commit, and run its course.py on the student."""
    grader, student, temporary = (tmp_path / name for name in ("gr ader", "student", "temporary"))
    for folder in (grader, student, temporary):
        folder.mkdir()
    script = (
        "import sys, pathlib; pathlib.Path('seen').open('a').write(' '.join(sys.argv[1:]) + '|')"
    )
    (grader / "course.py").write_text(script, encoding="utf-8")
    (student / "course.py").write_text("raise SystemExit('the student\\'s own')", encoding="utf-8")
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *command], cwd=grader, check=True, capture_output=True)
    (test,) = assignment(1, a_manifest(2.0), grader.as_uri().replace("%20", " "))
    environment = os.environ | {"RUNNER_TEMP": str(temporary)}
    for command in (test["setup"], test["run"], test["setup"]):
        subprocess.run(["sh", "-c", command], cwd=student, check=True, env=environment, timeout=30)
    seen = (student / "seen").read_text(encoding="utf-8")
    assert seen == "grade --help|grade . --stage 1 --part framing|grade --help|"


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    """`python3 -m grading.classroom50 FILE --stage N` says what it wrote."""
    file = tmp_path / "tests.json"
    command = [sys.executable, "-m", "grading.classroom50", str(file), "--stage", str(STAGES[0])]
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert json.loads(file.read_text(encoding="utf-8")) == assignment(STAGES[0], load_manifest())
    assert "points" in done.stdout
