"""Takes the pictures of the windows in the docs, from the real program, into docs/assets/screens/.

    python -m docs_tools.screenshots [FOLDER]

Strategy: a real server and real sessions; the window runs in this process on a screen of its own
(Xvfb), with a fixed font, size, port and time of day, so that a picture only changes when the
program does. Needs Xvfb, the font Inter (Debian: fonts-inter) and Pillow.
"""

import os
import subprocess
import sys
import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from stage2_gui import theme
from stage2_gui.palettes import DARK, LIGHT, Palette
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadProgress,
    DownloadStarted,
)
from stage4_udp_files.running_download import DownloadOptions
from stage4_udp_files.session import Session as FileSession
from stage4_udp_files.window import ChatWindow as FileWindow
from tests.support.display import XVFB, virtual_display

PROJECT = Path(__file__).resolve().parents[1]
SCREENS = PROJECT / "docs" / "assets" / "screens"
FONT = "Inter"
HOST, PORT = "127.0.0.1", 12345
CORNER = 40  # pixels between the screen's edge and the window
PATIENCE = 15.0  # seconds
LARGE, SMALL = (1000, 640), (700, 500)

TALK = [
    ("Bob", "Good morning! Why is one recv not one message?"),
    ("Alice", "TCP keeps the order of the bytes and nothing else: two sends can arrive as one, and"
    " one can arrive in pieces. So both sides agree where a message ends."),
    ("Žofie", "Try it with 4,096 bytes, then you can see it."),
    ("Ann Lee", "Can Alice show us the test that feeds it byte by byte?"),
    ("Bob", "/msg Alice Shall we look at it together at noon?"),
    ("Alice", "/msg Bob Gladly, in the lab."),
    ("Alice", "Here it is: tests/stage1/test_lines.py"),
]  # fmt: skip

FILES = {"five_megabytes.bin": 5_000_000, "lecture 7.pdf": 2_350_000, "readme.txt": 214}
# What the bars show: a real download would have other figures each time.
DOWNLOADS = [
    DownloadStarted("readme.txt", 214),
    DownloadFinished("readme.txt", Path("downloads/readme.txt"), 214, 0.1, 2, 0),
    DownloadStarted("lecture 7.pdf", 2_350_000),
    DownloadProgress("lecture 7.pdf", 900_000, 2_350_000, 0.0, 643, 58),
    DownloadFailed("lecture 7.pdf", "cancelled", cancelled=True),
    DownloadStarted("five_megabytes.bin", 5_000_000),
    DownloadProgress("five_megabytes.bin", 3_100_000, 5_000_000, 1_240_000.0, 2_390, 241),
]

MakeWindow = Callable[[Palette], ChatWindow]


class Scene:
    """A window on the screen, and the people it talks with."""

    def __init__(self, window: ChatWindow, size: tuple[int, int]) -> None:
        self.window = window
        self.size = size
        self.people: dict[str, Session] = {"Alice": window.session}
        window.root.geometry(f"{size[0]}x{size[1]}+{CORNER}+{CORNER}")

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

    def join(self, nickname: str) -> None:
        """Someone joins."""
        self.people[nickname] = Session(lambda _: None, "")
        self.people[nickname].connect(HOST, PORT, nickname)
        self.until(lambda: nickname in self.window.online_list.names)

    def say(self, nickname: str, typed: str) -> None:
        """Someone types a line; it is waited for until it is shown."""
        self.people[nickname].typed(typed)
        shown = typed.removeprefix("/msg Alice ").removeprefix("/msg Bob ")
        self.until(lambda: shown in self.text())

    def shoot(self, path: Path) -> None:
        """Save the window, with what lies in front of it, as a picture."""
        from PIL import ImageGrab

        self.window.root.update()
        width, height = self.size
        box = (CORNER, CORNER, CORNER + width, CORNER + height)
        ImageGrab.grab(box, xdisplay=os.environ["DISPLAY"]).save(path, optimize=True)
        print(path)

    def shoot_dialog(self, dialog: tk.Toplevel | None, path: Path) -> None:
        """Save a dialog that stands alone."""
        from PIL import ImageGrab

        assert dialog is not None
        dialog.event_generate("<Motion>", warp=True, x=2, y=2)  # away from the buttons
        dialog.update()
        left, top = dialog.winfo_rootx(), dialog.winfo_rooty()
        box = (left, top, left + dialog.winfo_width(), top + dialog.winfo_height())
        ImageGrab.grab(box, xdisplay=os.environ["DISPLAY"]).save(path, optimize=True)
        print(path)

    def close(self) -> None:
        """Everyone leaves."""
        for session in self.people.values():
            session.disconnect()
        self.window.close()
        self.until(lambda: self.window.ended)
        self.window.root.destroy()


def text_window(palette: Palette) -> ChatWindow:
    """Stage 2's window."""
    command = f"python3 -m stage2_gui.server --port {PORT}"
    return ChatWindow(lambda put_event: Session(put_event, command), palette)


