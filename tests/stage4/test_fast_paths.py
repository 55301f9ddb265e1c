"""Within one computer: the path is faster than the programs, and they are often late."""

import random
from collections.abc import Sequence

import pytest

from stage4_udp_files.packets import PAYLOAD_SIZE
from stage4_udp_files.receiver import RECEIVE_WINDOW, Receiver
from stage4_udp_files.sender import Sender
from stage4_udp_files.strategies import DEFAULT_STRATEGY, strategy_named

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

TOKEN = b"\x00secret!"
SIZE = 20_000 * PAYLOAD_SIZE


def read_nothing(_: Sequence[memoryview], __: int) -> None:
    """A file of whatever lies in memory."""


@pytest.mark.parametrize("latest", [0.0002, 0.003, 0.02])
@pytest.mark.parametrize("seed", range(3))
def test_late_programs_do_not_look_like_a_full_queue(latest: float, seed: int) -> None:
    """Each side comes to its turn up to `latest` seconds late; then one ACK answers all there is.

    The rate follows how often they come: a window that shrank to a few packets and stayed there
    would take a turn for each of them.
    """
    chance = random.Random(seed)
    now = 100.0
    sender = Sender(
        TOKEN,
        SIZE,
        read_nothing,
        strategy_named(DEFAULT_STRATEGY),
        receive_window=RECEIVE_WINDOW,
        now=now,
    )
    receiver = Receiver(TOKEN, SIZE, now=now)
    sender.digest = bytes(32)
    turns = 0
    while not sender.is_finished:
        while len(train := sender.datagrams_to_send(now)):
            receiver.train_received(train, now)
        receiver.take()
        now += 0.00005 + chance.random() * latest
        for ack in receiver.datagrams_to_send(now):
            sender.datagram_received(ack, now)
        turns += 1
        assert turns < 500, f"after {turns} turns only {receiver.reassembly.next_number} packets"
    assert receiver.is_complete
