"""What a terminal shows after a program has written to it: enough of one for line-by-line programs.

Knows printable text, carriage return, newline, backspace, cursor up/forward/back and erasing;
other escape sequences are skipped. Lines are never wrapped, and nothing scrolls away.
"""

import re

_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[0-9;?]*)(?P<command>[A-Za-z])"
    r"|\x1b\][^\x07]*\x07|\x1b.|(?P<control>[\r\n\x08\x07])|(?P<text>[^\x1b\r\n\x08\x07]+)",
    re.DOTALL,
)


class Screen:
    """The screen after `output` was written to it; `lines` are without trailing blanks."""

    def __init__(self, output: str) -> None:
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0
        for token in _TOKEN.finditer(output):
            if token["text"]:
                self._write(token["text"])
            elif token["control"]:
                self._control(token["control"])
            elif token["command"]:
                self._command(token["command"], token["numbers"])

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        return ["".join(row).rstrip() for row in self._rows]

    def _write(self, text: str) -> None:
        row = self._rows[self._row]
        row.extend(" " * (self._column + len(text) - len(row)))
        row[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _control(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        elif char == "\x08":
            self._column = max(0, self._column - 1)
        elif char == "\n":
            self._row += 1
            if self._row == len(self._rows):
                self._rows.append([])

    def _command(self, command: str, numbers: str) -> None:
        count = int(numbers) if numbers.isdecimal() else 0
        if command == "A":
            self._row = max(0, self._row - max(1, count))
        elif command == "C":
            self._column += max(1, count)
        elif command == "D":
            self._column = max(0, self._column - max(1, count))
        elif command == "G":
            self._column = max(0, count - 1)
        elif command == "K":
            self._erase_in_line(count)
        elif command == "J":
            self._erase_in_line(0)
            del self._rows[self._row + 1 :]

    def _erase_in_line(self, part: int) -> None:
        row = self._rows[self._row]
        if part == 0:
            del row[self._column :]
        elif part == 1:
            row[: self._column + 1] = " " * min(len(row), self._column + 1)
        else:
            row.clear()
