"""The pictures of the windows in the docs, taken from the real programs: docs/assets/screens.

    python -m docs_tools.screenshots FOLDER [NAME]

takes them, or that one, into a folder; `course.py docs regenerate` into their own. They need Xvfb
and the font Noto Sans (Debian: xvfb, fonts-noto-core).
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from course_tools.stages import PROJECT
from docs_tools.window_scene import MakeWindow, opened, screen, serving
from stage2_gui.events import Settled
from stage2_gui.palettes import DARK, LIGHT, Palette
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow
from stage3_images.draw_samples import SAMPLES
from stage3_images.session import Session as ImageSession
from stage3_images.window import ChatWindow as ImageWindow
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadProgress,
    DownloadStarted,
)
from stage4_udp_files.running_download import DownloadOptions
from stage4_udp_files.session import Session as FileSession
from stage4_udp_files.window import ChatWindow as FileWindow

SCREENS = PROJECT / "docs" / "assets" / "screens"

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


def text_window(palette: Palette) -> ChatWindow:
    """Stage 2's window."""
    return ChatWindow(lambda put_event: Session(put_event, ""), palette)


def image_window(palette: Palette, received: Path) -> ImageWindow:
    """Stage 3's window."""
    return ImageWindow(lambda put_event: ImageSession(put_event, "", received), palette)


def file_window(palette: Palette) -> FileWindow:
    """Stage 4's window. It saves nothing."""
    options, images = DownloadOptions(Path("downloads")), Path("client_received_images")
    return FileWindow(lambda put_event: FileSession(put_event, "", images, options), palette)


def join_dialog() -> Image.Image:
    """The first thing that one sees."""
    with opened(text_window(LIGHT), nickname=None) as playing:
        return playing.picture_of_join_dialog()


def conversation(palette: Palette, make_window: MakeWindow = text_window) -> Image.Image:
    """Four people who talk, in public and in private."""
    with serving("stage2_gui"), opened(make_window(palette)) as playing:
        playing.until(lambda: playing.window.online_list.names == ("Alice",))
        for nickname in ("Bob", "Žofie", "Ann Lee"):
            playing.join(nickname)
        for nickname, typed in TALK:
            playing.say(nickname, typed)
        return playing.picture()


def image(palette: Palette) -> Image.Image:
    """Ann sends one of the course's own samples; Alice's window fetches it and shows it."""
    events: list[Any] = []
    ann = ImageSession(events.append, "", SAMPLES)
    with (
        serving("stage3_images") as folder,
        opened(window := image_window(palette, folder)) as playing,
    ):
        playing.until(lambda: window.online_list.names == ("Alice",))
        playing.join("Bob")
        playing.join("Ann", ann)
        playing.say("Bob", "How was your weekend?")
        playing.until(lambda: any(isinstance(event, Settled) for event in events))
        ann.send_image(str(SAMPLES / "mountain_lake.jpg"))
        playing.until(lambda: len(window.thumbnails))
        playing.say("Bob", "So calm! Where is that?")
        return playing.picture()


def downloads(palette: Palette) -> Image.Image:
    """Files that come, that have come, and that wait to be continued."""
    with serving("stage4_udp_files"), opened(file_window(palette)) as playing:
        playing.until(lambda: playing.window.online_list.names == ("Alice",))
        playing.join("Bob")
        playing.say("Bob", "The slides are on the server now: /files")
        for event in DOWNLOADS:
            playing.window.handle(event)
        playing.until(lambda: "readme.txt is here" in playing.text())
        return playing.picture()


SCREENSHOTS: dict[str, Callable[[], Image.Image]] = {
    "stage2_join": join_dialog,
    "stage2_light": partial(conversation, LIGHT),
    "stage2_dark": partial(conversation, DARK),
    "stage3_light": partial(image, LIGHT),
    "stage3_dark": partial(image, DARK),
    "stage4_light": partial(downloads, LIGHT),
    "stage4_dark": partial(downloads, DARK),
}


def take(name: str, folder: Path) -> None:
    """Take one picture. Raises SystemExit where something for that is missing."""
    with screen():
        SCREENSHOTS[name]().save(folder / f"{name}.png", optimize=True)


def take_all(folder: Path) -> None:
    """Take every picture. Raises SystemExit."""
    for name in SCREENSHOTS:
        # Each in a process of its own: Tk may crash when a second main window gets the focus.
        command = [sys.executable, "-m", "docs_tools.screenshots", str(folder), name]
        if subprocess.run(command, cwd=PROJECT, check=False).returncode:
            raise SystemExit(f"{name}: no picture")
        print(folder / f"{name}.png", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        take(sys.argv[2], Path(sys.argv[1]))
    else:
        take_all(Path(sys.argv[1]))
