"""What the demo tells its audience: steps, what was typed, what programs wrote, what was checked.

In colour on a terminal, plain in a pipe and with NO_COLOR (https://no-color.org).
"""

import os
import sys
from collections.abc import Iterable, Sequence

BOLD, DIM, RED, GREEN = "1", "2", "31", "32"
SPEAKER_COLOURS = {"server": "35", "Ada": "36", "Bob": "33", "link": "34"}
LABEL_WIDTH = 6


class Narrator:
    """Writes to stdout; counts the steps and the checks."""

    def __init__(self) -> None:
        on_terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        if on_terminal and sys.platform == "win32":
            os.system("")  # makes the old Windows console understand colours
        self._coloured = on_terminal
        self._tick = "✓" if _can_write("✓") else "ok"
        self._bar = "│" if _can_write("│") else "|"
        self.steps = 0
        self.checks = 0

    def title(self, text: str) -> None:
        """Open the performance."""
        self._write(self._in(BOLD, text))

    def step(self, text: str) -> None:
        """Open a step."""
        self.steps += 1
        self._write("")
        self._write(self._in(BOLD, f"{self.steps}. {text}"))

    def command(self, label: str, command: str) -> None:
        """Show which command starts a program."""
        self._write(f"   {self._label(label)} {self._in(BOLD, '$ ' + command)}")

    def typed(self, label: str, text: str) -> None:
        """Show what is typed into a program."""
        self._write(f"   {self._label(label)} {self._in(BOLD, '> ' + text)}")

    def wrote(self, label: str, line: str) -> None:
        """Show what a program wrote."""
        self._write(f"   {self._label(label)} {line}")

    def checked(self, what: str) -> None:
        """Tell that something happened as it should."""
        self.checks += 1
        self._write(self._in(GREEN, f"   {self._tick} {what}"))

    def remark(self, text: str) -> None:
        """Tell something beside the action."""
        self._write(self._in(DIM, f"   {text}"))

    def failed(self, what: str, expected: str, seen: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Tell what did not happen, and everything that was seen instead."""
        self._write(self._in(RED, f"   FAILED: {what}"))
        self._write(f"   expected: {expected}")
        for label, lines in seen:
            self._write(f"   {label} wrote:" if lines else f"   {label} wrote nothing.")
            for line in lines:
                self.wrote(label, line)

    def curtain(self, text: str, well: bool) -> None:
        """Close with the result."""
        self._write("")
        self._write(self._in(GREEN if well else RED, text))

    def _label(self, label: str) -> str:
        name = self._in(SPEAKER_COLOURS.get(label, BOLD), f"{label:>{LABEL_WIDTH}}")
        return f"{name} {self._bar}"

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text

    def _write(self, line: str) -> None:
        print(line, flush=True)


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
