"""The program's main window as Tk makes it, with what is so everywhere in the program."""

import sys
import tkinter as tk
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from stage2_gui.theme import be_crisp


class RootWindow(tk.Tk):
    """Hidden at first. Return presses the button with the focus, and no error is ever lost.

    `show_error` is called with a line about each exception in a callback. Raises RuntimeError where
    there is no display.
    """

    def __init__(self, show_error: Callable[[str], None]) -> None:
        be_crisp()
        try:
            super().__init__(className="Chat")
        except tk.TclError as error:
            raise RuntimeError(f"No window can be opened here ({error}).") from error
        self.withdraw()
        self.bind_class("TButton", "<Return>", self._press)
        self.failures: list[BaseException] = []  # exceptions in callbacks, for tests to look at
        self._show_error = show_error

    def report_callback_exception(
        self, exc: type[BaseException], val: BaseException, tb: TracebackType | None
    ) -> None:
        """Tk calls this with an exception in a callback: it goes to stderr, and to the user."""
        self.failures.append(val)
        traceback.print_exception(exc, val, tb, file=sys.stderr)
        self._show_error(f"internal error: {val!r} (more on the terminal)")

    def _press(self, event: "tk.Event[Any]") -> str:
        event.widget.invoke()
        return "break"  # the dialog around the button would take Return for itself
