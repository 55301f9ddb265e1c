"""Failures that a student can read: what we did, what we expected, what arrived.

`Transcript` records what both sides of each connection said in one test; `MismatchError` is the
failure that shows it, with a caret at the first wrong byte. Hints are added in `conftest.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

TOLD = "in_plain_words"
"""The attribute of pytest's report that holds a failure's words (see `plain_words`)."""

_STEPS_SHOWN = 120
_ALIKE_SHOWN = 6
_BYTES_SHOWN = 160
_BEFORE_CARET = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: `who` did `what`, with these bytes or words."""

    who: str
    arrow: str
    data: bytes | str

    def __str__(self) -> str:
        shown = quoted(self.data) if isinstance(self.data, bytes) else self.data
        return f"  {self.who:>10} {self.arrow} {shown}"


@dataclass(slots=True)
class Transcript:
    """What happened in one test, in order, and where to find what the programs printed."""

    steps: list[Step] = field(default_factory=list)
    printed: dict[str, Callable[[], str]] = field(default_factory=dict)
    last_words: list[Callable[[], None]] = field(default_factory=list)
    """Each waits a moment for what a program says when it has gone wrong."""

    def sent(self, who: str, data: bytes) -> None:
        """The test, as client `who`, sent `data`."""
        self.steps.append(Step(who, "──►", data))

    def received(self, who: str, data: bytes) -> None:
        """The line `data` arrived at client `who`."""
        self.steps.append(Step(who, "◄──", data))

    def note(self, who: str, text: str) -> None:
        """Something else happened to `who`: connected, closed, a program was started."""
        self.steps.append(Step(who, " · ", text))

    def __str__(self) -> str:
        steps = without_repetitions([str(step) for step in self.steps])
        lines = _both_ends(steps, "steps of the same test")
        for name, read in self.printed.items():
            text = read().rstrip()
            if text:
                printed = [f"    {_shortened(line)}" for line in text.splitlines()]
                printed = without_repetitions(printed)
                lines += [f"  {name} printed:", *_both_ends(printed, "lines")]
        return "\n".join(lines)


def without_repetitions(lines: list[str]) -> list[str]:
    """The lines, with long runs of lines that differ in their numbers only told by their ends; so
    are runs of pairs: what is sent, and what arrives of it."""
    for period in (1, 2):
        lines = _without_runs(lines, period)
    return lines


def _without_runs(lines: list[str], period: int) -> list[str]:
    shapes = [re.sub(r"\d+", "0", line) for line in lines]
    shown: list[str] = []
    start = 0
    while start < len(lines):
        end = start + period
        while end < len(lines) and shapes[end] == shapes[end - period]:
            end += 1
        left_out = end - start - (_ALIKE_SHOWN - 1) * period
        if left_out > period:
            shown += lines[start : start + (_ALIKE_SHOWN - 2) * period]
            shown += [f"  … {left_out:,} more like these …", *lines[end - period : end]]
            start = end
        else:
            shown.append(lines[start])
            start += 1
    return shown


def _both_ends(lines: list[str], what: str) -> list[str]:
    if len(lines) <= _STEPS_SHOWN:
        return lines
    half = _STEPS_SHOWN // 2
    left_out = f"  … {len(lines) - _STEPS_SHOWN:,} {what} left out …"
    return [*lines[:half], left_out, *lines[-half:]]


def _shortened(line: str) -> str:
    if len(line) <= _BYTES_SHOWN:
        return line
    half = _BYTES_SHOWN // 2
    return f"{line[:half]} …{len(line) - _BYTES_SHOWN:,} characters… {line[-half:]}"


class MismatchError(AssertionError):
    """What arrived is not what had to arrive."""

    def __init__(self, expected: str, arrived: str, transcript: Transcript, *details: str) -> None:
        self.expected, self.arrived, self.details = expected, arrived, details
        self.exchange = str(transcript)
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = ["what was done and seen, in order:", self.exchange or "  (nothing yet)"]
        parts += [f"expected: {self.expected}", f"arrived:  {self.arrived}", *self.details]
        return "\n".join(parts)


def quoted(data: bytes) -> str:
    """Bytes as a reader can see each of them: UTF-8 text with \\n, \\r, \\x1b… spelled out."""
    if len(data) > _BYTES_SHOWN:
        half = _BYTES_SHOWN // 2
        middle = f" …{len(data) - _BYTES_SHOWN:,} bytes… "
        return f"'{_visible(data[:half])}'{middle}'{_visible(data[-half:])}'"
    return f"'{_visible(data)}'"


def caret(expected: bytes, arrived: bytes) -> list[str]:
    """Both lines, cut to the surroundings of the first difference, and a caret below it."""
    position = first_difference(expected, arrived)
    start = max(0, position - _BEFORE_CARET)
    end = position + _BEFORE_CARET
    column = len(_visible(arrived[start:position]))
    return [
        f"  expected: '{_visible(expected[start:end])}'",
        f"  arrived:  '{_visible(arrived[start:end])}'",
        " " * (len("  arrived:  '") + column) + f"^ first wrong byte, number {position + 1:,}",
    ]


def first_difference(expected: bytes, arrived: bytes) -> int:
    """The position of the first byte that differs (or is missing on one side)."""
    pairs = zip(expected, arrived, strict=False)
    unequal = (position for position, (a, b) in enumerate(pairs) if a != b)
    return next(unequal, min(len(expected), len(arrived)))


def _visible(data: bytes) -> str:
    text = data.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
