"""Failures of plain `assert`s and of the tests' own sockets, told as all other failures are told.

A pytest plugin: what was done and seen, what the test checks, what was expected, what arrived. The
tests write `assert arrived == expected`, in this order.
"""

import json
import re
import subprocess
import textwrap
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest

from tests.support.compare import DifferenceError, plain, shortened
from tests.support.grading import stage_of
from tests.support.observer import ObservationError
from tests.support.report import TOLD, MismatchError, Transcript, caret

COMPARED = "this:"
CHECK_LINES_SHOWN = 6
IN_WORDS = {
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
    "!=": "anything but",
    "is": "",
    "is not": "anything but",
    "in": "one of",
    "not in": "none of",
}
SYSTEM_ERRORS: tuple[tuple[type[BaseException], str], ...] = (
    (subprocess.TimeoutExpired, "the program did not end in time"),
    (TimeoutError, "nothing within the time that the test waits"),
    (ConnectionRefusedError, "nobody listens there: the program has not started, or has ended"),
    (ConnectionResetError, "the other side broke the connection off"),
    (ConnectionAbortedError, "the other side broke the connection off"),
    (BrokenPipeError, "the other side has closed the connection"),
    (FileNotFoundError, "there is no such file"),
    (json.JSONDecodeError, "something that is no JSON"),
    (UnicodeDecodeError, "bytes that are not UTF-8"),
    (IndexError, "fewer than the test looks for"),
    (KeyError, "nothing of that name"),
    (StopIteration, "nothing that fits"),
)
"""What the test's own side of a connection meets, and what that means."""

_comparison: list[str] = []
"""The last comparison that did not hold: pytest itself would shorten it."""
_stages: list[int] = []
"""The stage of the test that runs now; empty for tests that are about none."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note whose test it is: others keep pytest's own words, since their readers know them."""
    stage = stage_of(item)
    _stages[:] = [] if stage is None else [stage]
    _comparison.clear()


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a comparison that does not hold."""
    if not _stages:
        return None
    _comparison[:] = difference(op, left, right)
    return [COMPARED, *_comparison]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the words to the report of a failure."""
    report = yield
    if report.failed and call.excinfo is not None and stage_of(item) is not None:
        transcript = getattr(item, "funcargs", {}).get("transcript")
        setattr(report, TOLD, told(call.excinfo, item, transcript))
    return report


def told(
    failure: pytest.ExceptionInfo[BaseException], item: pytest.Item, transcript: Transcript | None
) -> str:
    """A failure in words: the same ones, if it was told so from the beginning."""
    error = failure.value
    if isinstance(error, MismatchError | DifferenceError | ObservationError):
        return str(error)
    lines = []
    if isinstance(transcript, Transcript) and (exchange := str(transcript)):
        lines += ["what was done and seen, in order:", exchange]
    if isinstance(error, AssertionError):
        own_words, found = _of_assertion(str(error))
        return "\n".join([*lines, *own_words, *_check(failure, item), *found])
    if isinstance(error, pytest.fail.Exception):
        return "\n".join([*lines, str(error)])
    return "\n".join([*lines, *_check(failure, item), f"arrived:  {words_for(error)}"])


def words_for(error: BaseException) -> str:
    """What an exception in the test itself says about the other side."""
    name = f"{type(error).__name__}: {error}".rstrip(": ")
    words = next((words for kind, words in SYSTEM_ERRORS if isinstance(error, kind)), "")
    return f"{words} ({name})" if words else name


def _check(failure: pytest.ExceptionInfo[BaseException], item: pytest.Item) -> list[str]:
    """The statement of the test that failed."""
    entries = [entry for entry in failure.traceback if entry.path == item.path]
    if not entries:
        return []
    statement = textwrap.dedent(str(entries[-1].statement)).strip().removeprefix("assert ")
    first, *others = statement.splitlines()[:CHECK_LINES_SHOWN]
    return [f"checked:  {first}", *(f"          {line}" for line in others)]


