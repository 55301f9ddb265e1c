"""The server of stage 3: stage 2's server, its image folders, and lines long enough for images."""

import argparse
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.lines import LONG_LINE_LIMIT
from stage1_basic.room import Engine
from stage2_gui.server import Server as NamedServer
from stage3_images.folders import prepare_folder
from stage3_images.images import images_available, pillow_cure
from stage3_images.room import Room


class Server(NamedServer):
    """The server program of stage 3."""

    stage: ClassVar[int] = 3
    description = "A chat server that takes, keeps and hands out images."
    long_lines: ClassVar[Mapping[bytes, int]] = {b"IMAGE:": LONG_LINE_LIMIT}

    def __init__(self) -> None:
        self.notes: list[str] = []  # what is said once the server listens

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's server takes on its command line."""
        super().add_arguments(parser)
        parser.add_argument(
            "--received-images",
            type=Path,
            default=Path("received_images"),
            metavar="FOLDER",
            help="where the images that clients send are kept",
        )
        parser.add_argument(
            "--server-images",
            type=Path,
            default=Path("server_images"),
            metavar="FOLDER",
            help="your own images, for everyone to fetch",
        )

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Make the folders that are missing. Raises UserError."""
        super().prepare(arguments)
        self.prepare_folder("Images from clients", arguments.received_images, to_write=True)
        self.prepare_folder("Your images", arguments.server_images, to_write=False)
        if not images_available():
            self.notes.append(f"No images are taken: {pillow_cure('server', self.stage)}")

    def prepare_folder(self, what: str, folder: Path, *, to_write: bool) -> None:
        """Make a folder if it is missing, and say so. Raises UserError."""
        if prepare_folder(folder, to_write):
            self.notes.append(f"{what} go to the new folder {folder.absolute()}")

    def make_room(self, engine: Engine, arguments: argparse.Namespace) -> Room:
        """The room that this stage's server keeps."""
        self.log = engine.log
        return Room(
            engine, arguments.ping_interval, arguments.server_images, arguments.received_images
        )

    def announce(self, listener: socket.socket) -> None:
        """Say where clients find the server, and what else the operator should know."""
        super().announce(listener)
        for note in self.notes:
            self.log(note)


if __name__ == "__main__":
    sys.exit(Server().main())
