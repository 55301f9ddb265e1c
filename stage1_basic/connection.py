"""A client's connection to a server: one thread receives, one thread sends.

Neither the keyboard nor a window may wait for the network, so `send` only queues, and what arrives
is handed to `on_event`. One thread alone writes to the socket: two could mix their lines.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from stage1_basic.lines import LONG_LINE_LIMIT, LineReader, LineTooLong

READ_SIZE = 262_144
SEND_SIZE = 65_536  # progress of a long line is told after each piece of this size
SILENT_INTERVALS = 3  # so many ping intervals without a byte, and the server is gone
SHORTEST_PATIENCE = 1.0  # seconds; any network may stand still for a moment


@dataclass(frozen=True, slots=True)
class LineReceived:
    """A line has come from the server, without its newline."""

    line: bytes


@dataclass(frozen=True, slots=True)
class SendProgress:
    """So many bytes of a long line have been sent."""

    sent: int
    total: int


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection has ended; nothing follows. `why` is for people."""

    why: str


ConnectionEvent = LineReceived | SendProgress | ConnectionLost


class Connection:
    """Both threads of a connected socket.

    `on_event` is called in these threads, with `ConnectionLost` as the last event, once. With
    `answer_pings=False` the server's pings are handed out like any other line.
    """

    def __init__(
        self,
        sock: socket.socket,
        on_event: Callable[[ConnectionEvent], None],
        answer_pings: bool = True,
    ) -> None:
        self._sock = sock
        self._on_event = on_event
        self._answer_pings = answer_pings
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._last_ping: float | None = None  # when it came (seconds, monotonic)
        self._ping_interval = 0.0  # the longest time between two pings
        self._sender = threading.Thread(target=self._send_lines, name="sender", daemon=True)
        self._receiver = threading.Thread(target=self._receive_lines, name="receiver", daemon=True)

    def start(self) -> None:
        """Start both threads."""
        self._sender.start()
        self._receiver.start()

    def send(self, line: bytes) -> None:
        """Queue one line, its newline included. Never blocks; a connection that is gone ignores
        it."""
        self._outgoing.put(line)

    def finish(self) -> None:
        """Send what is queued and say that no more comes; the server's end follows."""
        self._outgoing.put(None)

    def close(self) -> None:
        """End the connection now."""
        self._outgoing.put(None)
        try:
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the receiver
        except OSError:  # it has ended already
            return

    # --8<-- [start:send_lines]
    def _send_lines(self) -> None:
        try:
            while (line := self._outgoing.get()) is not None:
                self._send_line(line)
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:  # the receiver learns of it too, and tells
            return

    def _send_line(self, line: bytes) -> None:
        if len(line) <= SEND_SIZE:
            self._sock.sendall(line)
            return
        view = memoryview(line)
        for start in range(0, len(line), SEND_SIZE):
            piece = view[start : start + SEND_SIZE]
            self._sock.sendall(piece)
            self._on_event(SendProgress(start + len(piece), len(line)))

    # --8<-- [end:send_lines]

    # --8<-- [start:receive_lines]
    def _receive_lines(self) -> None:
        reader = LineReader(LONG_LINE_LIMIT)
        why = "the server closed the connection"
        try:
            while data := self._receive():
                for line in reader.feed(data):
                    self._handle(line)
        except OSError as error:
            why = error.strerror or str(error)
        self._outgoing.put(None)
        self._on_event(ConnectionLost(why))
        self._sender.join()
        self._sock.close()

    def _receive(self) -> bytes:
        """The next bytes; none at the end. Raises OSError, TimeoutError when the server fell
        silent."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            if not selector.select(self._longest_silence()):
                raise TimeoutError("nothing has come from the server for too long")
        return self._sock.recv(READ_SIZE)

    def _handle(self, line: bytes | LineTooLong) -> None:
        if isinstance(line, LineTooLong):  # not ours to judge: go on with the next line
            return
        if line == b"ping" and self._answer_pings:
            self._note_ping(time.monotonic())
            self.send(b"pong\n")
        else:
            self._on_event(LineReceived(line))

    # --8<-- [end:receive_lines]

    def _note_ping(self, now: float) -> None:
        """Learn how often the server sends pings. Those that were held up, behind an image, say,
        come all at once, so the longest time between two of them counts."""
        if self._last_ping is not None:
            self._ping_interval = max(self._ping_interval, now - self._last_ping)
        self._last_ping = now

    def _longest_silence(self) -> float | None:
        """How long to wait for the server (seconds); None as long as it is not known."""
        if not self._ping_interval:
            return None
        return max(SHORTEST_PATIENCE, SILENT_INTERVALS * self._ping_interval)
