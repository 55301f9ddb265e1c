"""The client of stage 4: stage 3's client with downloads, in a window, on a console, by --get."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.command_line import UserError, port
from stage1_basic.terminal import Terminal
from stage3_images.client import ClientProgram as ImageClientProgram
from stage3_images.folders import prepare_folder
from stage4_udp_files.console import ConsoleFace
from stage4_udp_files.get import GetFace
from stage4_udp_files.running_download import DownloadOptions
from stage4_udp_files.session import Session
from stage4_udp_files.strategies import strategy_name
from stage4_udp_files.trace import TraceFile

if TYPE_CHECKING:
    from stage4_udp_files.window import ChatWindow


class ClientProgram(ImageClientProgram):
    """What `python -m stage4_udp_files.client` does."""

    stage = 4
    description = "A chat client with images and file downloads, in a window or on the console."
    server_module = "stage4_udp_files.server"
    trace: TraceFile | None = None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's client takes on its command line."""
        super().add_arguments(parser)
        parser.add_argument(
            "--downloads",
            type=Path,
            default=Path("downloads"),
            metavar="FOLDER",
            help="where downloaded files are saved",
        )
        parser.add_argument(
            "--udp-port", type=port, metavar="PORT", help="fetch files through a lossy link there"
        )
        parser.add_argument(
            "--get", nargs="+", metavar="NAME", help="download these files, and leave"
        )
        parser.add_argument(
            "--congestion",
            type=strategy_name,
            metavar="NAME",
            help="how fast to ask for: rate, reno, or fixed:N packets (default: the server's)",
        )
        parser.add_argument("--trace", type=Path, metavar="FILE", help="write packet events here")

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Make the folders that are missing, open the trace. Raises UserError."""
        if not arguments.get:
            super().prepare(arguments)
        if prepare_folder(arguments.downloads):
            print(f"Downloads go to the new folder {arguments.downloads.absolute()}", flush=True)
        if arguments.trace is not None:
            try:
                self.trace = TraceFile(arguments.trace)
            except OSError as error:
                raise UserError(f"Cannot write {arguments.trace}: {error.strerror}") from error

    def make_session(
        self, put_event: Callable[[Any], None], arguments: argparse.Namespace
    ) -> Session:
        """The session, which puts its events where its face takes them out."""
        options = DownloadOptions(
            arguments.downloads, arguments.udp_port, arguments.congestion or "", self.trace
        )
        return Session(put_event, self.start_server(arguments), arguments.received, options)

    def make_console(self, terminal: Terminal, arguments: argparse.Namespace) -> ConsoleFace:
        """The face on the console."""
        return ConsoleFace(terminal, lambda put_event: self.make_session(put_event, arguments))

    def make_window(self, arguments: argparse.Namespace) -> "ChatWindow":
        """The face in a window. Raises ImportError without tkinter."""
        from stage4_udp_files.window import ChatWindow

        return ChatWindow(lambda put_event: self.make_session(put_event, arguments))

    def run(self, arguments: argparse.Namespace) -> int:
        """Download what `--get` names, or show the face that was asked for."""
        try:
            if not arguments.get:
                return super().run(arguments)
            face = GetFace(arguments.get, lambda put: self.make_session(put, arguments))
            return face.run(arguments.host, arguments.port)
        finally:
            if self.trace is not None:
                self.trace.close()


if __name__ == "__main__":
    ClientProgram().main()
