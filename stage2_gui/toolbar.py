"""A row of buttons that goes on in a second row where the window is narrow."""

import tkinter as tk
from tkinter import ttk

from stage2_gui.theme import Theme


class Toolbar(ttk.Frame):
    """Lays out buttons in the order in which they are added, and a hint where there is room."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent, height=1)
        self._gap = theme.pixels(8)
        self._buttons: list[ttk.Button] = []
        self._hint = ttk.Label(self, style="Muted.TLabel")
        self.bind("<Configure>", lambda event: self._lay_out(event.width))

    def add(self, button: ttk.Button) -> None:
        """Add a button behind the others."""
        self._buttons.append(button)

    def show_hint(self, text: str) -> None:
        """Show a hint at the right end, if the buttons leave room for it."""
        self._hint.configure(text=text)

    def _lay_out(self, width: int) -> None:
        left = top = height = 0
        for button in self._buttons:
            height = button.winfo_reqheight()
            if left and left + button.winfo_reqwidth() > width:
                left, top = 0, top + height + self._gap
            button.place(x=left, y=top)
            left += button.winfo_reqwidth() + self._gap
        if top == 0 and left + self._hint.winfo_reqwidth() <= width:
            self._hint.place(relx=1.0, y=height // 2, anchor="e")
        else:
            self._hint.place_forget()
        self.configure(height=top + height)