def file_window(palette: Palette) -> ChatWindow:
    """Stage 4's window. It saves nothing."""
    options, images = DownloadOptions(Path("downloads")), Path("client_received_images")
    return FileWindow(lambda put: FileSession(put, "", images, options), palette)


@contextmanager
def opened(
    size: tuple[int, int],
    palette: Palette,
    nickname: str | None = "Alice",
    make_window: MakeWindow = text_window,
) -> Iterator[Scene]:
    """The window of someone who joins, or the join dialog."""
    window = make_window(palette)
    if window.theme.font.actual("family") != FONT:
        raise SystemExit(f"the pictures need the font {FONT} (Debian: apt install fonts-inter)")
    scene = Scene(window, size)
    window.open(HOST, PORT, nickname)
    try:
        yield scene
    finally:
        scene.close()


@contextmanager
def serving(stage: str = "stage2_gui", *options: str) -> Iterator[None]:
    """A server at the port that the pictures show."""
    command = [sys.executable, "-m", f"{stage}.server", "--port", str(PORT), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout is not None
        if not server.stdout.readline().startswith("Listening"):
            raise SystemExit("no server for the pictures: is its port in use?")
        try:
            yield
        finally:
            server.terminate()


def conversation(folder: Path, name: str, size: tuple[int, int], palette: Palette) -> None:
    """Four people who talk, in public and in private."""
    with serving(), opened(size, palette) as scene:
        scene.until(lambda: scene.window.online_list.names == ("Alice",))
        for nickname in ("Bob", "Žofie", "Ann Lee"):
            scene.join(nickname)
        for nickname, typed in TALK:
            scene.say(nickname, typed)
        scene.window.entry.focus_force()
        scene.shoot(folder / f"{name}.png")


def join_dialog(folder: Path) -> None:
    """The first thing that one sees."""
    with opened(LARGE, LIGHT, nickname=None) as scene:
        scene.window.root.update()
        scene.shoot_dialog(scene.window.dialog, folder / "stage2_join.png")


def connection_error(folder: Path) -> None:
    """What one sees when no server runs."""
    with opened(SMALL, LIGHT) as scene:
        scene.until(lambda: scene.window.dialog)
        scene.shoot(folder / "stage2_connection_error.png")


@contextmanager
def serving_files() -> Iterator[None]:
    """A server of stage 4 with files."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, kind) for kind in ("files", "images", "uploads")]
        for folder in folders:
            folder.mkdir()
        for file, size in FILES.items():
            (folders[0] / file).write_bytes(bytes(size))
        options = zip(
            ("--files", "--server-images", "--received-images"), map(str, folders), strict=True
        )
        with serving("stage4_udp_files", *(word for option in options for word in option)):
            yield


def downloads(folder: Path, name: str, size: tuple[int, int], palette: Palette) -> None:
    """Files that come, that have come, and that wait to be continued."""
    with serving_files(), opened(size, palette, make_window=file_window) as scene:
        scene.until(lambda: scene.window.online_list.names == ("Alice",))
        scene.join("Bob")
        scene.say("Bob", "The slides are on the server now: /files")
        for event in DOWNLOADS:
            scene.window.handle(event)
        scene.until(lambda: "readme.txt is here" in scene.text())
        scene.window.entry.focus_force()
        scene.shoot(folder / f"{name}.png")


def files_list(folder: Path) -> None:
    """The server's files with their sizes."""
    with serving_files(), opened(SMALL, LIGHT, make_window=file_window) as scene:
        window = scene.window
        assert isinstance(window, FileWindow)
        scene.until(lambda: window.session.server_has_files)
        window.browse_files()
        browser = window.file_browser
        assert browser is not None
        scene.until(lambda: len(browser.files) == len(FILES))
        browser.geometry(f"+{CORNER + SMALL[0] + CORNER}+{CORNER}")  # not behind the window
        scene.shoot_dialog(browser, folder / "stage4_files.png")


def take_all(folder: Path) -> None:
    """Take every picture of stages 2 and 4."""
    folder.mkdir(parents=True, exist_ok=True)
    join_dialog(folder)
    connection_error(folder)
    conversation(folder, "stage2_light", LARGE, LIGHT)
    conversation(folder, "stage2_dark", LARGE, DARK)
    conversation(folder, "stage2_small", SMALL, LIGHT)
    downloads(folder, "stage4_light", LARGE, LIGHT)
    downloads(folder, "stage4_dark", LARGE, DARK)
    files_list(folder)


def main() -> int:
    if XVFB is None:
        raise SystemExit("the pictures need Xvfb (Debian: apt install xvfb)")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SCREENS
    noon = mock.patch("stage2_gui.conversation.time.strftime", return_value="11:58")
    with virtual_display() as variables, noon, mock.patch.object(theme, "FAMILIES", (FONT,)):
        os.environ.update(variables)
        take_all(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
