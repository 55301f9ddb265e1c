"""The server program around an engine and a room: command line, listening, log, operator, end.

A later stage makes a subclass that adds arguments and another room.
"""

import argparse
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Protocol

from stage1_basic.addresses import format_address, listen, own_addresses
from stage1_basic.command_line import (
    DEFAULT_PORT,
    Parser,
    UserError,
    fail,
    leave,
    port,
    prepare_output,
    seconds,
)
from stage1_basic.limits import client_limit
from stage1_basic.room import Engine, Room
from stage1_basic.server_log import ServerLog
from stage1_basic.terminal import Terminal

EVERY_ADDRESS = ("0.0.0.0", "::")
LOG_SECONDS = 0.5  # how long the last lines of the log may take


class RunningEngine(Engine, Protocol):
    """An engine as the program sees it."""

    def __init__(
        self,
        listener: socket.socket,
        log: ServerLog,
        client_limit: int,
        long_lines: Mapping[bytes, int],
    ) -> None: ...

    def run(self, room: Any) -> None:
        """Serve until `stop` was called."""


class ServerProgram:
    """What `python -m stageN_….server` does."""

    description = "A chat server."
    engines: ClassVar[Mapping[str, type[RunningEngine]]] = {}
    long_lines: ClassVar[Mapping[bytes, int]] = {}

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's server takes on its command line."""
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen at; 0.0.0.0 is the whole network"
        )
        parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="0 is any free port")
        parser.add_argument(
            "--engine", choices=list(self.engines), default="loop", help="what moves the bytes"
        )
        parser.add_argument(
            "--ping-interval",
            type=seconds,
            default=5.0,
            metavar="SECONDS",
            help="how often clients are asked for life",
        )

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Do what can fail before the server listens, such as making folders. Raises UserError."""

    def make_room(self, engine: Engine, arguments: argparse.Namespace) -> Room:
        """The room that this stage's server keeps."""
        return Room(engine, arguments.ping_interval)

    def listen(self, arguments: argparse.Namespace) -> socket.socket:
        """The socket that clients come to. Raises AddressError."""
        return listen(arguments.host, arguments.port)

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Serve until the operator or a signal ends it; the exit code."""
        prepare_output()
        parser = Parser(self.description)
        self.add_arguments(parser)
        arguments = parser.parse_args(argv)
        limit = client_limit()
        try:
            self.prepare(arguments)
            listener = self.listen(arguments)
            return self.serve(listener, limit, arguments)
        except UserError as error:
            return fail(str(error))
        except KeyboardInterrupt:  # before there is an engine that could be stopped
            return 0

    def announce(self, listener: socket.socket) -> None:
        """Say where clients find the server."""
        address = listener.getsockname()
        print(f"Listening on {format_address(address)}", flush=True)
        if address[0] in EVERY_ADDRESS:
            for own in own_addresses(listener.family):
                print(f"Clients on this network can use {own} port {address[1]}")
            print("Anyone on this network can now read and write here.", flush=True)

    def serve(self, listener: socket.socket, limit: int, arguments: argparse.Namespace) -> int:
        """Run the engine, with the operator's console beside it."""
        terminal = Terminal("server> ")
        log = ServerLog(terminal.show)
        engine = self.engines[arguments.engine](listener, log, limit, self.long_lines)
        room = self.make_room(engine, arguments)
        stop_on_signals(engine)
        with suppress(OSError):  # nobody reads what is printed
            self.announce(listener)  # whoever does may end the server already
        terminal.read_lines(lambda line: engine.call(room.operator_line, line), end=lambda: None)
        engine.run(room)
        if not log.close(LOG_SECONDS):  # whoever should read our output has stopped, and the
            terminal.abandon()  # terminal is held by its last lines: leave without them
        terminal.close()
        leave(0)


def stop_on_signals(engine: RunningEngine) -> None:
    """Let Ctrl+C, and a polite request to end, say goodbye first."""
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # each system has two of them
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: engine.call(engine.stop))
