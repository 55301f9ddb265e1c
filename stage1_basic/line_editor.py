"""The line that is being typed, which other threads may take from the screen and put back.

`input()` lets readline wait, read and draw in one call: a line that another thread prints in the
middle of it may leave a letter twice on the screen. Readline has a second interface, for programs
that do the waiting themselves (GNU Readline manual, section "Alternate Interface"; libedit has it,
too). Python does not offer it; ctypes does.
"""

import ctypes
import select
import shutil
import sys
import threading

try:
    import readline
except ImportError:  # Windows
    readline = None  # type: ignore[assignment]


class LineEditor:
    """Lets one line after the other be typed with `input()`, on any Python. Drawn again, the prompt
    is without what was typed so far. Whoever calls holds the lock; `read_line` takes it."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.editing = False  # the prompt is on the screen
        self.line_above: str | None = None  # ended by Enter, and nothing was shown since

    def start(self) -> None:
        """Show the prompt: a line begins."""
        self.editing = True
        self.draw()

    def read_line(self, lock: threading.Lock) -> str:
        """Wait for the line's end. Raises EOFError when there is no line any more."""
        try:
            line = input()
        finally:
            with lock:
                self.editing = False
        self.line_above = line
        return line

    def hide(self) -> None:
        """Take prompt and line from the screen, and leave the cursor where they began."""
        blank = " " * (shutil.get_terminal_size().columns - 1)
        print(f"\r{blank}\r", end="", flush=True)

    def draw(self) -> None:
        """Show prompt and line from the cursor on."""
        print(self.prompt, end="", flush=True)

    def stop(self) -> None:
        """The line is not needed any more."""
        self.editing = False


class ReadlineEditor(LineEditor):
    """Takes a key at a time, under the lock, and draws prompt and line whole. Raises
    NoReadlineError."""

    def __init__(self, prompt: str) -> None:
        super().__init__(prompt)
        try:
            self._library = ctypes.CDLL(readline.__file__)
            catches_signals = ctypes.c_int.in_dll(self._library, "rl_catch_signals")
            self._draw = self._library.rl_forced_update_display
        except (AttributeError, OSError, ValueError) as error:
            raise NoReadlineError from error
        catches_signals.value = 0  # Ctrl+C is Python's
        self._is_gnu = hasattr(self._library, "rl_clear_visible_line")  # libedit has less
        self._when_entered = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._entered)
        self._line: str | None = None

    def start(self) -> None:
        self.editing = True
        self._line = None
        if self._is_gnu:  # the window may be wider now
            self._library.rl_reset_screen_size()
        self._library.rl_callback_handler_install(self.prompt.encode(), self._when_entered)

    def read_line(self, lock: threading.Lock) -> str:
        while self.editing:
            select.select([sys.stdin], [], [])
            with lock:
                if self.editing:
                    self._library.rl_callback_read_char()
        if self._line is None:
            raise EOFError
        return self._line

    def hide(self) -> None:
        if self._is_gnu:
            self._library.rl_clear_visible_line()
            self._library.fflush(None)
        super().hide()

    def draw(self) -> None:
        self._draw()

    def stop(self) -> None:
        super().stop()
        self._library.rl_callback_handler_remove()

    def _entered(self, address: int | None) -> None:
        """Readline calls this at the end of a line, with its address, or NULL after Ctrl+D."""
        self.stop()
        if address is not None:
            self._line = self.line_above = ctypes.string_at(address).decode(errors="replace")
            self._library.free(ctypes.c_void_p(address))
            if self._line:
                readline.add_history(self._line)


class NoReadlineError(Exception):
    """This Python has no readline, or keeps it to itself."""


def line_editor(prompt: str) -> LineEditor:
    """The best editor that this Python has."""
    try:
        return ReadlineEditor(prompt)
    except NoReadlineError:
        return LineEditor(prompt)
