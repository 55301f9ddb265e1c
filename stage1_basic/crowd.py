"""Everyone who is connected, and how much they may hold in memory all together.

Each client has limits of its own, but a thousand clients just below theirs would still be too much.
Whoever holds most has to go then, and the others are served on.
"""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from stage1_basic.limits import PARTIAL_LIMIT, UNSENT_LIMIT
from stage1_basic.send_queue import SendQueue


class Member(Protocol):
    """What a client of either engine tells of itself, and what can be done with it."""

    queue: SendQueue

    @property
    def partial(self) -> int:
        """How many bytes are held of a line that is unfinished or being worked on."""

    def close(self, why: str) -> None:
        """Hang up, after the last words."""

    def drop(self, why: str) -> None:
        """Hang up at once."""


M = TypeVar("M", bound=Member)


class Crowd(Generic[M]):
    """The clients of an engine, at most `client_limit`, in the order in which they came."""

    def __init__(self, client_limit: int) -> None:
        self._members: dict[M, None] = {}
        self._client_limit = client_limit
        self._partial = 0  # bytes of lines that are unfinished, or being worked on

    def __iter__(self) -> Iterator[M]:
        return iter(self._members)

    @property
    def is_full(self) -> bool:
        """Whether nobody else can come in."""
        return len(self._members) >= self._client_limit

    def add(self, client: M) -> None:
        """A client has come in."""
        self._members[client] = None

    def remove(self, client: M) -> None:
        """A client has gone."""
        del self._members[client]

    def count_partial(self, change: int) -> None:
        """Count the bytes of lines that are not handled yet; beyond the limit, the largest holder
        goes."""
        self._partial += change
        if change > 0 and self._partial > PARTIAL_LIMIT:
            largest = max(self._members, key=lambda client: client.partial)
            largest.drop("too much unfinished input")

    def check_unsent(self) -> None:
        """If too much waits to be sent, the largest holder goes. What several clients are to get
        counts once. This looks at every queue, which takes a while."""
        if sum(client.queue.queued for client in self._members) > UNSENT_LIMIT:
            sizes = {id(b): len(b) for client in self._members for b in client.queue.chunks()}
            if sum(sizes.values()) > UNSENT_LIMIT:
                largest = max(self._members, key=lambda client: client.queue.queued)
                largest.drop("too much waits for all clients")

    def say_goodbye(self) -> None:
        """The server ends: let everyone go with what was sent to them."""
        for client in self._members:
            client.close("")
