"""What waits to be sent to one client, counted so that a slow client cannot fill the memory.

The lines are shared: a message to a hundred clients is one `bytes` object in a hundred queues.
Images are large and shared too, so they are counted apart, by number.
"""

from collections import deque
from collections.abc import Iterable

SMALL_LIMIT = 32 * 1024 * 1024
"""The most bytes that may wait for one client, images not counted."""

IMAGE_LIMIT = 4
"""The most images that may wait for one client."""

IMAGE_SIZE = 128 * 1024
"""A chunk of so many bytes or more can only be an image."""

PIECE_SIZE = 256 * 1024
"""The most that one system call is given: a long image must not delay everyone else's messages."""

BUSY_SIZE = 1024 * 1024
"""While so much waits for a client, the server reads nothing from it."""

PING = b"ping\n"


class SendQueue:
    """The bytes that are still to be sent to one client, in order."""

    __slots__ = ("_chunks", "_images", "_offset", "_small", "queued")

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._offset = 0  # how much of the first chunk has gone
        self._small = 0  # bytes, images not counted
        self._images = 0  # images, however long
        self.queued = 0  # bytes, images included

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def chunks(self) -> tuple[bytes, ...]:
        """The bytes as they were put in. In one go: a writer's thread may be taking some out."""
        return tuple(self._chunks)

    @property
    def overfull(self) -> bool:
        """Whether more waits than one client may leave waiting."""
        return self._small > SMALL_LIMIT or self._images > IMAGE_LIMIT

    @property
    def busy(self) -> bool:
        """Whether so much waits that this client should read before it may say more."""
        return self.queued >= BUSY_SIZE

    def put(self, chunk: bytes) -> None:
        """Add bytes at the end. A ping is left out where others wait: they are signs of life too,
        and a client that takes minutes for an image need not answer a hundred pings after it."""
        if chunk == PING and self._chunks:
            return
        self._chunks.append(chunk)
        self.queued += len(chunk)
        if len(chunk) >= IMAGE_SIZE:
            self._images += 1
        else:
            self._small += len(chunk)

    def next_piece(self) -> memoryview:
        """The bytes to send now, at most `PIECE_SIZE`; short chunks are joined for it."""
        if len(self._chunks) > 1 and len(self._chunks[0]) < IMAGE_SIZE:
            self._join_short_chunks()
        return memoryview(self._chunks[0])[self._offset : self._offset + PIECE_SIZE]

    def sent(self, count: int) -> None:
        """The first `count` bytes of that piece have gone."""
        chunk = self._chunks[0]
        self._offset += count
        self.queued -= count
        if len(chunk) < IMAGE_SIZE:
            self._small -= count
        if self._offset == len(chunk):
            self._chunks.popleft()
            self._offset = 0
            self._images -= len(chunk) >= IMAGE_SIZE

    def _join_short_chunks(self) -> None:
        parts = [self._chunks.popleft()[self._offset :]]
        size = len(parts[0])
        while self._chunks and size + len(self._chunks[0]) < IMAGE_SIZE:
            parts.append(self._chunks.popleft())
            size += len(parts[-1])
        self._chunks.appendleft(b"".join(parts))
        self._offset = 0


def join_lines(lines: Iterable[bytes]) -> list[bytes]:
    """Join lines into chunks that can go out with one system call each. Images are never copied."""
    chunks: list[bytes] = []
    short: list[bytes] = []
    size = 0
    for line in lines:
        if size + len(line) >= IMAGE_SIZE and short:
            chunks.append(b"".join(short))
            short, size = [], 0
        short.append(line)
        size += len(line)
    return [*chunks, b"".join(short)] if short else chunks
