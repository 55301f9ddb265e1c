"""The way to the server: at most one connection, which can be lost and made again.

Strategy: connecting waits for the network, so it happens in a thread of its own, and the face never
waits. Each connection has a number; what an older one still has to say is dropped here, so a
session never hears a voice from the past.
"""

import threading
from functools import partial
from typing import Protocol

from stage1_basic.addresses import AddressError, connect, format_address
from stage1_basic.connection import (
    Connection,
    ConnectionEvent,
    ConnectionLost,
    LineReceived,
    SendProgress,
)

GOODBYE_SECONDS = 3.0  # how long a server may take to read our last words


class LinkUser(Protocol):
    """Whom the link tells what happens, on its own threads.

    The first three come while the link's lock is held: they may send, but not wait.
    """

    def connected(self, address: str) -> None:
        """The connection stands; nothing was said on it yet."""

    def greet(self) -> None:
        """Say what is to be said first."""

    def connect_failed(self, advice: str) -> None:
        """It could not be made: why, and what to do."""

    def line_received(self, line: bytes) -> None:
        """The server has sent a line."""

    def send_progress(self, sent: int, total: int) -> None:
        """So many bytes of a long line have gone."""

    def connection_lost(self, why: str) -> None:
        """The connection has ended, and not by `hang_up`."""


class Link:
    """`start_server` is the command that starts a server, for the advice when there is none."""

    def __init__(self, user: LinkUser, start_server: str) -> None:
        self._user = user
        self._start_server = start_server
        self._lock = threading.Lock()  # guards what follows
        self._connection: Connection | None = None
        self._connecting = False
        self._number = 0  # of the connection that counts

    @property
    def is_up(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def connect(self, host: str, port: int) -> None:
        """Hang up, and begin to connect anew."""
        self.hang_up()
        self._connecting = True
        arguments = (self._number, host, port)
        threading.Thread(target=self._connect, args=arguments, name="connect", daemon=True).start()

    def _connect(self, number: int, host: str, port: int) -> None:
        try:
            sock = connect(host, port, self._start_server)
            address = format_address(sock.getpeername())  # an OSError when it has gone already
        except (AddressError, OSError) as error:
            with self._lock:
                if number == self._number:
                    self._connecting = False
                    self._user.connect_failed(str(error))
            return
        connection = Connection(sock, partial(self._event, number))
        with self._lock:
            if number != self._number:  # the user has not waited for us
                sock.close()
                return
            self._connecting = False
            self._connection = connection
            self._user.connected(address)
            self._user.greet()  # goes out on this connection: no other can take its place here
        connection.start()

    def send(self, line: bytes) -> bool:
        """Queue a line; return False if there is no connection."""
        connection = self._connection
        if connection is None:
            return False
        connection.send(line)
        return True

    def hang_up(self) -> bool:
        """Leave the server once everything is sent; return False if there was nothing to leave."""
        connecting = self._connecting
        connection = self._drop()
        if connection is None:
            return connecting
        connection.finish()
        timer = threading.Timer(GOODBYE_SECONDS, connection.close)
        timer.daemon = True
        timer.start()
        return True

    def finish(self) -> bool:
        """Say no more; `connection_lost` follows. Return False if there was no connection."""
        connection = self._connection
        if connection is None:
            return False
        connection.finish()
        return True

    def _drop(self) -> Connection | None:
        """From now on there is no connection, and no call under way."""
        with self._lock:
            connection, self._connection = self._connection, None
            self._connecting = False
            self._number += 1
        return connection

    def _event(self, number: int, event: ConnectionEvent) -> None:
        match event:
            case _ if number != self._number:
                return
            case LineReceived(line):
                self._user.line_received(line)
            case SendProgress(sent, total):
                self._user.send_progress(sent, total)
            case ConnectionLost(why):
                self._lost(number, why)

    def _lost(self, number: int, why: str) -> None:
        with self._lock:
            if number != self._number:  # the user was quicker, and may be calling again
                return
            self._connection = None
            self._number += 1
        self._user.connection_lost(why)
