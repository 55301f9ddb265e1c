"""The screen and keyboard of a console program, used by several threads at once.

A thread of its own waits for the keyboard; lines to show may come at any time, from any thread. On
a terminal, a line that comes while someone types is put above the prompt, and what was typed so
far stays. With a pipe or a file in place of the keyboard or the screen there is no prompt, and
nothing to restore.
"""

import os
import shutil
import sys
import threading
import unicodedata
from collections.abc import Callable
from typing import Any, NoReturn

from stage1_basic.command_line import say
from stage1_basic.line_editor import LineEditor, line_editor

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]


class Terminal:
    """Standard input and output. `prompt` is shown only where a person sits."""

    def __init__(self, prompt: str) -> None:
        self.interactive = is_terminal(sys.stdin) and is_terminal(sys.stdout)
        self._editor = line_editor(prompt) if self.interactive else LineEditor(prompt)
        self._lock = threading.Lock()
        self._closed = False
        self._settings: Any = None
        if self.interactive and termios is not None:
            self._settings = termios.tcgetattr(sys.stdin.fileno())

    def show(self, text: str) -> None:
        """Print one or more lines without tearing apart the line that is being typed. Raises
        UserError when the output is refused."""
        with self._lock:
            self._print(f"{text}\n")

    def erase_typed_line(self, typed: str) -> None:
        """Remove the line that Enter has just ended: it is about to be shown in another form. It
        stays where something was shown since."""
        with self._lock:
            if self._editor.line_above == typed and os.name == "posix":
                rows = -(-width(self._editor.prompt + typed) // shutil.get_terminal_size().columns)
                self._print("\x1b[A\r\x1b[K" * rows)

    def ask(self, question: str) -> str:
        """Ask a question before `read_lines` was started. Raises EOFError when input is at its
        end."""
        return input(question)

    def read_lines(self, handle: Callable[[str], None], end: Callable[[], None]) -> None:
        """Start the keyboard thread: `handle(line)` for each line, then `end()`."""
        threading.Thread(
            target=self._read, args=(handle, end), name="keyboard", daemon=True
        ).start()

    def close(self) -> None:
        """Give the terminal back as it was found."""
        with self._lock:
            self._closed = True
            if self._editor.editing:
                self._editor.hide()
                self._editor.stop()
        self._restore()

    def abandon(self) -> NoReturn:
        """End the program at once and give the terminal back, even if it is stopped: nothing more
        is written to it."""
        self._restore()
        os._exit(0)

    def _print(self, text: str) -> None:
        if self._editor.editing:
            self._editor.hide()
        self._editor.line_above = None
        say(text, end="")
        if self._editor.editing:
            self._editor.draw()

    def _restore(self) -> None:
        """Set the terminal's modes as they were found."""
        if self._settings is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._settings)

    def _ask(self) -> str:
        with self._lock:
            if self._closed:
                raise EOFError
            self._editor.start()
        return self._editor.read_line(self._lock)

    def _read(self, handle: Callable[[str], None], end: Callable[[], None]) -> None:
        while True:
            try:
                line = self._read_line()
            except (EOFError, OSError, ValueError):  # the end, or no input at all
                break
            handle(line)
        end()

    def _read_line(self) -> str:
        if self.interactive:
            return self._ask()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise EOFError
        return line.removesuffix("\n").removesuffix("\r")


def is_terminal(stream: Any) -> bool:
    """Whether a person is at the other end of a standard stream (there is none under pythonw)."""
    return stream is not None and not stream.closed and stream.isatty()


def width(text: str) -> int:
    """How many columns of a terminal a text fills: Chinese letters two, accents of their own none
    (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )
