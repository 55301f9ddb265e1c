"""The small windows: joining, choosing another nickname, and what to do when no server answers."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from stage1_basic.command_line import DEFAULT_PORT
from stage2_gui.nicknames import NicknameError, check_nickname
from stage2_gui.theme import Theme


class Dialog(tk.Toplevel):
    """A small window with a heading; Escape and its close button mean `cancelled`."""

    def __init__(
        self, root: tk.Tk, theme: Theme, title: str, cancelled: Callable[[], None] | None = None
    ) -> None:
        super().__init__(root, background=theme.palette.border)
        self.withdraw()  # until everything is in its place
        self.title(title)
        self.resizable(False, False)
        self._root_window = root
        self._cancelled = cancelled
        edge = theme.pixels(24)
        self.body = ttk.Frame(self, style="Surface.TFrame", padding=edge)
        self.body.pack(fill="both", expand=True, padx=1, pady=1)
        self.bind("<Escape>", lambda _: self.cancel())
        self.protocol("WM_DELETE_WINDOW", self.cancel)

    def open(self, first: tk.Widget) -> None:
        """Show the dialog in front of the main window, with the focus on `first`."""
        root = self._root_window
        self.update_idletasks()
        width, height = self.winfo_reqwidth(), self.winfo_reqheight()
        if root.winfo_viewable():
            self.transient(root)
            left = root.winfo_rootx() + (root.winfo_width() - width) // 2
            top = root.winfo_rooty() + (root.winfo_height() - height) // 3
        else:
            left = (self.winfo_screenwidth() - width) // 2
            top = (self.winfo_screenheight() - height) // 3
        self.geometry(f"+{max(left, 0)}+{max(top, 0)}")
        self.deiconify()
        self.lift()
        first.focus_force()

    def cancel(self) -> None:
        """Close the dialog without doing anything else."""
        self.destroy()
        if self._cancelled is not None:
            self._cancelled()


class JoinDialog(Dialog):
    """Asks for nickname, server and port; calls `join` with what is valid."""

    def __init__(
        self,
        root: tk.Tk,
        theme: Theme,
        join: Callable[[str, int, str], None],
        cancelled: Callable[[], None] | None = None,
        host: str = "",
        port: int = DEFAULT_PORT,
        nickname: str = "",
    ) -> None:
        super().__init__(root, theme, "Join the chat", cancelled)
        self._join = join
        gap = theme.pixels(14)
        ttk.Label(self.body, style="Title.TLabel", text="Join the chat").grid(
            row=0, column=0, columnspan=2, sticky="w", pady=(0, gap)
        )
        self.nickname_entry = self._field(1, 0, "Nickname", nickname, 34, theme)
        self.server_entry = self._field(3, 0, "Server (blank: this computer)", host, 25, theme)
        self.port_entry = self._field(3, 1, "Port", str(port), 7, theme)
        self.nickname_entry.grid(columnspan=2)
        self.message = ttk.Label(self.body, style="Bad.Surface.TLabel")
        self.message.grid(row=5, column=0, columnspan=2, sticky="w", pady=(theme.pixels(8), 0))
        self._add_buttons(theme)
        self.bind("<Return>", lambda _: self.submit())
        self.nickname_entry.select_range(0, "end")
        self.open(self.nickname_entry)

    def submit(self) -> None:
        """Join, or say what is wrong with what was typed."""
        host = self.server_entry.get().strip() or "127.0.0.1"
        port = self.port_entry.get().strip() or str(DEFAULT_PORT)
        try:
            nickname = check_nickname(self.nickname_entry.get())
        except NicknameError as error:
            self._complain(self.nickname_entry, str(error))
            return
        if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65_535):
            self._complain(self.port_entry, "a port is a number from 1 to 65535")
            return
        self.destroy()
        self._join(host, int(port), nickname)

    def _field(
        self, row: int, column: int, label: str, value: str, width: int, theme: Theme
    ) -> ttk.Entry:
        left = theme.pixels(10) if column else 0
        ttk.Label(self.body, style="Muted.Surface.TLabel", text=label).grid(
            row=row, column=column, sticky="w", padx=(left, 0), pady=(theme.pixels(8), 2)
        )
        entry = ttk.Entry(self.body, style="Surface.TEntry", font=theme.font, width=width)
        entry.insert(0, value)
        entry.grid(row=row + 1, column=column, sticky="ew", padx=(left, 0))
        return entry

    def _add_buttons(self, theme: Theme) -> None:
        row = ttk.Frame(self.body, style="Surface.TFrame")
        row.grid(row=6, column=0, columnspan=2, sticky="e", pady=(theme.pixels(14), 0))
        self.cancel_button = ttk.Button(
            row, style="Surface.TButton", text="Cancel", command=self.cancel
        )
        self.join_button = ttk.Button(
            row, text="Join", style="Surface.Accent.TButton", command=self.submit
        )
        self.cancel_button.pack(side="left", padx=(0, theme.pixels(8)))
        self.join_button.pack(side="left")

    def _complain(self, entry: ttk.Entry, why: str) -> None:
        self.message.configure(text=why, wraplength=self.body.winfo_width() * 4 // 5)
        entry.focus_set()
        entry.select_range(0, "end")


class ConnectionErrorDialog(Dialog):
    """Says why no server answers, and what to do."""

    def __init__(
        self,
        root: tk.Tk,
        theme: Theme,
        advice: str,
        try_again: Callable[[], None],
        other_server: Callable[[], None],
    ) -> None:
        super().__init__(root, theme, "Connection Error")
        gap = theme.pixels(12)
        ttk.Label(self.body, style="Title.TLabel", text="No connection").pack(anchor="w")
        wide = theme.pixels(400)
        self.message = ttk.Label(
            self.body, style="Surface.TLabel", text=advice, wraplength=wide, justify="left"
        )
        self.message.pack(anchor="w", pady=gap)
        row = ttk.Frame(self.body, style="Surface.TFrame")
        row.pack(anchor="e")
        self.close_button = ttk.Button(
            row, style="Surface.TButton", text="Close", command=self.cancel
        )
        self.other_button = ttk.Button(
            row,
            style="Surface.TButton",
            text="Other Server\u2026",
            command=lambda: self._leave_for(other_server),
        )
        self.again_button = ttk.Button(
            row,
            text="Try Again",
            style="Surface.Accent.TButton",
            command=lambda: self._leave_for(try_again),
        )
        for button in (self.close_button, self.other_button, self.again_button):
            button.pack(side="left", padx=(theme.pixels(8), 0))
        self.bind("<Return>", lambda _: self._leave_for(try_again))
        self.open(self.again_button)

    def _leave_for(self, action: Callable[[], None]) -> None:
        self.destroy()
        action()


class NicknameDialog(Dialog):
    """The server does not want this nickname: asks for another."""

    def __init__(
        self, root: tk.Tk, theme: Theme, why: str, nickname: str, chosen: Callable[[str], None]
    ) -> None:
        super().__init__(root, theme, "Another nickname")
        self._chosen = chosen
        gap = theme.pixels(12)
        ttk.Label(self.body, style="Title.TLabel", text="Choose another nickname").pack(anchor="w")
        self.message = ttk.Label(
            self.body, style="Bad.Surface.TLabel", text=why, wraplength=theme.pixels(320)
        )
        self.message.pack(anchor="w", pady=(gap, theme.pixels(4)))
        self.nickname_entry = ttk.Entry(
            self.body, style="Surface.TEntry", font=theme.font, width=34
        )
        self.nickname_entry.insert(0, nickname)
        self.nickname_entry.select_range(0, "end")
        self.nickname_entry.pack(fill="x")
        self.join_button = ttk.Button(
            self.body, text="Join", style="Surface.Accent.TButton", command=self.submit
        )
        self.join_button.pack(anchor="e", pady=(gap, 0))
        self.bind("<Return>", lambda _: self.submit())
        self.open(self.nickname_entry)

    def submit(self) -> None:
        """Ask the server for what was typed."""
        nickname = self.nickname_entry.get()
        self.destroy()
        self._chosen(nickname)


def cancel_file_dialog(root: tk.Misc) -> None:
    """Close the file dialog that Tk draws itself (X11), if it is open. It waits in a loop of its
    own, inside the button that opened it: until it returns, the main loop cannot end."""
    root.tk.call("set", "::tk::Priv(selectFilePath)", "")
