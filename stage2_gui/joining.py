"""Joining a server: which one, under which name, and the dialogs that ask when it goes wrong."""

import tkinter as tk
from collections.abc import Callable

from stage1_basic.command_line import DEFAULT_PORT
from stage2_gui.dialogs import ConnectionErrorDialog, Dialog, JoinDialog, NicknameDialog
from stage2_gui.session import Session
from stage2_gui.showable import Showable
from stage2_gui.theme import Theme


class Joining:
    """Lets the session connect. `begins(nickname)` is called before it does so to a new target.

    At most one dialog is open at a time: the next one takes its place.
    """

    def __init__(
        self,
        session: Session,
        root: tk.Tk,
        theme: Theme,
        showable: Showable,
        begins: Callable[[str], None],
    ) -> None:
        self._session = session
        self._root = root
        self._theme = theme
        self._showable = showable
        self._begins = begins
        self._host = ""
        self._port = DEFAULT_PORT
        self._nickname = ""
        self.dialog: Dialog | None = None  # the newest, open or not

    def ask(self, host: str, port: int, cancelled: Callable[[], None] | None = None) -> None:
        """Let the user say which server, and under which name."""
        shown_host = "" if host == "127.0.0.1" else host
        self._open(
            JoinDialog(
                self._root, self._theme, self.join, cancelled, shown_host, port, self._nickname
            )
        )

    def join(self, host: str, port: int, nickname: str) -> None:
        """Connect to this server, under this name."""
        self._host, self._port, self._nickname = host, port, nickname
        self._begins(nickname)
        self.join_again()

    def join_again(self) -> None:
        """Connect to the same server, under the name that one had there last."""
        self._session.connect(self._host, self._port, self._nickname)

    def named(self, nickname: str) -> None:
        """The server has accepted this name: the next connection begins with it."""
        self._nickname = nickname

    def failed(self, advice: str) -> None:
        """No server answers: ask what is to be done."""
        self._open(
            ConnectionErrorDialog(
                self._root,
                self._theme,
                self._showable(advice),
                try_again=self.join_again,
                other_server=lambda: self.ask(self._host, self._port),
            )
        )

    def nickname_refused(self, nickname: str, why: str) -> None:
        """Ask for another name, if there is none to keep."""
        if self._session.nickname is None:
            shown = self._showable(nickname)
            self._open(
                NicknameDialog(self._root, self._theme, why, shown, self._session.change_nick)
            )

    def _open(self, dialog: Dialog) -> None:
        self.close_dialog()
        self.dialog = dialog

    def close_dialog(self) -> None:
        """Close the dialog, if one is open."""
        if self.dialog is not None:
            self.dialog.destroy()
            self.dialog = None
