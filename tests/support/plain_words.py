"""Failures of plain `assert`s and of the tests' own sockets, told as all other failures are told.

A pytest plugin: what was done and seen, what the test checks, what was expected, what arrived. The
tests write `assert arrived == expected`, in this order.
"""

import ast
import json
import re
import subprocess
import textwrap
from collections.abc import Generator

import pytest

from tests.support.compare import DifferenceError, shortened
from tests.support.differences import difference
from tests.support.grading import stage_of
from tests.support.observer import ObservationError, Observer
from tests.support.report import TOLD, MismatchError, Transcript, without_repetitions

COMPARED = "this:"
CHECK_LINES_SHOWN = 6
TRACEBACK = "Traceback (most recent call last)"
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
        setattr(report, TOLD, told(call.excinfo, item))
    return report


def told(failure: pytest.ExceptionInfo[BaseException], item: pytest.Item) -> str:
    """A failure in words: the same ones, if it was told so from the beginning."""
    fixtures = getattr(item, "funcargs", {})
    error = failure.value
    transcript, observer = fixtures.get("transcript"), fixtures.get("observer")
    exchange = str(transcript) if isinstance(transcript, Transcript) else ""
    asked = list(observer.asked.values()) if isinstance(observer, Observer) else []
    if isinstance(error, MismatchError):
        lines, exchange = [str(error)], error.exchange
    elif isinstance(error, DifferenceError):
        return str(error)
    elif isinstance(error, ObservationError):
        lines = [*(asked if str(error).startswith("it ") else []), str(error)]
    else:
        lines = ["what was done and seen, in order:", exchange] if exchange else []
        lines += [*asked, *_without_special_words(failure, item)]
    return "\n".join([*lines, *fatal(exchange)])


def _without_special_words(
    failure: pytest.ExceptionInfo[BaseException], item: pytest.Item
) -> list[str]:
    """What a failure says that comes from a plain `assert` or a call of the test itself."""
    error = failure.value
    if isinstance(error, AssertionError):
        own_words, found = _of_assertion(str(error))
        return [*without_repetitions(own_words), *_check(failure, item), *found]
    if isinstance(error, pytest.fail.Exception):
        return [str(error)]
    return [*_check(failure, item, "during:"), f"arrived:  {words_for(error)}"]


def fatal(exchange: str) -> list[str]:
    """The exception that a program of the submission did not catch: the rest follows from it."""
    if TRACEBACK not in exchange:
        return []
    lines = exchange.rpartition(TRACEBACK)[2].splitlines()
    ends = [line.strip() for line in lines if re.match(r" {4}[A-Za-z_][\w.]*(:|$)", line)]
    places = re.findall(r'File ".*?/(stage\d_\w+/\w+\.py)", line (\d+)', "\n".join(lines))
    if not ends:
        return []
    where = f" ({places[-1][0]}, line {places[-1][1]})" if places else ""
    return [f"a program raised {ends[0]}{where}: mend that first"]


def words_for(error: BaseException) -> str:
    """What an exception in the test itself says about the other side."""
    name = f"{type(error).__name__}: {error}".rstrip(": ")
    words = next((words for kind, words in SYSTEM_ERRORS if isinstance(error, kind)), "")
    return f"{words} ({name})" if words else name


def _check(
    failure: pytest.ExceptionInfo[BaseException], item: pytest.Item, title: str = "checked:"
) -> list[str]:
    """The statement of the test that failed."""
    entries = [entry for entry in failure.traceback if entry.path == item.path]
    if not entries:
        return []
    statement = textwrap.dedent(str(entries[-1].statement)).strip()
    first, *others = _without_message(statement).splitlines()[:CHECK_LINES_SHOWN]
    return [f"{title:<10}{first}", *(f"          {line}" for line in others)]


def _without_message(statement: str) -> str:
    """What an `assert` looks at; any other statement as it is."""
    try:
        (node,) = ast.parse(statement).body
    except (SyntaxError, ValueError):  # the head of a longer one, such as `with …:`
        return statement
    looked_at = (
        ast.get_source_segment(statement, node.test) if isinstance(node, ast.Assert) else None
    )
    return looked_at or statement


def _of_assertion(message: str) -> tuple[list[str], list[str]]:
    """The test's own words in pytest's message, and what it says of the values."""
    message = re.sub(r"^AssertionError: ", "", message)
    own_words, is_rewritten, values = message.partition("assert ")
    lines = own_words.rstrip().splitlines()
    if not is_rewritten:
        return lines, []
    if values.startswith(COMPARED):
        return lines, list(_comparison)
    first, *others = map(_without_addresses, values.splitlines()[:CHECK_LINES_SHOWN])
    method = next(filter(None, (re.search(r"where (\w+) = (.+)\.\1$", o) for o in others)), None)
    if method is not None:  # a method of what arrived says that it is not right
        return lines, [f"arrived:  {method[2]}"]
    return lines, [f"arrived:  {first}", *others]


def _without_addresses(line: str) -> str:
    line = re.sub(r"<(?:built-in|bound) method ([\w.]+) of .*? at 0x\w+>+", r"\1", line)
    return shortened(re.sub(r"^ *\+ *", "          ", line))
