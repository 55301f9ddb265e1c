"""The session with images on a console: what arrived is named, with the line that fetches it."""

from collections.abc import Sized
from typing import Any

from stage2_gui.console import ConsoleFace as TextConsoleFace
from stage3_images.events import (
    ImageAnnounced,
    ImageLeaving,
    ImageNotSaved,
    ImageNotSent,
    ImageSaved,
    ImageSent,
    ImagesListed,
)
from stage3_images.images import readable_size


def count_images(names: Sized) -> str:
    """Return "no images", "1 image", "2 images" …"""
    return f"{len(names) or 'no'} image{'' if len(names) == 1 else 's'}"


class ConsoleFace(TextConsoleFace):
    """Stage 2's console, which knows of images too."""

    def handle(self, event: Any) -> None:
        """Show one event, or do what was typed."""
        match event:
            case ImagesListed(names, True):
                self.show("System", f"{count_images(names)} (/request NAME fetches one)")
                for name in names:
                    self.show("System", f"  {name}")
            case ImageAnnounced(sender, name):
                self.show("System", f"{sender} has sent an image: /request {name}")
            case ImageLeaving(path, size):
                self.show("System", f"sending {path.name} ({readable_size(size)})")
            case ImageSent(path, name):
                self.show("You", f"[image] {path.name}, here called {name}")
            case ImageSaved(_, path, facts):
                self.show("System", f"image saved: {path} ({facts})")
            case ImageNotSent(path, why):
                self.show("Error", f"{path.name}: not sent: {why}")
            case ImageNotSaved(name, why):
                self.show("Error", f"{name}: not saved: {why}")
            case _:
                super().handle(event)
