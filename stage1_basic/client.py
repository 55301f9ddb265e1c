"""The console client: what is typed goes to the server, what the server sends is shown.

Two threads wait, one for the keyboard and one for the network. Both put what happens into one
queue, and the main thread takes it out: everything happens in one place, in one order.
"""

import argparse
import queue
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.addresses import connect
from stage1_basic.advice import python_command
from stage1_basic.command_line import (
    DEFAULT_PORT,
    Parser,
    UserError,
    fail,
    leave,
    port,
    prepare_output,
)
from stage1_basic.connection import Connection, ConnectionEvent, ConnectionLost, LineReceived
from stage1_basic.lines import LINE_LIMIT, clean_text, decode_text, encode_line
from stage1_basic.terminal import Terminal

POLL = 0.5  # seconds; on Windows a wait without an end would not hear Ctrl+C
FINISH_SECONDS = 10.0  # how long the server may be silent after we have said our last word

GOODBYES = {"exit", "/quit"}


class EndOfInput:
    """There is no more input: the end of the pipe, or Ctrl+D."""


class ConsoleClient:
    """One conversation on the console. `raw`: bare protocol lines both ways, for those without
    `nc`."""

    def __init__(self, terminal: Terminal, raw: bool = False) -> None:
        self.terminal = terminal
        self.raw = raw
        self.exit_code: int | None = None
        self._leaving = False
        self._events: queue.Queue[ConnectionEvent | EndOfInput | str] = queue.Queue()

    # --8<-- [start:run]
    def run(self, host: str, port: int) -> int:
        """Connect and talk until one side leaves; the exit code. Raises UserError without a
        server."""
        start_server = python_command("stage1_basic.server", "--port", str(port))
        sock = connect(host, port, start_server)
        self._connection = Connection(sock, self._events.put, answer_pings=not self.raw)
        self._connection.start()
        self.terminal.read_lines(self._events.put, end=lambda: self._events.put(EndOfInput()))
        try:
            while self.exit_code is None:
                self._handle(self._next_event())
        except KeyboardInterrupt:
            self.exit_code = 0
        self._connection.close()
        return self.exit_code

    def _handle(self, event: ConnectionEvent | EndOfInput | str) -> None:
        match event:
            case str():
                self.line_typed(event)
            case LineReceived(line):
                self.line_received(line)
            case EndOfInput():
                self._leave()
            case ConnectionLost(why):
                self._connection_lost(why)

    # --8<-- [end:run]

    def line_typed(self, typed: str) -> None:
        """Send what was typed."""
        text = clean_text(typed)
        if self.raw:
            self._connection.send(encode_line(text))
        elif text.strip() in GOODBYES:
            self._leave()
        elif text.strip():
            self._say(text)

    def line_received(self, line: bytes) -> None:
        """Show what the server sent; verbs that this client does not know are for newer ones."""
        verb, _, rest = decode_text(line).partition(":")
        if self.raw:
            self.terminal.show(decode_text(line))
        elif verb == "MESSAGE":
            sender, bar, text = rest.partition(" | ")
            self.show(sender if bar else "System", text if bar else rest)
        elif verb == "ERROR":
            self.show("Error", rest)

    def show(self, sender: str, text: str) -> None:
        """One line of the conversation."""
        self.terminal.show(f"[{time.strftime('%H:%M:%S')}] {sender}: {text}")

    def _say(self, text: str) -> None:
        line = encode_line(f"CLIENT:{text}")
        if len(line) - 1 > LINE_LIMIT:
            self.show("Error", f"too long to send: a line has at most {LINE_LIMIT:,} bytes")
            return
        self._connection.send(line)
        self.terminal.erase_typed_line(text)
        self.show("You", text)

    def _leave(self) -> None:
        """Say no more, and wait for what the server still has to say."""
        self._leaving = True
        self._connection.finish()

    def _connection_lost(self, why: str) -> None:
        if self._leaving:
            self.exit_code = 0
        else:
            self.terminal.close()
            self.exit_code = fail(f"Connection lost: {why}.")

    def _next_event(self) -> ConnectionEvent | EndOfInput | str:
        give_up = time.monotonic() + FINISH_SECONDS
        event = None
        while event is None:
            with suppress(queue.Empty):
                event = self._events.get(timeout=POLL)
            if event is None and self._leaving and time.monotonic() > give_up:
                event = ConnectionLost("the server does not answer")
        return event


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the client."""
    prepare_output()
    parser = Parser("A console chat client.")
    parser.add_argument("host", nargs="?", default="127.0.0.1", metavar="HOST", help="the server")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="the server's port")
    parser.add_argument("--raw", action="store_true", help="send and show bare protocol lines")
    arguments: argparse.Namespace = parser.parse_args(argv)
    terminal = Terminal("" if arguments.raw else "> ")
    signal.signal(signal.SIGTERM, lambda *_: terminal.abandon())
    client = ConsoleClient(terminal, arguments.raw)
    try:
        code = client.run(arguments.host, arguments.port)
    except UserError as error:
        code = fail(str(error))
    except KeyboardInterrupt:  # while connecting
        code = 0
    terminal.close()
    leave(code)


if __name__ == "__main__":
    main()
