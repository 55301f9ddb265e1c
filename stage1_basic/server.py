"""The event loop: one thread serves every client.

A turn of the loop: wait until some socket is ready, read what is there, let the room handle each
whole line, then give each client everything the turn brought for it, with one system call.
Nothing in here waits for one client, so a slow one delays nobody: what it does not take waits in
its queue. Under load a turn handles many messages at once, and the system calls for each message
become fewer.
"""

import math
import selectors
import socket
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import ClassVar

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.background import BackgroundWorker, CallQueue
from stage1_basic.crowd import Crowd
from stage1_basic.doorway import Doorway
from stage1_basic.limits import LINGER, SERVER_FULL, TICKS_AN_INTERVAL, UNSENT_LIMIT
from stage1_basic.loop_client import LoopClient
from stage1_basic.program import RunningEngine, ServerProgram
from stage1_basic.room import Room
from stage1_basic.send_queue import join_lines
from stage1_basic.server_log import ServerLog
from stage1_basic.threaded_server import ThreadedEngine


class EventLoop:
    """Moves the bytes between the clients and the room, in one thread. `listener` listens
    already."""

    def __init__(
        self,
        listener: socket.socket,
        log: ServerLog,
        client_limit: int,
        long_lines: Mapping[bytes, int],
    ) -> None:
        self.room: Room
        self.log = log.write
        self.long_lines = long_lines
        self.now = time.monotonic()  # seconds; read once a turn
        self.had_long_line = False
        self.to_flush: list[LoopClient] = []  # who has something to be sent in this turn
        self.farewells: list[tuple[LoopClient, str]] = []  # who goes in this turn, and why
        self.lingering: dict[LoopClient, float] = {}  # who still gets its last words, until when
        self.held: set[LoopClient] = set()
        self.unsent = 0  # bytes that wait for all clients together, shared ones counted for each
        self._clients: Crowd[LoopClient] = Crowd(client_limit)
        self.count_partial = self._clients.count_partial
        self._audit_at = UNSENT_LIMIT
        self._joined: tuple[list[bytes], list[bytes]] = ([], [])
        self._next_tick = 0.0
        self._stop_by: float | None = None
        self._selector = selectors.DefaultSelector()
        self._doorway = Doorway(listener, self._selector, self._enter, self.log)
        self._calls = CallQueue(self._selector)
        self.call = self._calls.call
        self.run_in_background = BackgroundWorker(self.call).submit

    # --8<-- [start:turn]
    def run(self, room: Room) -> None:
        """Serve until `stop` was called and everyone has gone."""
        self.room = room
        while self._stop_by is None or (self.lingering and self.now < self._stop_by):
            ready = self._selector.select(self._time_to_next_timer())
            self.now = time.monotonic()
            for key, events in ready:
                key.data(events)
                if self.had_long_line:  # that took a while; who else is ready still is in a moment
                    self.had_long_line = False
                    break
            self._run_timers()
            self._end_turn()
        self._close_everything()

    def _end_turn(self) -> None:
        while self.to_flush or self.farewells:
            to_flush, self.to_flush = self.to_flush, []
            for client in to_flush:
                client.flush()
            farewells, self.farewells = self.farewells, []
            for client, why in farewells:
                self._say_farewell(client, why)
        if self.unsent > self._audit_at:
            self._clients.check_unsent()
            self._audit_at = self.unsent * 11 // 10  # counting takes a while: not every turn

    # --8<-- [end:turn]

    # What the room, and other threads, ask for.

    def stop(self) -> None:
        """Say goodbye to everyone; `run` returns a second later at the latest."""
        if self._stop_by is None:
            self._stop_by = self.now + LINGER
            self._next_tick = math.inf
            self._doorway.shut()
            self.room.closing()
            self._clients.say_goodbye()

    # What the clients ask for.

    def watch(
        self, sock: socket.socket, before: int, events: int, ready: Callable[[int], None]
    ) -> None:
        """Change what the selector watches a socket for; 0 is nothing."""
        if not events:
            self._selector.unregister(sock)
        elif before:
            self._selector.modify(sock, events, ready)
        else:
            self._selector.register(sock, events, ready)

    def join(self, lines: list[bytes]) -> list[bytes]:
        """Join lines into chunks. Most clients get the same lines in a turn: those are joined only
        once."""
        if lines != self._joined[0]:
            self._joined = (lines.copy(), join_lines(lines))
        return self._joined[1]

    # The parts of a turn.

    def _enter(self, sock: socket.socket, address: str) -> None:
        sock.setblocking(False)
        client = LoopClient(self, sock, address)
        if self._clients.is_full:
            client.send(SERVER_FULL)
            client.turn_away()
            self.lingering[client] = self.now + LINGER
        else:
            self._clients.add(client)
            self.room.connected(client)

    def _say_farewell(self, client: LoopClient, why: str) -> None:
        self._clients.remove(client)
        self.lingering[client] = self.now + LINGER
        if self._stop_by is None:
            self.room.disconnected(client, why)
        client.write()

    def _time_to_next_timer(self) -> float:
        first_to_go = islice(self.lingering.values(), 1)  # who came first goes first
        timers = [self._next_tick, self._doorway.opens_at, *first_to_go]
        return max(0.0, min(at for at in timers if at is not None) - time.monotonic())

    def _run_timers(self) -> None:
        if self.now >= self._next_tick:
            self._tick()
        self._doorway.reopen(self.now)
        for client in [client for client, until in self.lingering.items() if self.now >= until]:
            client.forget()

    def _tick(self) -> None:
        self._next_tick = self.now + self.room.ping_interval / TICKS_AN_INTERVAL
        self._audit_at = UNSENT_LIMIT
        for client in self.held:  # not its fault that nothing is read from it
            client.last_sign_of_life = self.now
        self.room.tick(self.now)

    def _close_everything(self) -> None:
        for client in list(self.lingering):
            client.forget()
        self._selector.close()
        self._calls.close()


class Server(ServerProgram):
    """The server program of stage 1."""

    engines: ClassVar[Mapping[str, type[RunningEngine]]] = {
        "loop": EventLoop,
        "threads": ThreadedEngine,
    }


if __name__ == "__main__":
    sys.exit(Server().main())
