"""The classic way: two threads for each client, one that reads and one that writes.

A blocking call stops its thread, so each client gets two of its own: a reader that waits in
`recv`, a writer that waits in `send`, and a queue between the room and the writer: a slow client
stops only its own writer. One lock guards the room: two threads in it at once could change a dict
that the other walks through.
"""

import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from stage1_basic.background import BackgroundWorker, CallQueue
from stage1_basic.doorway import Doorway
from stage1_basic.limits import (
    LINGER,
    PARTIAL_LIMIT,
    SERVER_FULL,
    TICKS_AN_INTERVAL,
    UNSENT_LIMIT,
    distinct_bytes,
)
from stage1_basic.lines import LINE_LIMIT, LineReader, LineTooLong
from stage1_basic.room import Room
from stage1_basic.send_queue import SendQueue
from stage1_basic.server_log import ServerLog

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


class ThreadedEngine:
    """Moves the bytes between the clients and the room, with two threads for each client."""

    def __init__(
        self,
        listener: socket.socket,
        log: ServerLog,
        client_limit: int,
        long_lines: Mapping[bytes, int],
    ) -> None:
        self.room: Room
        self.lock = threading.Lock()  # whoever holds it may enter the room
        self.log = log.write
        self.long_lines = long_lines
        self.to_wake: dict[ThreadClient, None] = {}  # who has something to be sent to it
        self.farewells: list[tuple[ThreadClient, str]] = []  # who goes, and why
        self._clients: dict[ThreadClient, None] = {}
        self._lingering: dict[ThreadClient, float] = {}
        self._partial = 0  # bytes of lines that are unfinished, or being worked on
        self._client_limit = client_limit
        self._next_tick = 0.0
        self._stop_by: float | None = None
        self._selector = selectors.DefaultSelector()
        self._doorway = Doorway(listener, self._selector, self._enter, self.log)
        self._calls = CallQueue()
        self._selector.register(self._calls.receiver, selectors.EVENT_READ, self._calls.run)
        self.call = self._calls.call
        self.run_in_background = BackgroundWorker(self.call).submit

    def run(self, room: Room) -> None:
        """Serve until `stop` was called and everyone has gone. This thread accepts, and keeps the
        time."""
        self.room = room
        while self._stop_by is None or (self._lingering and time.monotonic() < self._stop_by):
            ready = self._selector.select(self._time_to_next_timer())
            with self.entered():
                for key, events in ready:
                    key.data(events)
                self._run_timers(time.monotonic())
        self._selector.close()
        self._calls.close()

    # --8<-- [start:entered]
    @contextmanager
    def entered(self) -> Iterator[Room]:
        """The room, for one thread at a time; at the end of the visit its results are passed on."""
        with self.lock:
            yield self.room
            self.settle()

    # --8<-- [end:entered]

    def settle(self) -> None:
        """Wake the writers that have something to send, and tell the room who has gone."""
        while self.to_wake or self.farewells:
            to_wake, self.to_wake = self.to_wake, {}
            for client in to_wake:
                client.wake_writer()
            farewells, self.farewells = self.farewells, []
            for client, why in farewells:
                self._say_farewell(client, why)

    def _say_farewell(self, client: ThreadClient, why: str) -> None:
        del self._clients[client]
        self._lingering[client] = time.monotonic() + LINGER
        if self._stop_by is None:
            self.room.disconnected(client, why)

    def forget(self, client: ThreadClient) -> None:
        """Both threads of a client have ended."""
        self._lingering.pop(client, None)
        self._partial -= client.partial

    # What the room, and other threads, ask for.

    def stop(self) -> None:
        """Say goodbye to everyone; `run` returns a second later at the latest."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + LINGER
            self._doorway.shut()
            self.room.closing()
            for client in self._clients:
                client.close("")

    def count_partial(self, change: int) -> None:
        """Count the bytes of lines that are not handled yet; beyond the limit, the largest holder
        goes."""
        self._partial += change
        if change > 0 and self._partial > PARTIAL_LIMIT:
            largest = max(self._clients, key=lambda client: client.partial)
            largest.drop("too much unfinished input")

    # What happens in this thread.

    def _enter(self, sock: socket.socket, address: str) -> None:
        sock.setblocking(True)
        client = ThreadClient(self, sock, address)
        full = len(self._clients) >= self._client_limit
        if full:
            client.send(SERVER_FULL)
            client.leaving = True
        try:
            client.start()
        except RuntimeError:  # the system gives no more threads
            self.log(f"no threads left for {address}")
            client.leaving = True
            client.cut()  # its reader may wait for it already
            sock.close()
        if not client.leaving:
            self._clients[client] = None
            self.room.connected(client)

    def _time_to_next_timer(self) -> float:
        timers = [self._next_tick, self._doorway.opens_at, *self._lingering.values()]
        return max(0.0, min(at for at in timers if at is not None) - time.monotonic())

    def _run_timers(self, now: float) -> None:
        self._doorway.reopen(now)
        for client in [client for client, until in self._lingering.items() if now >= until]:
            del self._lingering[client]
            client.cut()
        if now >= self._next_tick and self._stop_by is None:
            self._next_tick = now + self.room.ping_interval / TICKS_AN_INTERVAL
            self._tick(now)

    def _tick(self, now: float) -> None:
        for client in self._clients:
            if client.held:  # not its fault that nothing is read from it
                client.last_sign_of_life = now
        queues = [client.queue for client in self._clients]
        if (
            sum(queue.queued for queue in queues) > UNSENT_LIMIT
            and distinct_bytes(queues) > UNSENT_LIMIT
        ):
            max(self._clients, key=lambda client: client.queue.queued).drop(
                "too much waits for all clients"
            )
        self.room.tick(now)
