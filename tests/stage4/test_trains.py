"""Trains as tables: the fast way comes to the same as one packet after the other."""

import random
from collections.abc import Sequence

import pytest

from stage4_udp_files.packets import DATA, DATAGRAM_SIZE, PAYLOAD_SIZE, Packet, encode
from stage4_udp_files.receiver import Receiver
from stage4_udp_files.trains import MOST_A_CALL, Table, Train, TrainBuilder, continuation

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

TOKEN = b"\x00secret!"
CONTENT = random.Random(4).randbytes(100 * PAYLOAD_SIZE + 7)
FIRST = 2**33  # a number beyond 32 bits
START = 1000  # where in the file packet 0 lies


def read_into(buffers: Sequence[memoryview], position: int) -> None:
    """A file of which the bytes from packet FIRST on are known."""
    position -= START + FIRST * PAYLOAD_SIZE
    for buffer in buffers:
        buffer[:] = CONTENT[position : position + len(buffer)]
        position += len(buffer)


def built(first: int, end: int, repeat: bool = False) -> Train:
    """A train as the sender builds it."""
    size = START + FIRST * PAYLOAD_SIZE + len(CONTENT)
    builder = TrainBuilder(TOKEN, START, size, read_into)
    return builder.build(FIRST + first, FIRST + end, 123_456_789_012, repeat)


def arrived(datagrams: bytes, size: int = DATAGRAM_SIZE) -> Train:
    """A train as it lies in a socket's memory, with what was there before behind it."""
    memory = memoryview(bytearray(b"\xaa" * 65_536))
    memory[: len(datagrams)] = datagrams
    return Train(memory[: len(datagrams)], size, Table(memory))


@pytest.mark.parametrize(
    ("first", "end"), [(0, 1), (0, 2), (3, 48), (0, 101), (99, 100), (98, 101)]
)
@pytest.mark.parametrize("repeat", [False, True])
def test_built_trains_are_packets(first: int, end: int, repeat: bool) -> None:
    """Each packet of a train is the one that `encode` makes; the file's last one is shorter."""
    train = built(first, end, repeat)
    assert len(train) == end - first
    for number, datagram in enumerate(train, first):
        body = CONTENT[number * PAYLOAD_SIZE : (number + 1) * PAYLOAD_SIZE]
        packet = Packet(DATA, TOKEN, FIRST + number, 123_456_789_012, body, repeat)
        assert bytes(datagram) == encode(packet)


@pytest.mark.parametrize("count", [1, 2, MOST_A_CALL])
def test_a_train_that_goes_on_is_taken_at_once(count: int) -> None:
    """All payloads and the timestamp, without a look at single packets."""
    train = arrived(bytes(built(5, 5 + count).buffer))
    taken = continuation(train, TOKEN, FIRST + 5)
    assert taken is not None
    assert b"".join(taken[0]) == CONTENT[5 * PAYLOAD_SIZE :][: count * PAYLOAD_SIZE]
    assert taken[1] == 123_456_789_012


FIELDS = {
    "checksum": 0,
    "kind": 4,
    "repeat": 5,
    "token": 8,
    "number": 16,
    "body": DATAGRAM_SIZE - 1,
}


@pytest.mark.parametrize("row", [0, 7, MOST_A_CALL - 1])
@pytest.mark.parametrize("field", FIELDS)
def test_one_damaged_packet(row: int, field: str) -> None:
    """A bit changed anywhere in a train: it has to be looked at packet by packet."""
    damaged = bytearray(built(0, MOST_A_CALL).buffer)
    damaged[row * DATAGRAM_SIZE + FIELDS[field]] ^= 1
    assert continuation(arrived(bytes(damaged)), TOKEN, FIRST) is None


def test_trains_of_another_kind() -> None:
    """Not the next numbers, another token, packets sent again, short ones, no table."""
    train = bytes(built(0, 10).buffer)
    assert continuation(arrived(train), TOKEN, FIRST) is not None
    assert continuation(arrived(train), TOKEN, FIRST + 1) is None
    assert continuation(arrived(train), b"another!", FIRST) is None
    assert continuation(arrived(bytes(built(0, 10, repeat=True).buffer)), TOKEN, FIRST) is None
    assert continuation(arrived(train[:-1]), TOKEN, FIRST) is None
    assert continuation(arrived(train, DATAGRAM_SIZE - 1), TOKEN, FIRST) is None
    assert continuation(Train(train, DATAGRAM_SIZE), TOKEN, FIRST) is None


def damaged_packet(number: int) -> bytes:
    packet = encode(Packet(DATA, TOKEN, number, 1, bytes(PAYLOAD_SIZE)))
    return packet[:-1] + b"\x01"


def test_a_receiver_takes_trains_as_it_takes_packets() -> None:
    """Whole, damaged, repeated, early and stale trains: the same bytes, counts and ACK come out."""
    packets = [
        encode(Packet(DATA, TOKEN, n, n, CONTENT[n * PAYLOAD_SIZE :][:PAYLOAD_SIZE]))
        for n in range(101)
    ]
    runs = [packets[:20], packets[30:40], packets[5:25], [damaged_packet(25), *packets[26:30]]]
    runs += [packets[25:26], packets[40:85], packets[85:101]]
    size = len(CONTENT)
    at_once, one_by_one = (Receiver(TOKEN, size, now=0.0) for _ in range(2))
    content = [b"", b""]
    for run in runs:
        at_once.train_received(arrived(b"".join(run)), 1.0)
        for datagram in run:
            one_by_one.datagram_received(datagram, 1.0)
        content = [content[0] + at_once.take(), content[1] + one_by_one.take()]
        assert at_once.datagrams_to_send(1.0) == one_by_one.datagrams_to_send(1.0)
        assert at_once.packets_received == one_by_one.packets_received
    assert content == [CONTENT, CONTENT]
