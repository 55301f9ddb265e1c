"""Windows, opened in the tests' own process and driven as a user drives them."""

import gc
import time
import tkinter as tk
from collections.abc import Callable
from typing import Any, TypeVar

from stage2_gui.window import ChatWindow
from tests.support.processes import Deadline

Window = TypeVar("Window", bound=ChatWindow)

_INTERPRETERS: list[Any] = []
"""Those of all windows so far. Only the thread that made one may free it, or Tcl ends the process;
but any thread may be the one that collects garbage. So none of them becomes garbage."""


class Screen:
    """Shows windows, and lets Tk work until something is so."""

    def __init__(self) -> None:
        self.windows: list[ChatWindow] = []

    def show(self, window: Window, host: str, port: int, nickname: str | None) -> Window:
        """Open a window, as the program does."""
        gc.freeze()  # what the other tests left need not be looked through when it closes
        self.windows.append(window)
        _INTERPRETERS.append(window.root.tk)
        window.open(host, port, nickname)
        return window

    def until(self, condition: Callable[[], Any]) -> Any:
        """Let Tk work until something is so; what `condition` returned."""
        end = time.monotonic() + Deadline.default
        tcl = self.windows[0].root.tk
        at_the_end = tcl.createtimerhandler(round(Deadline.default * 1_000) + 1, lambda: None)
        while not (result := condition()):
            shown = [text_of(window) for window in self.windows]
            assert time.monotonic() < end, f"it did not come to that; the windows show {shown}"
            tcl.dooneevent(0)  # one event of any window's, and be it the timer
        at_the_end.deletetimerhandler()
        return result

    def until_shown(self, window: ChatWindow, text: str) -> None:
        """Let Tk work until the conversation has this text."""
        self.until(lambda: text in text_of(window))

    def _close_one(self) -> list[BaseException]:
        window = self.windows[-1]
        window.close()
        self.until(lambda: window.ended)
        window.root.destroy()
        self.windows.remove(window)
        if hasattr(window.session, "workshop"):  # since stage 3
            window.session.workshop.close()
        return window.failures

    def close(self) -> None:
        """Close what is still open; no callback may have failed."""
        failures = []
        while self.windows:
            failures += self._close_one()
        gc.collect()  # else another thread might collect Tk's images and fonts, and wait for Tk
        assert failures == []


def text_of(window: ChatWindow) -> str:
    """The conversation that a window shows."""
    return window.conversation.text.get("1.0", "end-1c") if not window.ended else ""


def press(widget: tk.Misc, *keys: str) -> None:
    """Press keys in a widget."""
    widget.focus_force()
    widget.update()
    for key in keys:
        widget.event_generate(key)
