"""Every hint, also of tests without points, leads to a paragraph."""

import re
from pathlib import Path

import pytest

from tests.grading.test_manifest import anchors
from tests.support.submission import PROJECT

if not (PROJECT / "mkdocs.yml").is_file():
    pytest.skip("this folder has no docs", allow_module_level=True)

FILES = sorted((PROJECT / "tests").glob("stage*/*.py"))
NAMES = [f"{file.parent.name}/{file.name}" for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_its_links_lead_somewhere(file: Path) -> None:
    """The page is there, and a heading of that name on it."""
    for page, anchor in re.findall(r'docs="([^"#]+)#([^"]+)"', file.read_text(encoding="utf-8")):
        folder = PROJECT / "docs" / page
        target = folder / "index.md" if folder.is_dir() else folder.with_suffix(".md")
        assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page}#{anchor}"
