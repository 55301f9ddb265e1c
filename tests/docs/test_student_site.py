"""The site for students: the same pages, without the solutions."""

import sys
from pathlib import Path

import pytest

from docs_tools.build import build

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_graded_parts_are_left_out(site: Path, tmp_path: Path) -> None:
    """It builds strictly; where the reference shows a solution, it shows what a starter has."""
    pytest.importorskip("grading.blanks", reason="this folder has no grader")
    assert build(sys.executable, tmp_path / "site", student=True) == 0
    page = Path("stage1", "messages.html")
    solution, task = "removesuffix", "NotImplementedError"
    assert solution in (site / page).read_text(encoding="utf-8")
    without = (tmp_path / "site" / page).read_text(encoding="utf-8")
    assert solution not in without
    assert task in without
    search = (tmp_path / "site" / "search" / "search_index.json").read_text(encoding="utf-8")
    assert solution not in search
