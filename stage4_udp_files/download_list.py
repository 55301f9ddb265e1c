"""All downloads of the window, the newest on top; it takes no room while there are none."""

import tkinter as tk
from tkinter import ttk

from stage2_gui.showable import Showable
from stage2_gui.theme import Theme
from stage4_udp_files.download_bar import DownloadActions, DownloadBar

PLACE = 200  # pixels of the window's height for each download shown; the others scroll


class DownloadList(ttk.Frame):
    """The bars, by the name of their file. Tk scrolls canvases, so the bars stand on one."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, showable: Showable, actions: DownloadActions
    ) -> None:
        super().__init__(parent)
        self.bars: dict[str, DownloadBar] = {}
        self._theme, self._showable, self._actions = theme, showable, actions
        self._canvas = tk.Canvas(self, highlightthickness=0, height=1)
        self._inner = ttk.Frame(self._canvas)
        self._scrollbar = ttk.Scrollbar(self, command=self._canvas.yview, takefocus=False)
        self._scrollbar.configure(style="Panel.Vertical.TScrollbar")
        self._canvas.configure(yscrollcommand=self._scrollbar.set)
        self._canvas.pack(side="left", fill="both", expand=True)
        self._item = self._canvas.create_window(0, 0, anchor="nw", window=self._inner)
        self._canvas.bind("<Configure>", lambda event: self._fill(event.width))
        self._inner.bind("<Configure>", lambda _: self._resize())
        self.winfo_toplevel().bind("<Configure>", lambda _: self._resize(), add=True)
        self.restyle()

    def bar(self, name: str) -> DownloadBar:
        """The bar of a file; a new one stands on top."""
        if name not in self.bars:
            self.bars[name] = DownloadBar(
                self._inner,
                self._theme,
                self._showable,
                name,
                self._actions,
                hide=lambda: self._hide(name),
            )
            for bar in reversed(self.bars.values()):
                bar.pack_forget()
                bar.pack(fill="x")
            self._canvas.yview_moveto(0)
            self.pack(fill="x")
        return self.bars[name]

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        self._canvas.configure(background=self._theme.palette.background)

    def _hide(self, name: str) -> None:
        self.bars.pop(name).destroy()
        if not self.bars:
            self.pack_forget()
            self.master.configure(height=1)  # type: ignore[call-arg] # Tk shrinks no empty frame

    def _fill(self, width: int) -> None:
        self._canvas.itemconfigure(self._item, width=width)

    def _resize(self) -> None:
        """Be as high as the bars, up to a part of the window."""
        height = self._inner.winfo_reqheight()
        shown = max(self.winfo_toplevel().winfo_height() // self._theme.pixels(PLACE), 1)
        visible = min(height, shown * height // max(len(self.bars), 1))
        self._canvas.configure(height=visible, scrollregion=(0, 0, 0, height))
        if visible < height:
            self._scrollbar.pack(side="right", fill="y", padx=(self._theme.pixels(4), 0))
        else:
            self._scrollbar.pack_forget()
