"""The committed manifest is what the tests' marks say, and adds up to what the table promises."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.submission import PROJECT

MANIFEST = PROJECT / "tests" / "manifest.json"

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="this folder has no manifest")


def committed() -> dict[str, Any]:
    """The manifest as it was committed."""
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return manifest


def test_it_is_what_the_marks_say(tmp_path: Path) -> None:
    """`pytest --collect-only -q --write-manifest=tests/manifest.json` would change nothing."""
    written = tmp_path / "manifest.json"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    subprocess.run(
        [*command, f"--write-manifest={written}"], cwd=PROJECT, check=True, capture_output=True
    )
    assert json.loads(written.read_text(encoding="utf-8")) == committed()


def test_each_stage_has_about_a_hundred_points() -> None:
    """A stage with points has between 90 and 110 of them."""
    for stage, points in committed()["maximum"].items():
        assert 90 <= points <= 110, f"stage {stage}"


def test_each_test_has_words() -> None:
    """Each test has a sentence that says what must hold, and a hint that says where to look."""
    for name, entry in committed()["tests"].items():
        assert entry["title"].endswith("."), name
        assert entry["hint"].endswith("."), name


@pytest.mark.skipif(not (PROJECT / "mkdocs.yml").is_file(), reason="this folder has no docs")
def test_each_hint_leads_to_a_paragraph() -> None:
    """Where a hint says "read on", there is a heading of that name."""
    for name, entry in committed()["tests"].items():
        page, _, anchor = entry["docs"].partition("#")
        folder = PROJECT / "docs" / page
        file = folder / "index.md" if folder.is_dir() else folder.with_suffix(".md")
        assert anchor in anchors(file.read_text(encoding="utf-8")), f"{name}: {entry['docs']}"


def anchors(markdown: str) -> set[str]:
    """The anchors that the docs' site makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    return {
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower()) for text in headings
    }
