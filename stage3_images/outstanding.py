"""What a client has asked of the server about images, and what is to be fetched next.

Strategy: each request gets exactly one answer, in order, so an answer belongs to the request that
waits longest. Images that others announce are fetched one at a time: the next when the one before
is saved, however many are announced meanwhile.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stage1_basic.lines import encode_line

MOST_ANNOUNCED = 100
"""How many announced images wait to be fetched; beyond, the oldest are not."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The user's image at `path` is on its way."""

    path: Path


@dataclass(frozen=True, slots=True)
class Fetch:
    """The server was asked for the image `name`."""

    name: str


class OutstandingImages:
    """Requests in order. Any thread may call.

    `send(line)` queues a line for the server; it returns False if there is no connection.
    """

    def __init__(self, send: Callable[[bytes], bool]) -> None:
        self._send = send
        self._lock = threading.Lock()  # what is asked first must stand first
        self._requests: deque[Upload | Fetch] = deque()
        self._announced: deque[str] = deque(maxlen=MOST_ANNOUNCED)
        self._fetching: str | None = None

    def request(self, request: Upload | Fetch, line: bytes) -> bool:
        """Ask the server; False if there is no connection any more, so no answer will come."""
        with self._lock:
            return self._ask(request, line)

    def answered(self) -> Upload | Fetch | None:
        """An answer has come: return what was asked, None for nothing (a server in error)."""
        with self._lock:
            return self._requests.popleft() if self._requests else None

    def arrived(self, name: str) -> None:
        """An image has come: an answer if it was asked for next, or else sent by the operator."""
        with self._lock:
            if self._requests and self._requests[0] == Fetch(name):
                self._requests.popleft()

    def announced(self, name: str) -> None:
        """Fetch this image as soon as no other is being fetched."""
        with self._lock:
            self._announced.append(name)
        self._fetch_next()

    def dealt_with(self, name: str) -> None:
        """The image `name` is saved, or will not come."""
        with self._lock:
            if self._fetching == name:
                self._fetching = None
        self._fetch_next()

    def forget(self) -> None:
        """The connection has ended: nothing will be answered any more."""
        with self._lock:
            self._requests.clear()
            self._announced.clear()
            self._fetching = None

    def _fetch_next(self) -> None:
        with self._lock:
            if self._fetching is None and self._announced:
                name = self._announced.popleft()
                if self._ask(Fetch(name), encode_line(f"REQUEST_IMAGE:{name}")):
                    self._fetching = name

    def _ask(self, request: Upload | Fetch, line: bytes) -> bool:
        """Send a request (the lock is held)."""
        if not self._send(line):
            return False
        self._requests.append(request)
        return True
