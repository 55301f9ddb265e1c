"""The client of stage 3: stage 2's client with images, in its window and on its console."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.terminal import Terminal
from stage2_gui.client import ClientProgram as TextClientProgram
from stage3_images.console import ConsoleFace
from stage3_images.folders import prepare_folder
from stage3_images.images import images_available, pillow_cure
from stage3_images.session import Session

if TYPE_CHECKING:
    from stage3_images.window import ChatWindow


class ClientProgram(TextClientProgram):
    """What `python -m stage3_images.client` does."""

    stage = 3
    description = "A chat client with images, in a window or on the console."
    server_module = "stage3_images.server"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's client takes on its command line."""
        super().add_arguments(parser)
        parser.add_argument(
            "--received",
            type=Path,
            default=Path("client_received_images"),
            metavar="FOLDER",
            help="where received images are saved",
        )

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Make the folder if it is missing. Raises UserError."""
        super().prepare(arguments)
        if prepare_folder(arguments.received):
            print(f"Images go to the new folder {arguments.received.absolute()}", flush=True)
        if arguments.console and not images_available():
            print(f"No images: {pillow_cure('client', self.stage)}", flush=True)

    def make_session(
        self, put_event: Callable[[Any], None], arguments: argparse.Namespace
    ) -> Session:
        """The session, which puts its events where its face takes them out."""
        return Session(put_event, self.start_server(arguments), arguments.received)

    def make_console(self, terminal: Terminal, arguments: argparse.Namespace) -> ConsoleFace:
        """The face on the console."""
        return ConsoleFace(terminal, lambda put_event: self.make_session(put_event, arguments))

    def make_window(self, arguments: argparse.Namespace) -> "ChatWindow":
        """The face in a window. Raises ImportError without tkinter."""
        from stage3_images.window import ChatWindow

        return ChatWindow(lambda put_event: self.make_session(put_event, arguments))


if __name__ == "__main__":
    ClientProgram().main()
