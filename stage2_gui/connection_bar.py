"""The bar on top: who one is, and whether there is a connection, by colour and by word."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage2_gui.theme import Theme


class ConnectionBar(ttk.Frame):
    """Shows the connection; `connect_button` makes and ends it."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        connect: Callable[[], None],
        change_look: Callable[[], None],
    ) -> None:
        super().__init__(parent, style="Surface.TFrame", padding=theme.pixels(12))
        self.name_label = ttk.Label(self, style="Title.TLabel", text="Chat")
        self.state_label = ttk.Label(self)
        self.connect_button = ttk.Button(self, style="Surface.TButton", command=connect, width=11)
        self.look_button = ttk.Button(self, style="Surface.TButton", command=change_look, width=6)
        self.columnconfigure(0, weight=1)
        left = theme.pixels(6)
        self.name_label.grid(row=0, column=0, sticky="w", padx=left)
        self.state_label.grid(row=1, column=0, sticky="w", padx=left)
        self.look_button.grid(row=0, column=1, rowspan=2, padx=theme.pixels(8))
        self.connect_button.grid(row=0, column=2, rowspan=2)
        self.show_disconnected()

    def show_name(self, nickname: str) -> None:
        """The user's nickname."""
        self.name_label.configure(text=nickname)

    def show_connecting(self, address: str) -> None:
        """The server is being called."""
        self._show("Muted", f"Connecting to {address} \u2026", "Disconnect")

    def show_connected(self, address: str) -> None:
        """The connection stands."""
        self._show("Good", f"Connected to {address}", "Disconnect")

    def show_disconnected(self) -> None:
        """There is no connection."""
        self._show("Bad", "Disconnected", "Connect")

    def _show(self, look: str, state: str, button: str) -> None:
        self.state_label.configure(style=f"{look}.Surface.TLabel", text=f"\u25cf {state}")
        self.connect_button.configure(text=button)
