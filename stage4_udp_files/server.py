"""The server of stage 4: stage 3's server, a folder of files, and the process that sends them."""

import argparse
import socket
import sys
from pathlib import Path
from typing import ClassVar

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.addresses import listen
from stage1_basic.command_line import UserError, port
from stage1_basic.room import Engine
from stage3_images.server import Server as ImageServer
from stage4_udp_files.file_service import FileService, PortTakenError
from stage4_udp_files.room import Room
from stage4_udp_files.strategies import DEFAULT_STRATEGY, strategy_name

TRIES = 20  # to find a port number that is free for TCP and UDP alike


class Server(ImageServer):
    """The server program of stage 4."""

    stage: ClassVar[int] = 4
    description = "A chat server with images, and with files for download over UDP."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's server takes on its command line."""
        super().add_arguments(parser)
        parser.add_argument(
            "--files",
            type=Path,
            default=Path("server_files"),
            metavar="FOLDER",
            help="the files that can be downloaded",
        )
        parser.add_argument(
            "--udp-port", type=port, metavar="PORT", help="for the files (default: as --port)"
        )
        parser.add_argument(
            "--congestion",
            type=strategy_name,
            default=DEFAULT_STRATEGY,
            metavar="NAME",
            help="how fast is sent: rate, reno, or fixed:N packets",
        )
        parser.add_argument("--trace", type=Path, metavar="FILE", help="write packet events here")

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Make the folders that are missing. Raises UserError."""
        super().prepare(arguments)
        self.prepare_folder("Your files for download", arguments.files, to_write=False)
        if arguments.trace is not None:
            try:
                arguments.trace.touch()
            except OSError as error:
                raise UserError(f"Cannot write {arguments.trace}: {error.strerror}") from error

    def listen(self, arguments: argparse.Namespace) -> socket.socket:
        """Listen for clients, and start the file server at the same port number."""
        for _ in range(TRIES):
            listener = listen(arguments.host, arguments.port)
            host, tcp_port = listener.getsockname()[:2]
            udp_port = tcp_port if arguments.udp_port is None else arguments.udp_port
            try:
                self.service = FileService(host, udp_port, arguments.congestion, arguments.trace)
            except PortTakenError:
                listener.close()
                if arguments.port or arguments.udp_port:
                    raise
            else:
                return listener
        raise UserError("No port number is free for TCP and UDP alike. Choose one: --port")

    def make_room(self, engine: Engine, arguments: argparse.Namespace) -> Room:
        """The room that this stage's server keeps."""
        self.log = engine.log
        folders = (arguments.server_images, arguments.received_images, arguments.files)
        room = Room(engine, arguments.ping_interval, folders, self.service)
        self.service.start(lambda report: engine.call(room.file_report, report))
        return room


if __name__ == "__main__":
    sys.exit(Server().main())