def _of_assertion(message: str) -> tuple[list[str], list[str]]:
    """The test's own words in pytest's message, and what it says of the values."""
    message = re.sub(r"^AssertionError: ", "", message)
    own_words, is_rewritten, values = message.partition("assert ")
    lines = own_words.rstrip().splitlines()
    if not is_rewritten:
        return lines, []
    if values.startswith(COMPARED):
        return lines, list(_comparison)
    first, *others = values.splitlines()[:CHECK_LINES_SHOWN]
    return lines, [f"arrived:  {shortened(first)}", *map(_without_addresses, others)]


def _without_addresses(line: str) -> str:
    line = re.sub(r"<(?:built-in|bound) method ([\w.]+) of .*? at 0x\w+>+", r"\1", line)
    return shortened(re.sub(r"^ *\+ *", "          ", line))


def difference(op: str, arrived: object, expected: object) -> list[str]:
    """What had to come and what came, with a mark at the first difference."""
    if op in {"in", "not in"} and isinstance(expected, str | bytes):  # a text that has a part
        not_ = "not " if op == "not in" else ""
        return _pair(f"a text with{'out' * bool(not_)} {_shown(arrived)} in it", _shown(expected))
    if op != "==":
        return _pair(f"{IN_WORDS.get(op, op)} {_shown(expected)}".strip(), _shown(arrived))
    if isinstance(arrived, str | bytes) and type(arrived) is type(expected):
        return _texts(arrived, expected)
    lines = _pair(_shown(expected), _shown(arrived))
    if isinstance(arrived, Mapping) and isinstance(expected, Mapping):
        return lines + _first_key(arrived, expected)
    if isinstance(arrived, list | tuple) and isinstance(expected, list | tuple):
        return lines + _first_item(arrived, expected)
    if isinstance(arrived, set | frozenset) and isinstance(expected, set | frozenset):
        missing, extra = sorted(expected - arrived, key=repr), sorted(arrived - expected, key=repr)
        return [*lines, f"missing: {_shown(missing)}; too many: {_shown(extra)}"]
    return lines


def _pair(expected: str, arrived: str) -> list[str]:
    return [f"expected: {expected}", f"arrived:  {arrived}"]


def _shown(value: object) -> str:
    if isinstance(value, str | bytes):
        return plain(value)
    count = f" ({len(value)} in all)" if isinstance(value, Sequence) and len(value) > 20 else ""
    return shortened(repr(value)) + count


def _texts(arrived: Any, expected: Any) -> list[str]:
    if not arrived or not expected or arrived[:1] != expected[:1]:
        return _pair(_shown(expected), _shown(arrived))
    one, other = (
        text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        for text in (expected, arrived)
    )
    return textwrap.dedent("\n".join(caret(one, other))).splitlines()


def _first_item(arrived: Sequence[object], expected: Sequence[object]) -> list[str]:
    pairs = list(zip(arrived, expected, strict=False))
    place = next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if place == len(pairs):
        return [f"number: {len(expected)} expected, {len(arrived)} arrived"]
    if len(arrived) == len(expected) == 1:
        return []
    one, other = pairs[place]
    lines = difference("==", one, other) if isinstance(one, str | bytes) else []
    lines = lines or _pair(_shown(other), _shown(one))
    return [f"the first difference is in number {place + 1}:", *(f"  {line}" for line in lines)]


def _first_key(arrived: Mapping[Any, Any], expected: Mapping[Any, Any]) -> list[str]:
    nothing = object()
    for key in [*expected, *arrived]:
        one, other = arrived.get(key, nothing), expected.get(key, nothing)
        if one is nothing:
            return [f"missing: {_shown(key)}"]
        if other is nothing:
            return [f"too many: {_shown(key)}"]
        if one != other:
            pair = _pair(_shown(other), _shown(one))
            return [f"at {_shown(key)}:", *(f"  {line}" for line in pair)]
    return []
