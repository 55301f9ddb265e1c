"""The server's files in a list with their sizes, to choose from."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk

from stage2_gui.showable import Showable
from stage2_gui.theme import Theme
from stage3_images.images import readable_size
from stage4_udp_files.events import SharedFile


@dataclass(frozen=True, slots=True)
class BrowserActions:
    """What the buttons do; `download` is called with the name of each chosen file."""

    download: Callable[[str], None]
    refresh: Callable[[], None]
    open_folder: Callable[[], None]


class FileBrowser(tk.Toplevel):
    """A list of files. `rows` is the widget with them; row ids are "0", "1", …"""

    def __init__(
        self, root: tk.Misc, theme: Theme, showable: Showable, actions: BrowserActions
    ) -> None:
        super().__init__(root, background=theme.palette.background)
        self.title("Server Files")
        self.files: tuple[SharedFile, ...] = ()
        self._theme, self._showable, self._actions = theme, showable, actions
        self.heading = ttk.Label(self, style="Muted.TLabel", text="Asking the server \u2026")
        self._edge = ttk.Frame(self, style="Border.TFrame", padding=1)
        self.rows = ttk.Treeview(
            self._edge, style="Surface.Treeview", show="tree", columns=["size"], height=8
        )
        self.scrollbar = ttk.Scrollbar(self._edge, command=self.rows.yview, takefocus=False)
        self.rows.configure(yscrollcommand=self.scrollbar.set)
        self.rows.column("#0", width=theme.pixels(340), stretch=True)
        self.rows.column("size", width=theme.pixels(90), stretch=False, anchor="e")
        self.refresh_button = ttk.Button(self, text="Refresh", command=actions.refresh)
        self.folder_button = ttk.Button(self, text="Open Folder", command=actions.open_folder)
        self.close_button = ttk.Button(self, text="Close", command=self.destroy)
        self.download_button = ttk.Button(
            self, text="Download", style="Accent.TButton", command=self.download_selected
        )
        self._lay_out()
        self._bind_keys()
        self.rows.focus_set()

    def show(self, files: Sequence[SharedFile]) -> None:
        """Show these files; what was selected stays so, if it is still there."""
        chosen = {self.files[int(row)].name for row in self.rows.selection()}
        self.files = tuple(files)
        self.rows.delete(*self.rows.get_children())
        for row, file in enumerate(files):
            label, size = f" {self._showable(file.name)}", f"{readable_size(file.size)}  "
            self.rows.insert("", "end", str(row), text=label, values=[size])
        self.heading.configure(text=self._summary())
        selected = [str(row) for row, file in enumerate(files) if file.name in chosen]
        if files:
            self.rows.selection_set(selected or ["0"])
            self.rows.focus((selected or ["0"])[0])

    def show_words(self, text: str) -> None:
        """Say why there are no files."""
        self.show(())
        self.heading.configure(text=text)

    def download_selected(self) -> None:
        """Download what is selected, if anything."""
        for row in self.rows.selection():
            self._actions.download(self.files[int(row)].name)

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        self.configure(background=self._theme.palette.background)

    def _summary(self) -> str:
        if not self.files:
            return "The server has no files"
        count = "1 file" if len(self.files) == 1 else f"{len(self.files):,} files"
        return f"{count} on the server, {readable_size(sum(file.size for file in self.files))}"

    def _lay_out(self) -> None:
        gap = self._theme.pixels(10)
        self.columnconfigure(2, weight=1)
        self.rowconfigure(1, weight=1)
        self.heading.grid(row=0, column=0, columnspan=4, sticky="w", padx=gap, pady=(gap, 4))
        self._edge.grid(row=1, column=0, columnspan=4, sticky="nsew", padx=gap)
        self.scrollbar.pack(side="right", fill="y")
        self.rows.pack(side="left", fill="both", expand=True)
        self.refresh_button.grid(row=2, column=0, padx=(gap, 0), pady=gap)
        self.folder_button.grid(row=2, column=1, padx=gap, pady=gap)
        self.close_button.grid(row=2, column=2, sticky="e", pady=gap)
        self.download_button.grid(row=2, column=3, padx=gap, pady=gap)

    def _bind_keys(self) -> None:
        self.rows.bind("<Double-Button-1>", self._double_click)
        self.rows.bind("<Return>", lambda _: self.download_selected())
        self.bind("<Escape>", lambda _: self.destroy())

    def _double_click(self, event: "tk.Event[ttk.Treeview]") -> None:
        if self.rows.identify_row(event.y):
            self.download_selected()
