"""The site for students: the same pages, without the solutions."""

import html
import re
import sys
from pathlib import Path

import pytest

from docs_tools.build import build
from tests.support.submission import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def student_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as students get it."""
    pytest.importorskip("grading.blanks", reason="this folder has no grader")
    folder = tmp_path_factory.mktemp("students") / "site"
    assert build(sys.executable, folder, student=True) == 0
    return folder


def test_graded_parts_are_tasks(site: Path, student_site: Path) -> None:
    """Where the reference's page shows a solution, theirs shows what a starter has."""
    page = Path("stage1", "messages.html")
    assert "removesuffix" in words(site / page)
    assert "NotImplementedError" in words(student_site / page)


def test_no_line_of_a_solution_is_left(site: Path, student_site: Path, tmp_path: Path) -> None:
    """No page, nothing about a module, and not the search gives away a line that is graded."""
    secret = secret_lines(tmp_path)
    assert len(secret) > 100
    assert any(line in words(site / "stage1" / "messages.html") for line in secret)
    for path in [*student_site.rglob("*.html"), *student_site.rglob("search_index.js*")]:
        text = words(path)
        assert [line for line in secret if line in text] == [], path.relative_to(student_site)


def secret_lines(scratch: Path) -> set[str]:
    """The longer lines of the reference that starters lack, blanks evened out."""
    from docs_tools.student_code import copy_stages
    from grading.parts import PARTS

    copy_stages(scratch)
    given = {line for path in scratch.rglob("*.py") for line in lines(path)}
    files = {PROJECT / region.file for part in PARTS for region in part.regions}
    return {line for path in files for line in lines(path) if len(line) >= 30} - given


def lines(path: Path) -> list[str]:
    """The lines of a file, blanks evened out."""
    return [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]


def words(path: Path) -> str:
    """The text of a page without its marks, blanks evened out."""
    text = path.read_text(encoding="utf-8").replace("\\n", "\n").replace('\\"', '"')
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", html.unescape(text))).split())
