"""A whole download without a network and without waiting; runs in the observing child.

Sender and receiver talk through two links of a `simulated_network`. What comes back says what both
sides saw, with a story to read when a test fails.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.stage4.simulated_network import Clock, Link, Plan, Story

TOKEN = b"\x00secret!"
LONGEST_RUN = 300.0
MOST_EVENTS, MOST_EVENTS_A_KILOBYTE = 20_000, 150
"""Then two programs that answer each other for ever have been found out."""


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
    most_events = MOST_EVENTS + MOST_EVENTS_A_KILOBYTE * plan.size // 1000
    while clock.now < 100 + LONGEST_RUN and clock.events < most_events and clock.step():
        sender, receiver = server.sender, client.receiver
        if ended_at is None and receiver.is_complete:
            ended_at = clock.now
        sender_done = sender is not None and (sender.is_finished or sender.failed)
        if sender_done and (receiver.is_complete or receiver.failed):
            break
    return _observed(server, client, forth, story, clock, ended_at, content)


def downloads_at_once(number: int, **plan_fields: Any) -> dict[str, Any]:
    """Run several downloads of one file over the same two links until all are complete."""
    plan = Plan(**plan_fields)
    content = random.Random(plan.size).randbytes(plan.size)
    clock, story = Clock(), Story()
    forth, back = Link("forth", plan, clock, story), Link("back", plan, clock, story)
    clients = [ReceiverSide(plan, clock, back, content) for _ in range(number)]
    for client in clients:
        server = SenderSide(plan, clock, forth, content)
        server.deliver, client.deliver = client.arrive, server.arrive
        client.pump()
    while clock.now < 100 + LONGEST_RUN and clock.step():
        if any(client.receiver.is_complete for client in clients):
            break
    received = [len(client.received) for client in clients]
    while clock.now < 100 + LONGEST_RUN and clock.step():
        if all(client.receiver.is_complete for client in clients):
            break
    return {
        "received_when_first_was_done": received,
        "identical": [bytes(client.received) == content for client in clients],
    }


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
