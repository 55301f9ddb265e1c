"""Who is online: names in their colours; a click on one starts a private message."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from stage2_gui.showable import Showable
from stage2_gui.theme import Theme


class OnlineList(ttk.Frame):
    """A heading and the names. `rows` is the widget with the names; row ids are "0", "1", …"""

    def __init__(
        self, parent: tk.Misc, theme: Theme, showable: Showable, picked: Callable[[str], None]
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._showable = showable
        self._picked = picked
        self.names: tuple[str, ...] = ()
        self._own_name: str | None = None
        self.heading = ttk.Label(self, style="Heading.TLabel", text="Online")
        self.rows = ttk.Treeview(self, show="tree", selectmode="browse", height=4)
        self.rows.column("#0", width=theme.pixels(170), minwidth=theme.pixels(120))
        self.scrollbar = ttk.Scrollbar(self, command=self.rows.yview, takefocus=False)
        self.scrollbar.configure(style="Panel.Vertical.TScrollbar")
        self.rows.configure(yscrollcommand=self.scrollbar.set)
        self.heading.pack(anchor="w", padx=theme.pixels(6), pady=theme.pixels(6))
        self.scrollbar.pack(side="right", fill="y")
        self.rows.pack(fill="both", expand=True)
        self.rows.bind("<ButtonRelease-1>", lambda event: self._pick(self._row_at(event)))
        for key in ("<Return>", "<space>"):
            self.rows.bind(key, lambda _: self._pick(self.rows.focus()))
        self.rows.bind("<FocusIn>", lambda _: self._begin_choosing())

    def show(self, names: Sequence[str], own_name: str | None) -> None:
        """Show these names."""
        if (tuple(names), own_name) == (self.names, self._own_name):
            return
        self.names, self._own_name = tuple(names), own_name
        top = self.rows.yview()[0]
        self.rows.delete(*self.rows.get_children())
        for row, name in enumerate(self.names):
            colour = self._theme.sender_colour(name)
            self.rows.insert("", "end", str(row), text=self._label(name), tags=(colour,))
            self.rows.tag_configure(colour, foreground=colour)
        self.rows.yview_moveto(top)
        self.heading.configure(text=f"Online \u00b7 {len(self.names)}")

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        names, self.names = self.names, ()
        self.show(names, self._own_name)

    def _label(self, name: str) -> str:
        you = " (you)" if name == self._own_name else ""
        return f" {self._showable(name)}{you}"

    def _row_at(self, event: "tk.Event[ttk.Treeview]") -> str:
        return self.rows.identify_row(event.y)

    def _begin_choosing(self) -> None:
        """Let the arrow keys have a row to begin with."""
        if self.names and not self.rows.focus():
            self.rows.focus("0")
            self.rows.selection_set("0")

    def _pick(self, row: str) -> None:
        if row and self.names[int(row)] != self._own_name:
            self._picked(self.names[int(row)])
