"""One direction of a bad network: what happens to datagrams, without a socket or a clock.

Strategy: datagrams go in (`enter`), and come out (`due`) when their time has come, perhaps late,
twice, damaged or never. Chance comes from a seed, so a run can be repeated.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

QUEUE_TIME = 0.25
"""Seconds of sending at the full rate that fit the queue in front of a link with a rate."""
LATE_BY = 0.02
"""Seconds at most by which a reordered datagram is held back."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """How bad a link is: chances from 0 to 1, `delay` in seconds, `rate` in bytes a second."""

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    delay: float = 0.0
    rate: float = inf


class LossyDirection:
    """One direction of a bad link. Times are seconds of any steady clock."""

    def __init__(self, trouble: Trouble, chance: random.Random, counts: Counter[str]) -> None:
        """`counts` is where what happens is counted."""
        self.counts = counts
        self._trouble = trouble
        self._chance = chance
        self._under_way: list[tuple[float, int, bytes]] = []
        self._entered = 0
        self._free_at = 0.0  # when the last datagram will have left the queue

    def enter(self, datagram: bytes, now: float) -> None:
        """A datagram enters the link."""
        self.counts["entered"] += 1
        trouble, happens = self._trouble, self._happens
        if happens("lost", trouble.loss) or self._is_queue_full(now):
            return
        if happens("corrupted", trouble.corrupt):
            datagram = self._corrupted(datagram)
        self._free_at = max(self._free_at, now) + len(datagram) / trouble.rate
        due = self._free_at + trouble.delay
        if happens("reordered", trouble.reorder):
            due += LATE_BY * self._chance.random()
        for _ in range(2 if happens("duplicated", trouble.duplicate) else 1):
            self._entered += 1
            heapq.heappush(self._under_way, (due, self._entered, datagram))

    def _happens(self, what: str, probability: float) -> bool:
        """Throw the dice, and count."""
        happens = self._chance.random() < probability
        self.counts[what] += happens
        return happens

    def _is_queue_full(self, now: float) -> bool:
        is_full = self._free_at - now > QUEUE_TIME
        self.counts["dropped from a full queue"] += is_full
        return is_full

    def _corrupted(self, datagram: bytes) -> bytes:
        """The datagram with one bit turned over."""
        if not datagram:
            return datagram
        damaged = bytearray(datagram)
        damaged[self._chance.randrange(len(damaged))] ^= 1 << self._chance.randrange(8)
        return bytes(damaged)

    def due(self, now: float) -> Iterator[bytes]:
        """The datagrams that have reached the other end by now."""
        while self._under_way and self._under_way[0][0] <= now:
            yield heapq.heappop(self._under_way)[2]

    def next_timer(self) -> float:
        """When the next datagram is due; infinite when none is under way."""
        return self._under_way[0][0] if self._under_way else inf
