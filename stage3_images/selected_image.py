"""The image that is about to be sent: its picture, name and size, and how far it has gone."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage2_gui.theme import Theme
from stage3_images.images import readable_size

PREVIEW = (96, 72)


class SelectedImage(ttk.Frame):
    """A strip above the entry, there only while an image is selected or on its way."""

    def __init__(self, parent: tk.Misc, theme: Theme, removed: Callable[[], None]) -> None:
        super().__init__(parent, padding=(0, 0, 0, theme.pixels(8)))
        gap = theme.pixels(10)
        self._picture: tk.PhotoImage | None = None  # Tk shows it only as long as Python has it
        self._name = self._facts = ""
        self.picture_label = ttk.Label(self)
        self.name_label = ttk.Label(self, font=theme.bold)
        self.facts_label = ttk.Label(self, style="Muted.TLabel")
        self.progress_bar = ttk.Progressbar(self, maximum=1.0)
        self.remove_button = ttk.Button(self, text="Remove", command=removed)
        self.columnconfigure(1, weight=1)
        self.picture_label.grid(row=0, column=0, rowspan=3, padx=(0, gap))
        self.name_label.grid(row=0, column=1, sticky="sw")
        self.facts_label.grid(row=1, column=1, sticky="nw")
        self.remove_button.grid(row=0, column=2, rowspan=2, padx=(gap, 0))

    def show(self, ppm: bytes, name: str, facts: str) -> None:
        """Show what is selected."""
        self._picture = tk.PhotoImage(master=self, data=ppm, format="ppm")
        self.picture_label.configure(image=self._picture)
        self._name, self._facts = name, facts
        self.show_waiting()
        self.pack(fill="x")

    def show_waiting(self) -> None:
        """Show that it has not left yet."""
        self.name_label.configure(text=self._name)
        self.facts_label.configure(text=self._facts)
        self.progress_bar.grid_forget()
        self.remove_button.state(["!disabled"])

    def show_leaving(self, name: str, size: int) -> None:
        """Show that an image of so many bytes begins to leave."""
        self.name_label.configure(text=name)
        self.pack(fill="x")
        self.show_progress(0, size)

    def show_progress(self, sent: int, total: int) -> None:
        """Show how much of it has gone, in bytes on the wire."""
        text = f"{readable_size(sent)} of {readable_size(total)} sent"
        if sent == total:
            text = "sent, the server checks it \u2026"
        self.facts_label.configure(text=text)
        self.progress_bar.configure(value=sent / total)
        self.progress_bar.grid(row=2, column=1, sticky="ew", pady=(4, 0))
        self.remove_button.state(["disabled"])

    def hide(self) -> None:
        """Nothing is selected any more."""
        self.pack_forget()
        self.picture_label.configure(image="")
        self.master.configure(height=1)  # type: ignore[call-arg] # Tk shrinks no empty frame
        self._picture = None
