"""A network that is only calculated: what happens to each datagram, and a story of it all.

A `Plan` says how bad the network is, and which packets are lost by name. Time jumps from event to
event, so hours take milliseconds, and every run of a plan is the same.
"""

import heapq
import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = {1: "START", 2: "DATA", 3: "FIN", 4: "ACK"}
STORY_LINES = 80
OVERHEAD = 28  # bytes of IPv4 and UDP header


@dataclass
class Plan:
    """What happens to the packets. Times in seconds, rates in bytes a second, chances 0 to 1."""

    size: int
    seed: int = 1
    congestion: str = "rate"
    start: int = 0
    receive_window: int = 4096
    delay: float = 0.02
    rate: float = 12.5e6
    queue: float = 500e3
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    drop: list[dict[str, Any]] = field(default_factory=list)
    """Packets lost by name: direction, kind, number (counted in copies: `times`)."""
    blackouts: list[list[float]] = field(default_factory=list)
    inject: list[dict[str, Any]] = field(default_factory=list)
    """Datagrams that nobody has asked for: to ("sender", "receiver"), data (hex), at."""
    hash_after: float = 0.0
    """Seconds after the start when the server has hashed the file."""
    receiver_gone_at: float = float("inf")
    sender_gone_at: float = float("inf")


class Clock:
    """Simulated time: things to do, in the order of their times."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events = 0
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []

    def at(self, time: float, action: Callable[..., None], *arguments: Any) -> None:
        """Do something at a time."""
        self.events += 1
        heapq.heappush(self._agenda, (max(time, self.now), self.events, action, arguments))

    def step(self) -> bool:
        """Go on to the next thing and do it; False when there is none."""
        if not self._agenda:
            return False
        self.now, _, action, arguments = heapq.heappop(self._agenda)
        action(*arguments)
        return True


class Link:
    """One direction: a queue that a line empties at its rate, then a delay, and bad luck."""

    def __init__(self, name: str, plan: Plan, clock: Clock, story: "Story") -> None:
        self._name = name
        self._plan = plan
        self._clock = clock
        self._story = story
        self._chance = random.Random(f"{name} {plan.seed}")
        self._drop = [dict(rule) for rule in plan.drop if rule["direction"] == name]
        self._free_at = 0.0
        self.longest_queue = 0.0
        self.late_queues: list[float] = []

    def enter(self, datagram: bytes, arrive: Callable[[bytes], None]) -> None:
        """Send a datagram; `arrive` gets it, if anything comes out."""
        fate = self._fate(datagram)
        self._story.tell(self._clock.now, self._name, datagram, fate)
        if fate == "lost":
            return
        if fate == "corrupted":
            datagram = bytes([*datagram[:-1], datagram[-1] ^ 1])
        self._free_at = max(self._free_at, self._clock.now)
        self._free_at += (len(datagram) + OVERHEAD) / self._plan.rate
        late = 0.03 * self._chance.random() if fate == "reordered" else 0.0
        for _ in range(2 if fate == "duplicated" else 1):
            self._clock.at(self._free_at + self._plan.delay + late, arrive, datagram)

    def _fate(self, datagram: bytes) -> str:
        backlog = max(self._free_at - self._clock.now, 0) * self._plan.rate
        self.longest_queue = max(self.longest_queue, backlog)
        if self._clock.now > 101:
            self.late_queues.append(backlog)
        if backlog + len(datagram) > self._plan.queue or self._is_dropped(datagram):
            return "lost"
        since = self._clock.now - 100.0
        if any(begin <= since < end for begin, end in self._plan.blackouts):
            return "lost"
        for fate, chance in (
            ("lost", self._plan.loss),
            ("duplicated", self._plan.duplicate),
            ("reordered", self._plan.reorder),
            ("corrupted", self._plan.corrupt),
        ):
            if self._chance.random() < chance:
                return fate
        return "sent"

    def _is_dropped(self, datagram: bytes) -> bool:
        kind, number = name_of(datagram)
        for rule in self._drop:
            if rule["kind"] == kind and rule.get("number", number) == number and rule["times"] > 0:
                rule["times"] -= 1
                return True
        return False


class Story:
    """What was sent, for the reader of a failure; and counts."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self._runs: list[_Run] = []

    def tell(self, now: float, direction: str, datagram: bytes, fate: str) -> None:
        """A datagram has left."""
        kind, number = name_of(datagram)
        self.counts[f"{kind} {fate}"] += 1
        self.counts[kind] += 1
        self.bytes[direction] += len(datagram)
        arrow = "->" if direction == "forth" else "<-"
        line = f"{now - 100:9.4f} {arrow} {kind} {number} {fate}"
        alike = f"{arrow} {kind} {fate}"
        if self._runs and self._runs[-1].alike == alike:
            self._runs[-1].last, self._runs[-1].count = line, self._runs[-1].count + 1
        else:
            self._runs.append(_Run(alike, line, line))

    def text(self) -> str:
        """The beginning and the end of it all, each run of datagrams alike by its own two ends."""
        lines = [line for run in self._runs for line in run.lines()]
        if len(lines) > STORY_LINES:
            half = STORY_LINES // 2
            left_out = f"… {len(lines) - 2 * half:,} lines left out …"
            lines = [*lines[:half], left_out, *lines[-half:]]
        return "\n".join(["seconds  what was sent (-> to the client)", *lines])


@dataclass(slots=True)
class _Run:
    """Datagrams alike that follow each other: the lines of the first and of the last one."""

    alike: str
    first: str
    last: str
    count: int = 1

    def lines(self) -> list[str]:
        """What is told of them."""
        if self.count <= 2:
            return [self.first, self.last][: self.count]
        return [self.first, f"{'':10}… {self.count - 2:,} more …", self.last]


def name_of(datagram: bytes) -> tuple[str, int]:
    """Kind and number of a packet, as the layout in the docs says."""
    if len(datagram) < 32:
        return "garbage", 0
    return KINDS.get(datagram[4], "unknown"), struct.unpack_from("!Q", datagram, 16)[0]
