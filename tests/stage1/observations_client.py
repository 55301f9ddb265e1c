"""What can be seen of a client's connection; runs in the observing child, on a pair of sockets."""

import contextlib
import queue
import socket
import threading
from typing import Any

PATIENCE = 5.0  # seconds; what must come, comes at once


def connection(script: list[list[Any]], answer_pings: bool = True) -> list[list[Any]]:
    """Play the server to a Connection, step by step; each event that it told, what the server got.

    An exception in one of its threads ends the play: `["a thread raised", WORDS]`.

    Steps: `["server sends", TEXT]`, `["client sends", TEXT]`, `["server reads", COUNT]`,
    `["server reads to the end"]`, `["client finishes"]`, `["server ends"]`,
    `["server vanishes"]`, `["wait for", KIND]`, `["threads end"]`.
    """
    ours, theirs = socket.socketpair()
    play = _Play(ours, _HalfASend(fileno=theirs.detach()), answer_pings)
    with ours, contextlib.suppress(_OverError):
        play.start()
        for what, *arguments in script:
            getattr(play, what.replace(" ", "_"))(*arguments)
    return play.seen


class _HalfASend(socket.socket):
    """A socket whose `send` never takes all that it is given, as happens when buffers are full."""

    def send(self, data: Any, flags: int = 0) -> int:
        """Send half of it."""
        return super().send(memoryview(data)[: max(len(data) // 2, 1)], flags)


class _OverError(Exception):
    """Nothing more will come."""


class _Play:
    """The server's side, and what the client's side tells."""

    def __init__(self, ours: socket.socket, theirs: socket.socket, answer_pings: bool) -> None:
        from stage1_basic.connection import Connection

        self.seen: list[list[Any]] = []
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._ours = ours
        self._before = set(threading.enumerate())
        self._connection = Connection(theirs, self._events.put, answer_pings)
        threading.excepthook = self._raised

    def start(self) -> None:
        """Start the connection's threads."""
        self._connection.start()

    def _raised(self, arguments: Any) -> None:
        words = str(arguments.exc_value)
        if not isinstance(arguments.exc_value, NotImplementedError):
            words = f"{type(arguments.exc_value).__name__}: {words}"
        self._events.put(RuntimeError(words))
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RD)  # wakes who reads

    def server_sends(self, text: str) -> None:
        """Bytes go to the client, in one piece."""
        self._ours.sendall(text.encode())

    def client_sends(self, *texts: str) -> None:
        """The program hands lines to the connection; it must not wait meanwhile."""
        for text in texts:
            self._connection.send(text.encode())

    def server_reads(self, count: int) -> None:
        """So many bytes come to the server, or fewer before the end."""
        data = bytearray()
        self._ours.settimeout(PATIENCE)
        with contextlib.suppress(TimeoutError):
            while len(data) < count and (piece := self._ours.recv(count - len(data))):
                data += piece
        self.seen.append(["server got", data.decode("utf-8", "replace")])
        self._look_for_exceptions()

    def server_reads_to_the_end(self) -> None:
        """Whether the client says that nothing more comes from it."""
        self._ours.settimeout(PATIENCE)
        try:
            self.seen.append(["the end" if not self._ours.recv(1) else "more bytes"])
        except TimeoutError:
            self.seen.append(["no end came"])

    def server_vanishes(self) -> None:
        """The server is gone, with bytes that it never read."""
        self._ours.recv(1)
        self._ours.close()

    def _look_for_exceptions(self) -> None:
        kept = []
        while not self._events.empty():
            event = self._events.get()
            self._expect_no_exception(event)
            kept.append(event)
        for event in kept:
            self._events.put(event)

    def _expect_no_exception(self, event: Any) -> None:
        if isinstance(event, RuntimeError):
            self.seen.append(["a thread raised", str(event)])
            raise _OverError

    def client_finishes(self) -> None:
        """The program has nothing more to say."""
        self._connection.finish()

    def server_ends(self) -> None:
        """The server hangs up."""
        self._ours.shutdown(socket.SHUT_WR)

    def wait_for(self, kind: str) -> None:
        """Write down what the client's side tells until something of this kind comes."""
        while True:
            try:
                event = self._events.get(timeout=PATIENCE)
            except queue.Empty:
                self.seen.append(["nothing more came"])
                raise _OverError from None
            self._expect_no_exception(event)
            name = type(event).__name__
            content = getattr(event, "line", b"").decode("utf-8", "replace")
            self.seen.append([name, content] if name == "LineReceived" else [name])
            if name == kind:
                return

    def threads_end(self) -> None:
        """Wait for the connection's threads; which of them go on."""
        threads = [thread for thread in threading.enumerate() if thread not in self._before]
        for thread in threads:
            thread.join(PATIENCE)
        self._look_for_exceptions()
        self.seen.append(["still running", *[t.name for t in threads if t.is_alive()]])
