"""Ways into the engine's thread from other threads, and work that takes too long for it.

The thread that serves everyone sleeps in its selector. Who wants something from it (the keyboard
thread, a signal, a finished piece of work) leaves a call in a queue and writes one byte to a
socket that the selector watches: that wakes it.
"""

import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Protocol


class CallQueue:
    """Calls that other threads ask the engine's thread to make, whenever `selector` wakes it."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._calls: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        selector.register(self._receiver, selectors.EVENT_READ, self._run)

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have the engine's thread call `function` soon. Any thread may call this, and a signal
        handler."""
        self._calls.append((function, arguments))
        # Blocked: enough wake-ups are on their way. Closed: the engine has ended.
        with suppress(OSError):
            self._sender.send(b"\0")

    def close(self) -> None:
        """Close the sockets; later calls are never made."""
        self._receiver.close()
        self._sender.close()

    def _run(self, _events: int) -> None:
        with suppress(BlockingIOError):
            self._receiver.recv(4096)
        while self._calls:
            function, arguments = self._calls.popleft()
            function(*arguments)


class Waiting(Protocol):
    """A client whose further lines can wait."""

    def hold(self) -> None:
        """Handle and read no further lines until `release`."""

    def release(self) -> None:
        """Go on with the lines that came meanwhile."""


class BackgroundWorker:
    """One thread that does one piece of work after the other. A daemon: the server's end waits for
    nobody."""

    def __init__(self, call: Callable[..., None]) -> None:
        self._call = call
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Callable[[Future[Any]], None]]] = (
            SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(
        self,
        work: Callable[[], Any],
        then: Callable[[Future[Any]], None],
        holds: Waiting | None = None,
    ) -> None:
        """Run `work` in the thread, then `then(future)`, with its result or exception, in the
        engine's thread. Until then the client `holds` has to wait with what it says next."""

        def finish(future: Future[Any]) -> None:
            then(future)
            if holds is not None:
                holds.release()

        if holds is not None:
            holds.hold()
        self._jobs.put((work, finish))
        with self._starting:  # two that come at once must not start two threads
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="background", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._do_one(*self._jobs.get())

    def _do_one(self, work: Callable[[], Any], then: Callable[[Future[Any]], None]) -> None:
        future: Future[Any] = Future()
        try:
            future.set_result(work())
        except Exception as error:  # not lost: `then` gets it when it asks for the result
            future.set_exception(error)
        self._call(then, future)
