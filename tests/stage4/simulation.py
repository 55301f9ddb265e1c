"""A whole download without a network and without waiting; runs in the observing child.

Sender and receiver talk through two simulated links. A plan says how bad these are and which
packets are lost by name. Time jumps from event to event, so hours take milliseconds, and every run
of a plan is the same. What comes back says what both sides saw, with a story to read when a test
fails.
"""

import hashlib
import heapq
import random
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = {1: "START", 2: "DATA", 3: "FIN", 4: "ACK"}
TOKEN = b"\x00secret!"
LONGEST_RUN = 300.0
MOST_EVENTS = 400_000
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
    first_number: int = 0
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


class SenderSide:
    """The sender with what the file server does around it."""

    def __init__(self, plan: Plan, clock: Clock, link: Link, content: bytes) -> None:
        self._plan = plan
        self._clock = clock
        self._link = link
        self._content = content
        self.sender: Any = None
        self._wake_at = float("inf")
        self.deliver: Callable[[bytes], None]
        self.windows: list[int] = []

    def arrive(self, datagram: bytes) -> None:
        """A datagram has come from the receiver."""
        if self._clock.now - 100 >= self._plan.sender_gone_at:
            return
        if self.sender is None:
            self._start(datagram)
        else:
            self.sender.datagram_received(datagram, self._clock.now)
        self.pump()

    def _start(self, datagram: bytes) -> None:
        from stage4_udp_files.packets import BadPacketError, parse, parse_wish
        from stage4_udp_files.sender import Sender
        from stage4_udp_files.strategies import chosen_strategy

        try:
            packet = parse(datagram)
        except BadPacketError:
            return
        if packet.kind != 1 or packet.token != TOKEN:
            return
        wish = parse_wish(packet.body)
        self.sender = Sender(
            TOKEN,
            self._plan.size,
            self._read_into,
            chosen_strategy(wish.congestion, "rate"),
            start=packet.number,
            receive_window=wish.receive_window,
            now=self._clock.now,
        )
        self._clock.at(self._clock.now + self._plan.hash_after, self._hashed)

    def _hashed(self) -> None:
        self.sender.digest = hashlib.sha256(self._content).digest()
        self.pump()

    def _read_into(self, buffers: Sequence[memoryview], position: int) -> None:
        for buffer in buffers:
            buffer[:] = self._content[position : position + len(buffer)]
            position += len(buffer)

    def pump(self) -> None:
        """Send what may leave, and look again when the sender wants it."""
        if self.sender is None or self._clock.now - 100 >= self._plan.sender_gone_at:
            return
        while len(train := self.sender.datagrams_to_send(self._clock.now)):
            for datagram in train:
                self._link.enter(bytes(datagram), self.deliver)
        self.windows.append(int(self.sender.congestion.window))
        timer = self.sender.next_timer()
        if timer < float("inf") and not self._clock.now < self._wake_at <= timer:
            self._wake_at = max(timer, self._clock.now + 1e-6)
            self._clock.at(self._wake_at, self.pump)


class ReceiverSide:
    """The receiver with what the download does around it."""

    def __init__(self, plan: Plan, clock: Clock, link: Link, content: bytes) -> None:
        from stage4_udp_files.receiver import Receiver

        self._plan = plan
        self._clock = clock
        self._link = link
        self.received = bytearray(content[: plan.start])
        self.receiver = Receiver(
            TOKEN,
            plan.size,
            start=plan.start,
            congestion=plan.congestion,
            receive_window=plan.receive_window,
            now=clock.now,
        )
        self.deliver: Callable[[bytes], None]
        self.most_waiting = 0

    def arrive(self, datagram: bytes) -> None:
        """A datagram has come from the sender."""
        if self._clock.now - 100 < self._plan.receiver_gone_at:
            self.receiver.datagram_received(datagram, self._clock.now)
            self.received += self.receiver.take()
            self.most_waiting = max(self.most_waiting, len(self.receiver.reassembly.early))
            self._answer()

    def _answer(self) -> None:
        for datagram in self.receiver.datagrams_to_send(self._clock.now):
            self._link.enter(datagram, self.deliver)

    def pump(self) -> None:
        """Send what is due, and look again when the receiver wants it."""
        if self._clock.now - 100 >= self._plan.receiver_gone_at:
            return
        self._answer()
        timer = self.receiver.next_timer()
        if timer < float("inf"):
            self._clock.at(max(timer, self._clock.now + 1e-6), self.pump)


def download(**plan_fields: Any) -> dict[str, Any]:
    """Run one download by plan until both sides have ended; what was seen."""
    plan = Plan(**plan_fields)
    content = random.Random(plan.size).randbytes(plan.size)
    clock, story = Clock(), Story()
    forth, back = Link("forth", plan, clock, story), Link("back", plan, clock, story)
    server, client = (
        SenderSide(plan, clock, forth, content),
        ReceiverSide(plan, clock, back, content),
    )
    server.deliver, client.deliver = client.arrive, server.arrive
    for stranger in plan.inject:
        side = server if stranger["to"] == "sender" else client
        clock.at(100 + stranger["at"], side.arrive, bytes.fromhex(stranger["data"]))
    client.pump()
    ended_at = None
    while clock.now < 100 + LONGEST_RUN and clock.events < MOST_EVENTS and clock.step():
        sender, receiver = server.sender, client.receiver
        if ended_at is None and receiver.is_complete:
            ended_at = clock.now
        sender_done = sender is not None and (sender.is_finished or sender.failed)
        if sender_done and (receiver.is_complete or receiver.failed):
            break
    return _observed(server, client, forth, story, clock, ended_at, content)


def _observed(
    server: SenderSide,
    client: ReceiverSide,
    forth: Link,
    story: Story,
    clock: Clock,
    ended_at: float | None,
    content: bytes,
) -> dict[str, Any]:
    sender, receiver = server.sender, client.receiver
    digest = hashlib.sha256(client.received).digest()
    late = sorted(forth.late_queues)
    return {
        "complete": receiver.is_complete,
        "identical": bytes(client.received) == content,
        "digest_fits": receiver.digest == digest,
        "receiver_failed": receiver.failed,
        "sender_failed": sender.failed if sender else None,
        "sender_finished": bool(sender and sender.is_finished),
        "seconds": clock.now - 100,
        "complete_after": ended_at - 100 if ended_at else None,
        "counts": dict(story.counts),
        "bytes": dict(story.bytes),
        "packets_sent": sender.scoreboard.packets_sent if sender else 0,
        "packets_resent": sender.packets_resent if sender else 0,
        "most_waiting": client.most_waiting,
        "longest_queue": forth.longest_queue,
        "median_late_queue": late[len(late) // 2] if late else 0,
        "largest_window": max(server.windows, default=0),
        "story": story.text(),
    }
