"""A scene with a window: the real program on a screen of its own, and people who talk with it.

Strategy: a real server and real sessions; the window runs in this process under Xvfb. Font, size
and time of day are fixed, the port is shown as the usual one, and what blinks or follows the mouse
is kept out, so that a picture only changes when the program does.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tkinter import ttk
from typing import Any
from unittest import mock

from PIL import Image, ImageGrab

from course_tools.stages import PROJECT
from stage1_basic.addresses import connect
from stage2_gui import theme
from stage2_gui.dialogs import JoinDialog
from stage2_gui.palettes import Palette
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow
from tests.support.display import XVFB, virtual_display

FONTS = Path(__file__).with_name("fonts.conf")
FONT = "Noto Sans"
NEEDED = "the pictures of the windows need"  # begins what is said where something is missing
HOST, PORT = "127.0.0.1", 12345
SIZE = (1000, 640)
CORNER = 40  # pixels between the screen's edge and the window
PATIENCE = 60.0  # seconds; a busy computer is no reason to fail

MakeWindow = Callable[[Palette], ChatWindow]


class WindowScene:
    """A window on the screen, and the people it talks with."""

    def __init__(self, window: ChatWindow) -> None:
        self.window = window
        self.people: dict[str, Session] = {"Alice": window.session}
        window.root.geometry(f"{SIZE[0]}x{SIZE[1]}+{CORNER}+{CORNER}")

    def until(self, condition: Callable[[], Any]) -> None:
        """Let Tk work until something is so."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("the scene did not come about: " + self.text())
            self.window.root.tk.dooneevent(0)

    def text(self) -> str:
        """What the conversation shows."""
        return self.window.conversation.text.get("1.0", "end")

    def join(self, nickname: str, session: Session | None = None) -> None:
        """Someone joins."""
        self.people[nickname] = session or Session(lambda _: None, "")
        self.people[nickname].connect(HOST, PORT, nickname)
        self.until(lambda: nickname in self.window.online_list.names)

    def say(self, nickname: str, typed: str) -> None:
        """Someone types a line; it is waited for until it is shown."""
        self.people[nickname].typed(typed)
        shown = typed.removeprefix("/msg Alice ").removeprefix("/msg Bob ")
        self.until(lambda: shown in self.text())

    def picture(self) -> Image.Image:
        """The main window, ready to write in."""
        return self._picture_of(self.window.root, self.window.entry)

    def picture_of_join_dialog(self) -> Image.Image:
        """The dialog that stands alone, ready for a nickname."""
        dialog = self.window.dialog
        assert isinstance(dialog, JoinDialog)
        return self._picture_of(dialog, dialog.nickname_entry)

    def _picture_of(self, shown: tk.Tk | tk.Toplevel, focus: tk.Misc) -> Image.Image:
        root = self.window.root
        field = self.window.theme.palette.field
        ttk.Style(root).configure("TEntry", insertcolor=field)  # the cursor blinks
        shown.event_generate("<Motion>", warp=True, x=-CORNER, y=-CORNER)  # away from buttons
        root.update()
        focus.focus_force()
        root.tk.call(self.window.conversation.text, "sync")  # lays out all lines
        root.update()
        left, top = shown.winfo_rootx(), shown.winfo_rooty()
        box = (left, top, left + shown.winfo_width(), top + shown.winfo_height())
        return ImageGrab.grab(box, xdisplay=os.environ["DISPLAY"])

    def close(self) -> None:
        """Everyone leaves."""
        for session in self.people.values():
            session.disconnect()
        self.window.close()
        self.until(lambda: self.window.ended)
        self.window.root.destroy()


@contextmanager
def opened(window: ChatWindow, nickname: str | None = "Alice") -> Iterator[WindowScene]:
    """The window of someone who joins, or the join dialog. Raises SystemExit."""
    if window.theme.font.actual("family") != FONT:
        raise SystemExit(f"{NEEDED} the font {FONT} (Debian: apt install fonts-noto-core)")
    playing = WindowScene(window)
    window.open(HOST, PORT, nickname)
    try:
        yield playing
    finally:
        playing.close()


@contextmanager
def serving(stage: str) -> Iterator[Path]:
    """A server on a free port, which windows and people find at the usual one; its folder."""
    command = [sys.executable, "-m", "docs_tools.server_at_noon", stage, "--port", "0"]
    # Its own folder is the current one, so that the stages' default folders lie there.
    pipe, variables = subprocess.PIPE, os.environ | {"PYTHONPATH": str(PROJECT)}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, cwd=folder, env=variables, stdin=pipe, stdout=pipe, text=True
        ) as server,
    ):
        try:
            with reached_at_the_usual_port(listening_port(server)):
                yield Path(folder)
        finally:
            server.terminate()


def listening_port(server: "subprocess.Popen[str]") -> int:
    """The port that a server has been given."""
    assert server.stdout is not None
    for line in server.stdout:
        if line.startswith("Listening"):
            return int(line.rpartition(":")[2])
    raise SystemExit("the server for the pictures did not start")


@contextmanager
def reached_at_the_usual_port(port: int) -> Iterator[None]:
    """Who connects to the usual port is led to this one, and doesn't notice."""

    def connect_to_it(host: str, _: int, start_server: str) -> socket.socket:
        return connect(host, port, start_server)

    with (
        mock.patch("stage2_gui.link.connect", connect_to_it),
        mock.patch("stage2_gui.link.format_address", return_value=f"{HOST}:{PORT}"),
    ):
        yield


@contextmanager
def screen() -> Iterator[None]:
    """A screen on which nothing depends on this computer or on the time. Raises SystemExit."""
    if XVFB is None:
        raise SystemExit(f"{NEEDED} Xvfb (Debian: apt install xvfb)")
    noon = mock.patch("stage2_gui.conversation.time.strftime", return_value="11:58")
    font = mock.patch.object(theme, "FAMILIES", (FONT,))
    with virtual_display() as variables, noon, font:
        variables["FONTCONFIG_FILE"] = str(FONTS)
        with mock.patch.dict(os.environ, variables):
            yield
