"""One client of the event loop: its socket, what was read of its current line, what waits to be
sent to it.

Every method does what can be done at once and returns; the loop comes back when the socket is
ready again.
"""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from stage1_basic.lines import LINE_LIMIT, LineReader, LineTooLong
from stage1_basic.send_queue import IMAGE_SIZE, SendQueue

if TYPE_CHECKING:
    from stage1_basic.server import EventLoop

READ_SIZE = 65_536
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class LoopClient:
    """One connection of the event loop."""

    __slots__ = (
        "_events",
        "_line_size",
        "_loop",
        "_new_lines",
        "_reader",
        "_sock",
        "_waiting_lines",
        "address",
        "ended",
        "gone",
        "held",
        "last_sign_of_life",
        "leaving",
        "queue",
        "send",
    )

    def __init__(self, loop: "EventLoop", sock: socket.socket, address: str) -> None:
        self.address = address
        self.last_sign_of_life = loop.now
        self.send: Callable[[bytes], None] = self._first_send
        self.queue = SendQueue()
        self.held = False  # a line of its is being worked on in the background
        self.ended = False  # it will send no more
        self.leaving = False  # we have hung up, or it has
        self.gone = False  # the socket is closed
        self._loop = loop
        self._sock = sock
        self._events = 0  # what the selector watches for us
        self._new_lines: list[bytes] = []  # what this turn brought for it
        self._reader = LineReader(LINE_LIMIT, loop.long_lines)
        # Read, but not handled while it is held.
        self._waiting_lines: list[bytes | LineTooLong] = []
        self._line_size = 0  # of the line that it is held for
        self.watch()

    # --8<-- [start:read]
    def ready(self, events: int) -> None:
        """The selector found that the socket can be read or written."""
        if events & READ:
            self._read()
        if events & WRITE:
            self.write(waited=True)

    def _read(self) -> None:
        try:
            data = self._sock.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.drop(error.strerror or str(error))
            return
        if not data:
            self.ended = True
            if self.leaving:
                self.write()  # it has read our last words, or does not want them
            else:
                self.handle_lines([])
        elif not self.leaving:  # else we only wait for its end, so that our last words arrive
            self.last_sign_of_life = self._loop.now
            pending = self._reader.pending
            lines = self._reader.feed(data)
            self._loop.count_partial(self._reader.pending - pending)
            self._loop.had_long_line = bool(lines) and pending >= IMAGE_SIZE
            self.handle_lines(lines)

    def handle_lines(self, lines: list[bytes | LineTooLong]) -> None:
        """Give the room the lines, until it holds or closes this client."""
        room = self._loop.room
        for number, line in enumerate(lines):
            if isinstance(line, LineTooLong):
                room.line_too_long(self, line)
            else:
                self._line_size = len(line)
                room.line_received(self, line)
            if self.held or self.leaving:
                self._waiting_lines = lines[number + 1 :]
                break
        if self.ended and not self.held:
            self.close("in the middle of a line" if self._reader.pending else "")
        self.watch()

    # --8<-- [end:read]

    def hold(self) -> None:
        """Handle and read no further lines until `release`."""
        self.held = True
        self._loop.held.add(self)
        self._loop.count_partial(self._line_size)
        self.watch()

    def release(self) -> None:
        """The work is done: go on with the lines that came meanwhile."""
        self.held = False
        self._loop.held.discard(self)
        self.last_sign_of_life = self._loop.now
        self._loop.count_partial(-self._line_size)
        if not self.leaving:
            lines, self._waiting_lines = self._waiting_lines, []
            self.handle_lines(lines)

    # --8<-- [start:write]
    def _first_send(self, line: bytes) -> None:
        # The trick that makes a broadcast cheap: the first line of a turn comes this way and puts
        # the client on the loop's list; until the list is worked off, `send` is nothing but the
        # list's own append.
        self._loop.to_flush.append(self)
        self._new_lines.append(line)
        self.send = self._new_lines.append

    def flush(self) -> None:
        """Send what the turn brought for this client, all in one piece where possible."""
        self._loop.unsent -= self.queue.queued
        for chunk in self._loop.join(self._new_lines):
            self.queue.put(chunk)
        self._loop.unsent += self.queue.queued
        self._new_lines.clear()
        if not self.leaving:
            self.send = self._first_send
        if self.queue.overfull:
            self.drop("too slow: it does not read what is sent to it")
        elif not self._events & WRITE:
            self.write()

    def write(self, waited: bool = False) -> None:
        """Give the kernel as much as it takes; the selector tells when it takes more."""
        if self.queue:
            piece = self.queue.next_piece()
            try:
                count = self._sock.send(piece)
            except (BlockingIOError, InterruptedError):
                count = 0
            except OSError as error:
                self.drop(error.strerror or str(error))
                return
            self.queue.sent(count)
            self._loop.unsent -= count
            if waited and count:  # its queue had stood still, and moves: it reads
                self.last_sign_of_life = self._loop.now
        if not self.queue and self in self._loop.lingering:  # its last words have gone
            self._end_writing()
        self.watch()

    # --8<-- [end:write]

    def watch(self) -> None:
        """Have the selector watch for what can be done for this client next."""
        events = 0
        if not self.ended and (self.leaving or not (self.held or self.queue.busy)):
            events |= READ
        if self.queue:
            events |= WRITE
        if events != self._events and not self.gone:
            self._loop.watch(self._sock, self._events, events, self.ready)
            self._events = events

    # --8<-- [start:close]
    def close(self, why: str) -> None:
        """Hang up: the room is told at the end of the turn, then the last words have a second to
        arrive.

        Closing at once could destroy them: unread input makes the kernel answer with a reset, and a
        reset discards what the other side has not read yet.
        """
        if not self.leaving:
            self.leaving = True
            self.send = ignore
            self._loop.farewells.append((self, why))

    def turn_away(self) -> None:
        """Let a client that the room never saw go with what was sent to it."""
        self.leaving = True
        self.send = ignore

    def drop(self, why: str) -> None:
        """Hang up on a connection that is broken, or on a client that does not read."""
        self.ended = True
        self._new_lines.clear()
        self._loop.unsent -= self.queue.queued
        self.queue = SendQueue()
        self.close(why)

    @property
    def partial(self) -> int:
        """How many bytes are held of a line that is unfinished or being worked on."""
        return self._reader.pending + (self._line_size if self.held else 0)

    def _end_writing(self) -> None:
        if self.ended:
            self.forget()
            return
        with suppress(OSError):  # the other side may have hung up first
            self._sock.shutdown(socket.SHUT_WR)

    def forget(self) -> None:
        """Close the socket."""
        if not self.gone:
            self.gone = True
            if self._events:
                self._loop.watch(self._sock, self._events, 0, self.ready)
            self._loop.unsent -= self.queue.queued
            self._loop.count_partial(-self._reader.pending)
            del self._loop.lingering[self]
            self._sock.close()

    # --8<-- [end:close]


def ignore(_line: bytes) -> None:
    """The `send` of a client that has gone."""
