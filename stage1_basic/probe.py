"""Find out what is wrong on the way to a server, and say it in words.

Each step needs the one before: find the address, connect, hear the server's ping, be heard by a
second connection. The first step that fails tells where to look.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.addresses import connect, format_address, resolve
from stage1_basic.advice import python_command
from stage1_basic.command_line import (
    DEFAULT_PORT,
    Parser,
    UserError,
    fail,
    leave,
    port,
    prepare_output,
    say,
)
from stage1_basic.lines import LineReader, decode_text, encode_line

PATIENCE = 12.0  # seconds for each answer: more than two of the server's usual ping intervals


class ProbeError(UserError):
    """A step failed; the message says which, and what to check."""


class ProbeConnection:
    """A connection that waits for one certain line."""

    def __init__(self, host: str, port: int) -> None:
        start_server = python_command("stage1_basic.server", "--port", str(port))
        self._sock = connect(host, port, start_server)
        self._reader = LineReader()
        self._lines: list[str] = []

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def send(self, line: str) -> None:
        """Send one line."""
        self._sock.sendall(encode_line(line))

    def wait_for(self, wanted: str) -> str:
        """The next line in which `wanted` stands. Raises TimeoutError, EOFError, OSError."""
        give_up = time.monotonic() + PATIENCE
        while True:
            for line in self._receive(give_up - time.monotonic()):
                if wanted in line:
                    return line

    def _receive(self, timeout: float) -> list[str]:
        if timeout <= 0:
            raise TimeoutError
        self._sock.settimeout(timeout)
        data = self._sock.recv(65_536)
        if not data:
            raise EOFError
        lines = self._reader.feed(data)
        return [decode_text(line) for line in lines if isinstance(line, bytes)]


def probe(host: str, port: int) -> None:
    """Go the whole way and tell about each step. Raises UserError at the first that fails."""
    addresses = ", ".join(dict.fromkeys(format_address(entry[4]) for entry in resolve(host, port)))
    say(f"1. Address: {host} is {addresses}")
    connection = ProbeConnection(host, port)
    say("2. Connection: something is listening there")
    expect_ping(connection)
    say("3. Ping: it is a chat server of this course")
    listener = ProbeConnection(host, port)
    expect_message(connection, listener)
    say("4. Message: what one connection says, another hears. All is well.")
    connection.close()
    listener.close()


def expect_ping(connection: ProbeConnection) -> None:
    """Wait for the server's ping. Raises ProbeError."""
    try:
        connection.wait_for("ping")
    except TimeoutError:
        raise ProbeError(
            f"3. Ping: none came in {PATIENCE:g} s. Is another program listening on that port? "
            "Check the number after --port, on both sides."
        ) from None
    except (OSError, EOFError):
        raise ProbeError(
            "3. Ping: it hung up. Either the server is full, or another program listens on that "
            "port: check the number after --port, on both sides."
        ) from None


def expect_message(speaker: ProbeConnection, listener: ProbeConnection) -> None:
    """Wait until one connection hears the other. Raises ProbeError."""
    text = f"probe {secrets.token_hex(4)}"
    try:
        listener.send("ping")
        listener.wait_for("pong")  # now it is surely in the room
        speaker.send(f"CLIENT:{text}")
        listener.wait_for(text)
    except (OSError, EOFError):
        raise ProbeError(
            "4. Message: the second connection did not hear the first. Is the server overloaded, "
            "or is something between here and there changing the traffic?"
        ) from None


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the probe; exit code 0 when all is well."""
    prepare_output()
    parser = Parser("Find out what is wrong on the way to a chat server.")
    parser.add_argument("host", nargs="?", default="127.0.0.1", metavar="HOST", help="the server")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="the server's port")
    arguments: argparse.Namespace = parser.parse_args(argv)
    try:
        probe(arguments.host, arguments.port)
        code = 0
    except UserError as error:
        code = fail(str(error))
    except KeyboardInterrupt:
        code = 1
    leave(code)


if __name__ == "__main__":
    main()
