"""A tap on the wire: a relay between a client and a server that writes down every line.

The programs on both sides are the real ones and do not notice it.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from stage1_basic.lines import LONG_LINE_LIMIT, LineReader

LET_OTHERS_HEAR = 0.1
"""Seconds that a client's answer is late, so that what the server said at once is written first."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One line that passed, without its newline; `who` is the client at that end."""

    who: str
    to_server: bool
    line: str


class Tap:
    """Relays every connection that comes to `port` to the server, for one client called `who`."""

    def __init__(self, who: str, server_port: int, hear: Callable[[Heard], None]) -> None:
        self._who, self._server_port, self._hear = who, server_port, hear
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._listener.getsockname()[1])
        self.port_at_server = ""
        threading.Thread(target=self._relay, daemon=True).start()

    def _relay(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._server_port))
        self.port_at_server = str(server.getsockname()[1])
        there = threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True)
        there.start()
        self._pass_on(server, client, False)
        there.join()
        client.close()
        server.close()
        self._listener.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, to_server: bool) -> None:
        reader = LineReader(LONG_LINE_LIMIT)
        with suppress(OSError):  # one side has hung up: the other is told by the shutdown
            while data := source.recv(65_536):
                for line in reader.feed(data):
                    if isinstance(line, bytes):
                        self._hear(Heard(self._who, to_server, line.decode("utf-8", "replace")))
                if not to_server:
                    time.sleep(LET_OTHERS_HEAR)
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
