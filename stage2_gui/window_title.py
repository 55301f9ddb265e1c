"""The title of the main window: whose it is, and how much came while its user was elsewhere."""

import tkinter as tk
from collections.abc import Iterable

from stage2_gui.events import Line
from stage2_gui.showable import Showable


class WindowTitle:
    """Counts messages while the window is without the focus: `(2) Chat - Ann`."""

    def __init__(self, root: tk.Tk, showable: Showable) -> None:
        self._root = root
        self._showable = showable
        self._unread = 0
        self.nickname = ""  # seen from the next `show` on
        self.has_focus = False
        root.title("Chat")
        root.bind("<FocusIn>", lambda _: self._focus_changed(True))
        root.bind("<FocusOut>", lambda _: self._focus_changed(False))

    def show(self) -> None:
        """Show the count, if there is one, and the nickname."""
        unread = f"({self._unread}) " if self._unread else ""
        self._root.title(self._showable(f"{unread}Chat - {self.nickname}"))

    def count(self, lines: Iterable[Line]) -> None:
        """Lines have come. What people say is counted, if nobody may have seen it."""
        if not self.has_focus:
            self._unread += sum(line.kind in ("other", "private", "server") for line in lines)
            self.show()

    def _focus_changed(self, has_focus: bool) -> None:
        self.has_focus = has_focus
        if has_focus and self._unread:
            self._unread = 0
            self.show()
