"""Parts equal to the reference are noted, however their names were changed."""

import shutil
from pathlib import Path

import pytest

from tests.support.submission import PROJECT

if not (PROJECT / "grading" / "likeness.py").is_file():
    pytest.skip("a starter has no reference to be equal to", allow_module_level=True)

from grading.likeness import equal_parts, note
from grading.parts import parts_of
from grading.starter import write_starter


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """A copy of the reference's stage 1."""
    shutil.copytree(PROJECT / "stage1_basic", tmp_path / "stage1_basic")
    return tmp_path


def change(submission: Path, *pairs: tuple[str, str]) -> None:
    """Change the submission's lines.py."""
    file = submission / "stage1_basic" / "lines.py"
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def names(submission: Path) -> list[str]:
    """The parts of stage 1 that are noted."""
    return [part.name for part in equal_parts(submission, [1])]


def test_a_copy_is_noted(submission: Path) -> None:
    """The reference's own code, part by part, and in one line."""
    assert names(submission) == [part.name for part in parts_of(1)]
    assert "framing" in note(submission, 1)


def test_other_names_make_no_other_code(submission: Path) -> None:
    """Names of variables, arguments, helpers and private attributes, docstrings and comments."""
    change(
        submission,
        ("endings", "all_lines"),
        ("_hold", "_keep"),
        ("_partial", "_buffer"),
        ("data", "chunk"),
        ('"""Take the next bytes of the stream;', '"""My own words;'),
        ("        *all_lines, rest", "        # a comment of mine\n        *all_lines, rest"),
    )
    assert "framing" in names(submission)


def test_other_code_is_not_noted(submission: Path) -> None:
    """One's own way of doing it."""
    change(submission, ('.removesuffix(b"\\r")', '.rstrip(b"\\r")'))
    assert "framing" not in names(submission)
    assert "text" in names(submission)


def test_a_starter_is_like_nothing(tmp_path: Path) -> None:
    """What is not written yet is not the reference's; nor is what cannot be read."""
    write_starter(tmp_path, 1)
    assert note(tmp_path, 1) == ""
    (tmp_path / "stage1_basic" / "lines.py").write_text("class", encoding="utf-8")
    assert note(tmp_path, 1) == ""
