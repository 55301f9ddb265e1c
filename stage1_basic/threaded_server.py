"""The classic way: two threads for each client, one that reads and one that writes.

A blocking call stops its thread, so each client gets two of its own: a reader that waits in
`recv`, a writer that waits in `send`, and a queue between the room and the writer: a slow client
stops only its own writer. One lock guards the room: two threads in it at once could change a dict
that the other walks through.
"""

import math
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stage1_basic.background import BackgroundWorker, CallQueue
from stage1_basic.crowd import Crowd
from stage1_basic.doorway import Doorway
from stage1_basic.limits import LINGER, SERVER_FULL, TICKS_AN_INTERVAL
from stage1_basic.room import Room
from stage1_basic.server_log import ServerLog
from stage1_basic.thread_client import ThreadClient


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
        self._clients: Crowd[ThreadClient] = Crowd(client_limit)
        self.count_partial = self._clients.count_partial
        self._lingering: dict[ThreadClient, float] = {}
        self._next_tick = 0.0
        self._stop_by: float | None = None
        self._selector = selectors.DefaultSelector()
        self._doorway = Doorway(listener, self._selector, self._enter, self.log)
        self._calls = CallQueue(self._selector)
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
        self._clients.remove(client)
        self._lingering[client] = time.monotonic() + LINGER
        if self._stop_by is None:
            self.room.disconnected(client, why)

    def forget(self, client: ThreadClient) -> None:
        """Both threads of a client have ended."""
        self._lingering.pop(client, None)
        self.count_partial(-client.partial)

    # What the room, and other threads, ask for.

    def stop(self) -> None:
        """Say goodbye to everyone; `run` returns a second later at the latest."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + LINGER
            self._next_tick = math.inf
            self._doorway.shut()
            self.room.closing()
            self._clients.say_goodbye()

    # What happens in this thread.

    def _enter(self, sock: socket.socket, address: str) -> None:
        sock.setblocking(True)
        client = ThreadClient(self, sock, address)
        if self._clients.is_full:
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
            self._clients.add(client)
            self.room.connected(client)

    def _time_to_next_timer(self) -> float:
        timers = [self._next_tick, self._doorway.opens_at, *self._lingering.values()]
        return max(0.0, min(at for at in timers if at is not None) - time.monotonic())

    def _run_timers(self, now: float) -> None:
        self._doorway.reopen(now)
        for client in [client for client, until in self._lingering.items() if now >= until]:
            del self._lingering[client]
            client.cut()
        if now >= self._next_tick:
            self._next_tick = now + self.room.ping_interval / TICKS_AN_INTERVAL
            self._tick(now)

    def _tick(self, now: float) -> None:
        for client in self._clients:
            if client.held:  # not its fault that nothing is read from it
                client.last_sign_of_life = now
        self._clients.check_unsent()
        self.room.tick(now)
