"""Takes the pictures of stage 3's window in the docs, as docs_tools.screenshots those of others.

    python -m docs_tools.screenshots_images [FOLDER]

Ann sends one of the course's own samples; Alice's window fetches it and shows it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from docs_tools.screenshots import HOST, LARGE, PORT, SCREENS, Scene, opened, serving
from stage2_gui import theme
from stage2_gui.events import Settled
from stage2_gui.palettes import DARK, LIGHT, Palette
from stage2_gui.window import ChatWindow
from stage3_images.draw_samples import SAMPLES
from stage3_images.session import Session
from stage3_images.window import ChatWindow as ImageWindow
from tests.support.display import virtual_display

SAMPLE = SAMPLES / "mountain_lake.jpg"


@contextmanager
def serving_images(folder: Path) -> Iterator[None]:
    """A server of stage 3 with empty libraries."""
    for name in ("library", "uploads"):
        (folder / name).mkdir()
    options = ("--server-images", str(folder / "library"))
    with serving("stage3_images", *options, "--received-images", str(folder / "uploads")):
        yield


def conversation(pictures: Path, name: str, palette: Palette) -> None:
    """An image is sent, and appears in the conversation."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def make_window(palette: Palette) -> ChatWindow:
            received = folder / "received"
            received.mkdir()
            return ImageWindow(lambda put: Session(put, "", received), palette)

        with serving_images(folder), opened(LARGE, palette, make_window=make_window) as scene:
            talk(scene, folder)
            scene.window.entry.focus_force()
            scene.shoot(pictures / f"{name}.png")


def talk(scene: Scene, folder: Path) -> None:
    """What is said and sent."""
    scene.until(lambda: scene.window.online_list.names == ("Alice",))
    scene.join("Bob")
    events: list[Any] = []
    sender = Session(events.append, "", folder)
    scene.people["Ann"] = sender
    sender.connect(HOST, PORT, "Ann")
    scene.until(lambda: "Ann" in scene.window.online_list.names)
    scene.say("Bob", "How was your weekend?")
    scene.until(lambda: any(isinstance(event, Settled) for event in events))
    sender.send_image(str(SAMPLE))
    window = scene.window
    assert isinstance(window, ImageWindow)
    scene.until(lambda: len(window.thumbnails))
    scene.say("Bob", "So calm! Where is that?")


def main() -> int:
    """Take the pictures on a screen of their own."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SCREENS
    noon = mock.patch("stage2_gui.conversation.time.strftime", return_value="11:58")
    with virtual_display() as variables, noon, mock.patch.object(theme, "FAMILIES", ("Inter",)):
        os.environ.update(variables)
        conversation(folder, "stage3_light", LIGHT)
        conversation(folder, "stage3_dark", DARK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
