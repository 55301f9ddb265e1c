"""The server's images in a list, to choose one from."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from stage2_gui.showable import Showable
from stage2_gui.theme import Theme


class ImageBrowser(tk.Toplevel):
    """A list of names. `fetch` is called with the chosen one, `refresh` to renew the list."""

    def __init__(
        self,
        root: tk.Misc,
        theme: Theme,
        showable: Showable,
        fetch: Callable[[str], None],
        refresh: Callable[[], None],
    ) -> None:
        super().__init__(root, background=theme.palette.background)
        self.title("Server Images")
        self.names: tuple[str, ...] = ()
        self._theme, self._showable, self._fetch = theme, showable, fetch
        self.heading = ttk.Label(self, style="Muted.TLabel", text="Asking the server \u2026")
        self.listbox = tk.Listbox(self, activestyle="none", exportselection=False, width=48)
        self.fetch_button = ttk.Button(
            self, text="Fetch", style="Accent.TButton", command=self.fetch_selected
        )
        self.refresh_button = ttk.Button(self, text="Refresh", command=refresh)
        self.close_button = ttk.Button(self, text="Close", command=self.destroy)
        self._lay_out()
        self._bind_keys()
        self.restyle()
        self.listbox.focus_set()

    def show(self, names: Sequence[str]) -> None:
        """Show these names."""
        self.names = tuple(names)
        self.listbox.delete(0, "end")
        self.listbox.insert("end", *(f" {self._showable(name)}" for name in names))
        self.heading.configure(
            text=f"{len(names)} on the server" if names else "The server has none"
        )
        if names:
            self.listbox.selection_set(0)

    def fetch_selected(self) -> None:
        """Fetch the image that is selected, if any."""
        for row in self.listbox.curselection():  # type: ignore[no-untyped-call]
            self._fetch(self.names[row])

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        colours = self._theme.palette
        self.configure(background=colours.background)
        self.listbox.configure(
            background=colours.surface,
            foreground=colours.text,
            selectbackground=colours.selection,
            selectforeground=colours.text,
            highlightbackground=colours.border,
            highlightcolor=colours.accent,
            highlightthickness=1,
            borderwidth=0,
            font=self._theme.font,
        )

    def _lay_out(self) -> None:
        gap = self._theme.pixels(10)
        self.columnconfigure(1, weight=1)
        self.rowconfigure(1, weight=1)
        self.heading.grid(row=0, column=0, columnspan=3, sticky="w", padx=gap, pady=(gap, 4))
        self.listbox.grid(row=1, column=0, columnspan=3, sticky="nsew", padx=gap)
        self.refresh_button.grid(row=2, column=0, padx=gap, pady=gap)
        self.close_button.grid(row=2, column=1, sticky="e", pady=gap)
        self.fetch_button.grid(row=2, column=2, padx=gap, pady=gap)

    def _bind_keys(self) -> None:
        self.listbox.bind("<Double-Button-1>", lambda _: self.fetch_selected())
        self.listbox.bind("<Return>", lambda _: self.fetch_selected())
        self.bind("<Escape>", lambda _: self.destroy())
