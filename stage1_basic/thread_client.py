"""One client of the threaded engine: a thread that reads from it, and one that writes to it.

A blocking call stops its thread: the reader waits in `recv`, the writer in `send`, and the room
waits for neither. Between the room and the writer is a queue.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from stage1_basic.limits import LINGER
from stage1_basic.lines import LINE_LIMIT, LineReader, LineTooLong
from stage1_basic.room import Room
from stage1_basic.send_queue import SendQueue

if TYPE_CHECKING:
    from stage1_basic.threaded_server import ThreadedEngine

READ_SIZE = 65_536
WAITED = 0.01  # seconds; a `send` that took longer had to wait for the client to read


class ThreadClient:
    """One connection and its two threads.

    The lock of the room guards everything in here but the queue; the queue has a lock of its own,
    for the room may not wait while a writer hands bytes to the kernel.
    """

    def __init__(self, engine: "ThreadedEngine", sock: socket.socket, address: str) -> None:
        self.address = address
        self.last_sign_of_life = time.monotonic()
        self.queue = SendQueue()
        self.held = False  # a line of its is being worked on in the background
        self.leaving = False  # we have hung up, or it has
        self.ended = False  # it will send no more
        self._engine = engine
        self._sock = sock
        self._lines = LineReader(LINE_LIMIT, engine.long_lines)
        self._line_size = 0  # of the line that is being handled
        self._finishing = False  # the queue holds our last words
        self._new_lines: list[bytes] = []  # what this visit to the room brought for it
        self._may_read = threading.Condition(engine.lock)
        self._queue_changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name=f"reader of {address}", daemon=True)
        self._writer = threading.Thread(
            target=self._write, name=f"writer to {address}", daemon=True
        )

    @property
    def partial(self) -> int:
        """How many bytes are held of a line that is unfinished or being worked on."""
        return self._lines.pending + (self._line_size if self.held else 0)

    def start(self) -> None:
        """Start both threads."""
        self._reader.start()
        self._writer.start()

    # --8<-- [start:threaded_read]
    def _read(self) -> None:
        try:
            while data := self._sock.recv(READ_SIZE):
                self._take(data)
            why = "in the middle of a line" if self._lines.pending else ""
        except OSError as error:
            why = error.strerror or str(error)
        with self._engine.entered():
            self.ended = True
            self.close(why)

    def _take(self, data: bytes) -> None:
        with self._engine.entered() as room:
            if self.leaving:  # we only wait for its end, so that our last words arrive
                return
            self.last_sign_of_life = time.monotonic()
            pending = self._lines.pending
            lines = self._lines.feed(data)
            self._engine.count_partial(self._lines.pending - pending)
            for line in lines:
                self._handle(room, line)
            while self.queue.busy and not self.leaving:
                self._wait()

    def _handle(self, room: Room, line: bytes | LineTooLong) -> None:
        if self.leaving:
            return
        if isinstance(line, LineTooLong):
            room.line_too_long(self, line)
            return
        self._line_size = len(line)
        room.line_received(self, line)
        while self.held:
            self._wait()

    # --8<-- [end:threaded_read]

    def _wait(self) -> None:
        self._engine.settle()
        self._may_read.wait()

    def hold(self) -> None:
        """Handle and read no further lines until `release`."""
        self.held = True
        self._engine.count_partial(self._line_size)

    def release(self) -> None:
        """The work is done: go on with the lines that came meanwhile."""
        self.held = False
        self.last_sign_of_life = time.monotonic()
        self._engine.count_partial(-self._line_size)
        self._may_read.notify()

    # --8<-- [start:threaded_write]
    def send(self, line: bytes) -> None:
        """Keep one line for the writer; woken once for all that a visit to the room brings."""
        if not self.leaving:
            self._new_lines.append(line)
            self._engine.to_wake[self] = None

    def wake_writer(self) -> None:
        """Hand the new lines to the writer."""
        with self._queue_changed:
            for line in self._new_lines:
                self.queue.put(line)
            self._finishing = self.leaving
            self._queue_changed.notify()
        self._new_lines.clear()
        if self.queue.overfull:
            self.drop("too slow: it does not read what is sent to it")

    def _write(self) -> None:
        with suppress(OSError):  # a broken connection: the reader notices it too, and says why
            while piece := self._next_piece():
                started = time.monotonic()
                count = self._sock.send(piece)
                self._count_sent(count, waited=time.monotonic() - started > WAITED)
            self._sock.shutdown(socket.SHUT_WR)
        self._reader.join(LINGER)
        self.cut()
        self._reader.join()
        self._sock.close()
        self._engine.call(self._engine.forget, self)

    def _next_piece(self) -> memoryview | None:
        with self._queue_changed:
            while not self.queue and not self._finishing:
                self._queue_changed.wait()
            return self.queue.next_piece() if self.queue else None

    def _count_sent(self, count: int, waited: bool) -> None:
        with self._queue_changed:
            was_busy = self.queue.busy
            self.queue.sent(count)
        if waited:
            self.last_sign_of_life = time.monotonic()
        if was_busy and not self.queue.busy:
            with self._may_read:
                self._may_read.notify()

    # --8<-- [end:threaded_write]

    def close(self, why: str) -> None:
        """Hang up: the last words have a second to arrive, then the connection is cut."""
        if not self.leaving:
            self.leaving = True
            self._engine.to_wake[self] = None
            self._engine.farewells.append((self, why))
            self._may_read.notify()

    def drop(self, why: str) -> None:
        """Hang up on a client that does not read: it gets no last words."""
        self.close(why)
        self.cut()

    def cut(self) -> None:
        """End both directions; wakes the threads that wait for them."""
        with suppress(OSError):  # it is closed already
            self._sock.shutdown(socket.SHUT_RDWR)
