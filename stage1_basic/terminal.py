"""The screen and keyboard of a console program, used by several threads at once.

A thread of its own waits for the keyboard; lines to show may come at any time, from any thread. On
a terminal, a line that comes while someone types is put above the prompt, and what was typed so
far stays. With a pipe or a file in place of the keyboard or the screen there is no prompt, and
nothing to restore.
"""

import ctypes
import os
import shutil
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from stage1_basic.command_line import say

try:
    import readline  # line editing and history; it also holds what was typed so far
except ImportError:  # Windows
    readline = None  # type: ignore[assignment]
try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]


class Terminal:
    """Standard input and output. `prompt` is shown only where a person sits."""

    def __init__(self, prompt: str) -> None:
        self.interactive = is_terminal(sys.stdin) and is_terminal(sys.stdout)
        self._prompt = prompt
        self._lock = threading.Lock()
        self._asking = False  # the prompt is on the screen
        self._settings: Any = None
        if self.interactive and termios is not None:
            self._settings = termios.tcgetattr(sys.stdin.fileno())

    def show(self, text: str) -> None:
        """Print one or more lines without tearing apart the line that is being typed. Raises
        UserError when the output is refused."""
        with self._lock:
            if self._asking:
                self._clear_line()
                print(f"{text}\n{self._prompt}{typed_so_far()}", end="", flush=True)
            else:
                say(text)

    def erase_typed_line(self) -> None:
        """Remove the line that Enter has just ended: it is about to be shown in another form."""
        if self.interactive and os.name == "posix":
            with self._lock:
                print("\x1b[A\r\x1b[K", end="", flush=True)

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
            if self._asking:
                self._clear_line()
        self._restore()

    def abandon(self) -> NoReturn:
        """End the program at once and give the terminal back, even if it is stopped: nothing more
        is written to it."""
        self._restore()
        os._exit(0)

    def _restore(self) -> None:
        """Set the terminal's modes as they were found."""
        if self._settings is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._settings)

    def _ask(self) -> str:
        self._lock.acquire()  # nothing is shown before the prompt stands
        try:
            if hasattr(readline, "set_pre_input_hook"):
                readline.set_pre_input_hook(self._prompt_shown)
                return input(self._prompt)
            print(self._prompt, end="", flush=True)
            self._prompt_shown()
            return input()
        finally:
            if not self._asking:  # input ended before the prompt stood
                self._lock.release()
            self._asking = False

    def _prompt_shown(self) -> None:
        self._asking = True
        self._lock.release()

    def _clear_line(self) -> None:
        blank = " " * (shutil.get_terminal_size().columns - 1)
        print(f"\r{blank}\r", end="", flush=True)

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


def typed_so_far() -> str:
    """What stands in the line that is being typed; "" where that can't be told.

    Not `readline.get_line_buffer()`: that decodes the text in place, and when the keyboard's thread
    adds a letter meanwhile, the C library ends the program. Here a copy is decoded.
    """
    try:
        typed = ctypes.c_char_p.in_dll(ctypes.CDLL(readline.__file__), "rl_line_buffer").value
    except (AttributeError, OSError, ValueError):  # no readline, or one built into Python
        return ""
    return (typed or b"").decode(errors="replace")


def is_terminal(stream: Any) -> bool:
    """Whether a person is at the other end of a standard stream (there is none under pythonw)."""
    return stream is not None and not stream.closed and stream.isatty()
