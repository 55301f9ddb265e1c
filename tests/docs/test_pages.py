"""The pages as they are written: commands that exist, hints that lead somewhere, no copied code."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.submission import PROJECT

DOCS = PROJECT / "docs"
pytestmark = pytest.mark.skipif(not (DOCS / "index.md").exists(), reason="this folder has no docs")

PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^( *)```(sh|bat)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def commands(kind: str) -> list[tuple[str, str]]:
    """Every command block of a kind: the page, and the command."""
    return [
        (page.relative_to(DOCS).as_posix(), block[2].strip())
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        if block[1] == kind
    ]


@pytest.mark.parametrize(("page", "command"), commands("sh") + commands("bat"))
def test_a_block_holds_one_plain_command(page: str, command: str) -> None:
    """A reader copies it whole: one line, no prompt, no comment, nothing joined."""
    assert "\n" not in command, page
    assert not re.search(r"^[$>#%]|&&|\\$| #", command), page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_two_commands_do_not_share_their_tabs(path: Path) -> None:
    """Tabs that follow each other are one block, so between two commands there are words."""
    text = re.sub(r"^    .*\n|^\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert '=== "Windows"\n===' not in text


@pytest.mark.parametrize(("page", "command"), commands("sh"))
def test_the_command_exists(page: str, command: str) -> None:
    """What a page says to run is there."""
    words = shlex.split(command)
    if words[0] != "python3":
        return
    if words[1] == "-m":
        if "." in words[2]:
            assert PROJECT.joinpath(*words[2].split(".")).with_suffix(".py").exists(), page
    elif words[1].endswith(".py"):
        assert (PROJECT / words[1]).exists(), page
        if words[1:3] == ["course.py", "test"]:
            assert selected_tests(words[3:]), page


def selected_tests(words: list[str]) -> list[str]:
    """The tests that `course.py test` would run with a path and perhaps `-k word`."""
    paths = [PROJECT / word for word in words if word.startswith("tests/")] or [PROJECT / "tests"]
    wanted = words[words.index("-k") + 1] if "-k" in words else ""
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("test_*.py"))]
    return [name for file in files for name in names_of_tests(file) if wanted in name]


def names_of_tests(file: Path) -> Iterator[str]:
    """The tests in a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def hints() -> list[str]:
    """Where the tests' hints send their readers: page#anchor."""
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("*.py")]
    return sorted({hint for text in texts for hint in re.findall(r'docs="([\w/-]+#[\w-]+)"', text)})


@pytest.mark.parametrize("hint", hints())
def test_a_hint_leads_somewhere(hint: str) -> None:
    """The page of a failing test's hint has that heading."""
    page, _, anchor = hint.partition("#")
    path = next(p for p in (DOCS / f"{page}.md", DOCS / page / "index.md") if p.exists())
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {slug(heading) for heading in headings}


def slug(heading: str) -> str:
    """How MkDocs names a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def test_code_is_quoted_not_copied() -> None:
    """Python in a page comes from a file by a named region; only what a reader types is written."""
    for page in PAGES:
        blocks = re.findall(
            r"^```\{?\.?python[^\n]*\n(.*?)^```", page.read_text("utf-8"), re.M | re.S
        )
        copied = [block for block in blocks if "--8<--" not in block]
        assert sum(len(block.splitlines()) for block in copied) <= 4, page


def test_a_region_is_named_not_numbered() -> None:
    """No page quotes lines by their numbers."""
    for page in PAGES:
        assert not re.search(r'--8<-- "[^"]+:\d', page.read_text(encoding="utf-8")), page
