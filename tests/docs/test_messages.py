"""Troubleshooting quotes what the programs say: every message on the page stands in their code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.submission import PROJECT

PAGE = PROJECT / "docs" / "reference" / "troubleshooting.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="this folder has no docs")

TYPED = ("python3 ", "py ", "course.py ", "-", "/")
"""How the code spans begin that are typed by a reader, not printed by a program."""


def messages() -> list[str]:
    """What the page quotes: its code spans of several words. `…` stands for what varies."""
    if not PAGE.exists():
        return []
    text = re.sub(r"^ *```.*?^ *```$", "", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    spans = re.findall(r"`([^`]+)`", text)
    return [span for span in spans if " " in span and not span.startswith(TYPED)]


@pytest.mark.parametrize("message", messages())
def test_a_quoted_message_is_one_that_the_programs_print(message: str) -> None:
    """A reader who searches the page for a message finds it word by word."""
    pieces = [re.escape(piece) for piece in message.removeprefix("ERROR:").split("…")]
    pattern = re.compile(".*".join(pieces), re.DOTALL)
    assert any(pattern.search(text) for text in printed()), f"no program says: {message}"


@cache
def printed() -> list[str]:
    """Every text in the code of the stages and of course.py."""
    folders = [*PROJECT.glob("stage[1-4]_*"), PROJECT / "course_tools"]
    files = [PROJECT / "course.py", *(file for folder in folders for file in folder.rglob("*.py"))]
    return [text for file in files for text in texts_of(file)]


def texts_of(file: Path) -> Iterator[str]:
    """The texts in a file; what is filled in when it runs is `…`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            yield text.replace("%d.%d", "…").replace("%s", "…")
