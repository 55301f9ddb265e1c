"""What the site shows is what the programs do: made anew, it is the same."""

import difflib
import re
import sys
from pathlib import Path

import pytest

from docs_tools.regenerate import GENERATED, make
from docs_tools.scenes import first_steps
from docs_tools.scenes_list import SCENES
from tests.support.submission import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        sys.platform != "linux" or sys.version_info[:2] != (3, 11),
        reason="recorded on Linux with Python 3.11: others word some messages in their own way",
    ),
]

# The naive programs depend on timing: that is what they teach.
ATTEMPTS = dict.fromkeys(first_steps.SCENES, 4)


@pytest.mark.parametrize("name", SCENES)
def test_nothing_has_drifted(name: str) -> None:
    """A recording made now is the committed one. If it may differ: `course.py docs regenerate`."""
    for _ in range(ATTEMPTS.get(name, 1)):
        drift = drift_of(name)
        if not drift:
            return
    pytest.fail(drift, pytrace=False)


def drift_of(name: str) -> str:
    """How a recording made now differs from the committed one; empty when it does not."""
    drift = ""
    for file, content in make(name, SCENES[name]).items():
        committed = (GENERATED / file).read_text(encoding="utf-8")
        if content != committed:
            lines = difflib.unified_diff(committed.splitlines(), content.splitlines(), "committed")
            drift += f"{file} has drifted:\n" + "\n".join(lines)
    return drift


def test_nothing_is_left_over() -> None:
    """Every file in docs/generated is shown on some page."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in pages_written())
    shown = set(re.findall(r'--8<-- "docs/generated/([^"]+)"', pages))
    there = {path.relative_to(GENERATED).as_posix() for path in GENERATED.rglob("*.*")}
    assert there == shown


def pages_written() -> list[Path]:
    """The pages of the site, as they are written."""
    return sorted((PROJECT / "docs").rglob("*.md"))
