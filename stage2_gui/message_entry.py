"""The line in which one writes: Enter sends, the arrows bring back what was sent before."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

HISTORY = 200
"""How many sent lines are remembered."""


class MessageEntry(ttk.Entry):
    """An entry with a memory. `send` is called with each line that Enter ends."""

    def __init__(self, parent: tk.Misc, font: object, send: Callable[[str], None]) -> None:
        super().__init__(parent, font=font)  # type: ignore[arg-type] # a Font is a font name too
        self._send = send
        self._sent: list[str] = []
        self._steps_back = 0  # into the history; 0 is the line being written
        self._draft = ""
        self.bind("<Return>", lambda _: self.submit())
        self.bind("<KP_Enter>", lambda _: self.submit())
        self.bind("<Up>", lambda _: self._step(+1))
        self.bind("<Down>", lambda _: self._step(-1))
        self.bind("<Escape>", lambda _: self.put(""))
        self.bind("<<Paste>>", self._paste)

    def submit(self) -> None:
        """Send the line and remember it."""
        line = self.get()
        if line.strip():
            if self._sent[-1:] != [line]:
                self._sent = [*self._sent, line][-HISTORY:]
            self.put("")
            self._send(line)

    def put(self, text: str) -> None:
        """Write `text` in place of what stands there."""
        self._steps_back = 0
        self._replace(text)

    def begin_private(self, nickname: str) -> None:
        """Turn what stands there into a private message that only needs its text and Enter."""
        written = self.get()
        if written.startswith("/msg "):
            written = ""
        self.put(f"/msg {nickname} {written}")
        self.focus_set()

    def _replace(self, text: str) -> None:
        self.delete(0, "end")
        self.insert(0, text)
        self.icursor("end")

    def _step(self, direction: int) -> str:
        if self._steps_back == 0:
            self._draft = self.get()
        steps = self._steps_back + direction
        if 0 <= steps <= len(self._sent):
            self._steps_back = steps
            self._replace(self._sent[-steps] if steps else self._draft)
        return "break"

    def _paste(self, _event: object) -> str:
        """Paste several lines as one: a line is a message."""
        try:
            text = self.clipboard_get()
        except tk.TclError:  # there is nothing, or no text
            return "break"
        if self.selection_present():
            self.delete("sel.first", "sel.last")
        self.insert("insert", " ".join(text.split("\n")).replace("\r", ""))
        return "break"
