"""The workflow for students' repositories: few rights, a pinned grader, commands that exist."""

import subprocess
import sys
from typing import Any

import pytest

from tests.support.submission import PROJECT

WORKFLOW = PROJECT / "grading" / "github" / "grade.yml"
if not WORKFLOW.is_file():
    pytest.skip("this folder has no workflow", allow_module_level=True)

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the packages for the docs")


def workflow() -> dict[str, Any]:
    """The workflow's content."""
    content: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return content


def steps() -> list[dict[str, Any]]:
    """The steps of its only job."""
    (job,) = workflow()["jobs"].values()
    assert 0 < job["timeout-minutes"] <= 30
    found: list[dict[str, Any]] = job["steps"]
    return found


def test_it_may_only_read() -> None:
    """No right but to read, no secret, no credentials left where a submission could find them."""
    assert workflow()["permissions"] == {"contents": "read"}
    assert "secrets." not in WORKFLOW.read_text(encoding="utf-8")
    checkouts = [step for step in steps() if "checkout" in step.get("uses", "")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False, False]


def test_the_grader_is_the_instructors_at_one_commit() -> None:
    """Not the student's own copy, and not whatever the branch holds today."""
    (grader,) = [step["with"] for step in steps() if "repository" in step.get("with", {})]
    assert grader["repository"] == "${{ env.GRADER }}"
    assert grader["ref"] == "${{ env.GRADER_COMMIT }}"
    assert len(workflow()["env"]["GRADER_COMMIT"]) == 40


def test_the_command_exists() -> None:
    """Every option of the command is one that `grade` knows."""
    (words,) = [step["run"].split() for step in steps() if step.get("name") == "Grade"]
    assert words[:4] == ["python", "grader/course.py", "grade", "submission"]
    command = [sys.executable, "-m", "grading.grade", "--help"]
    known = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    options = [word for word in words if word.startswith("--")]
    assert "--stage" in options
    assert all(option in known for option in options)
