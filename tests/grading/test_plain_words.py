"""Failures in words that a student understands, whatever the test itself was written with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.differences import difference
from tests.support.observer import readable
from tests.support.plain_words import fatal, words_for
from tests.support.report import Transcript
from tests.support.submission import PROJECT

TEST = '''
import pytest

pytestmark = pytest.mark.stage(1)


@pytest.mark.parametrize("number", [41, 42])
@pytest.mark.points(1)
def test_numbers(number, transcript):
    """It is so."""
    transcript.sent("Alice", b"a\\\\n")
    assert [number, 5] == [41, 5]
'''


@pytest.mark.parametrize(
    ("arrived", "expected", "lines"),
    [
        (1, 4, ["expected: 4", "arrived:  1"]),
        (b"ab", b"", ["expected: ''", "arrived:  'ab'"]),
        (
            "one\ntwo",
            "one\nten",
            [
                "expected: 'one\\nten'",
                "arrived:  'one\\ntwo'",
                " " * 17 + "^ first wrong byte, number 6",
            ],
        ),
        (
            ["a", "bc"],
            ["a", "bd"],
            [
                "expected: ['a', 'bd']",
                "arrived:  ['a', 'bc']",
                "the first difference is in number 2:",
                "  expected: 'bd'",
                "  arrived:  'bc'",
                " " * 14 + "^ first wrong byte, number 2",
            ],
        ),
        ([1], [], ["expected: []", "arrived:  [1]", "number: 0 expected, 1 arrived"]),
        (
            {"a": 1, "b": 2},
            {"a": 1, "b": 3},
            [
                "expected: {'a': 1, 'b': 3}",
                "arrived:  {'a': 1, 'b': 2}",
                "at 'b':",
                "  expected: 3",
                "  arrived:  2",
            ],
        ),
        ({}, {"a": 1}, ["expected: {'a': 1}", "arrived:  {}", "missing: 'a'"]),
        ({1}, {2}, ["expected: {2}", "arrived:  {1}", "missing: [2]; too many: [1]"]),
    ],
)
def test_what_is_not_equal(arrived: object, expected: object, lines: list[str]) -> None:
    """What had to come, what came, and where the first difference is."""
    assert difference("==", arrived, expected) == lines


@pytest.mark.parametrize(
    ("operator", "words"),
    [("<=", "at most 5"), (">", "more than 5"), ("!=", "anything but 5"), ("is", "5")],
)
def test_other_comparisons(operator: str, words: str) -> None:
    """The bound is what was expected."""
    assert difference(operator, 7, 5) == [f"expected: {words}", "arrived:  7"]


def test_a_part_of_a_text() -> None:
    """The text is what arrived, on whichever side it stands."""
    assert difference("in", "x", "abc") == ["expected: a text with 'x' in it", "arrived:  'abc'"]
    assert difference("not in", "b", "abc")[0] == "expected: a text without 'b' in it"


def test_a_system_error_in_words() -> None:
    """Nobody has to know what ECONNRESET is."""
    error = ConnectionResetError(104, "Connection reset by peer")
    assert words_for(error).startswith("the other side broke the connection off (Conn")


def test_what_ended_a_program_is_said_last() -> None:
    """The last line of a traceback, and where in the submission it comes from."""
    exchange = """  server (stderr) printed:
    Traceback (most recent call last):
      File "/tmp/x/submission/stage1_basic/server.py", line 3, in <module>
        import room
      File "/tmp/x/submission/stage1_basic/room.py", line 11, in <module>
        import rex
    ModuleNotFoundError: No module named 'rex'"""
    (line,) = fatal(exchange)
    assert "ModuleNotFoundError: No module named 'rex' (stage1_basic/room.py, line 11)" in line
    assert fatal("  server (stdout) printed:\n    hello") == []


def test_bytes_among_the_arguments_are_shown_as_text() -> None:
    """What travels to the child as digits is text for its reader; numbers stay what they are."""
    assert readable(["6f6e650d", "0a", "12", 7]) == ["one\r", "\n", "12", 7]


def test_long_runs_of_the_same_are_told_by_their_ends() -> None:
    """A hundred steps that differ by a number are not a hundred lines."""
    transcript = Transcript()
    for number in range(100):
        transcript.sent("Alice", b"%d x\n" % number)
    transcript.received("Bob", b"0 x\n")
    lines = str(transcript).splitlines()
    assert len(lines) == 7
    assert "95 more like these" in lines[4]
    assert lines[5].endswith("'99 x\\n'")


def test_long_runs_of_pairs_are_told_by_their_ends() -> None:
    """What Alice says and what Bob gets of it, a hundred times, are not two hundred lines."""
    transcript = Transcript()
    for number in range(100):
        transcript.sent("Alice", b"%d x\n" % number)
        transcript.received("Bob", b"MESSAGE:Alice | %d x\n" % number)
    transcript.sent("Alice", b"bye\n")
    lines = str(transcript).splitlines()
    assert len(lines) == 12
    assert "190 more like these" in lines[8]
    assert [line.strip()[0] for line in lines[-3:]] == ["A", "B", "A"]


def test_the_grader_and_pytest_tell_the_same(tmp_path: Path) -> None:
    """The comparison, what was checked, and the exchange, in pytest's own report."""
    file = tmp_path / "test_it.py"
    file.write_text(TEST, encoding="utf-8")
    words = tmp_path / "words.txt"
    plugin = tmp_path / "show_words.py"
    plugin.write_text(
        "from pathlib import Path\n"
        "def pytest_runtest_logreport(report):\n"
        f"    if report.failed: Path({str(words)!r}).write_text(report.in_plain_words, 'utf-8')\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "show_words"]
    command += ["-p", "conftest", f"--rootdir={PROJECT}", "-c", str(PROJECT / "pyproject.toml")]
    done = subprocess.run(
        [*command, "-o", f"pythonpath=. {tmp_path}", str(file)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert words.read_text(encoding="utf-8").splitlines() == [
        "what was done and seen, in order:",
        "       Alice ──► 'a\\n'",
        "checked:  [number, 5] == [41, 5]",
        "expected: [41, 5]",
        "arrived:  [42, 5]",
        "the first difference is in number 1:",
        "  expected: 41",
        "  arrived:  42",
    ]
