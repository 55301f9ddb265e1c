"""The layout of packets: built as the table in the docs says, and nothing else is taken for one."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage4 import observations
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(4),
    pytest.mark.part("packets"),
    pytest.mark.hint(
        "Write down the table of the header byte by byte and compare with what you build. Reading "
        "is the other way round, and every length and number in a datagram may be a lie.",
        docs="stage4/one_packet#packets",
    ),
]

TOKEN = b"8 bytes."


def by_the_table(
    kind: int, token: bytes, number: int, timestamp: int, body: bytes, repeat: int = 0
) -> bytes:
    """A packet, put together from the table in the docs alone."""
    fields = bytes([kind, repeat, 0, 0]) + token
    fields += number.to_bytes(8, "big") + timestamp.to_bytes(8, "big")
    return zlib.crc32(fields + body).to_bytes(4, "big") + fields + body


@pytest.mark.points(2)
@pytest.mark.parametrize("number", [0, 1, 65_535, 65_536, 2**32, 2**40, 2**64 - 1])
def test_a_packet_is_built_as_documented(observer: Observer, number: int) -> None:
    """Field by field, also with numbers beyond 16, 32 and 40 bits."""
    seen = observer.observe(
        observations.encoded,
        kind=2,
        token=TOKEN.hex(),
        number=number,
        timestamp=123_456_789,
        body=b"some, data\n".hex(),
        repeat=1,
    )
    expected = by_the_table(2, TOKEN, number, 123_456_789, b"some, data\n", repeat=1)
    assert seen == expected.hex()


@pytest.mark.points(2)
@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [0, 1, 32, 1399, 1400])
def test_a_packet_is_read_as_documented(observer: Observer, kind: int, size: int) -> None:
    """Whatever the body has in it: newlines, commas, zeros."""
    body = (b"\n,\0|" * 350)[:size]
    datagram = by_the_table(kind, TOKEN, 2**33, 77, body, repeat=kind % 2)
    seen = observer.observe(observations.parsed, datagrams=[datagram.hex()])
    assert seen == [[kind, TOKEN.hex(), 2**33, 77, body.hex(), kind % 2]]


@pytest.mark.points(1)
def test_every_damaged_bit_is_noticed(observer: Observer) -> None:
    """One bit turned over anywhere in a packet: it is refused."""
    datagram = by_the_table(2, TOKEN, 5, 77, b"content")
    damaged = []
    for bit in range(8 * len(datagram)):
        other = bytearray(datagram)
        other[bit // 8] ^= 1 << bit % 8
        damaged.append(other.hex())
    assert observer.observe(observations.parsed, datagrams=damaged) == [None] * len(damaged)


@pytest.mark.points(1)
def test_truncated_packets_are_refused(observer: Observer) -> None:
    """A packet cut off anywhere, or with something after it, is none."""
    datagram = by_the_table(2, TOKEN, 5, 77, b"content")
    pieces = [datagram[:length].hex() for length in range(len(datagram))]
    pieces.append((datagram + b"x").hex())
    assert observer.observe(observations.parsed, datagrams=pieces) == [None] * len(pieces)


@pytest.mark.points(1)
@settings(max_examples=50, deadline=None)
@given(garbage=st.lists(st.binary(max_size=1500).map(bytes.hex), max_size=20))
def test_garbage_is_refused(observer: Observer, garbage: list[str]) -> None:
    """Bytes of any length: a clean refusal, never another exception."""
    assert observer.observe(observations.parsed, datagrams=garbage) == [None] * len(garbage)


@pytest.mark.points(1)
def test_ranges_survive_the_way(observer: Observer) -> None:
    """Ranges above a number beyond 32 bits come out as they went in."""
    ranges = [[2**40 + 1, 2**40 + 2], [2**40 + 5, 2**40 + 900]]
    arguments = {"cumulative": 2**40, "ranges": ranges}
    assert observer.observe(observations.ranges_there_and_back, **arguments) == ranges


@pytest.mark.points(1)
def test_too_many_ranges(observer: Observer) -> None:
    """An ACK stays within a packet: of very many ranges the lowest are listed."""
    ranges = [[2 * number, 2 * number + 1] for number in range(1, 1000)]
    arguments = {"cumulative": 0, "ranges": ranges}
    seen = observer.observe(observations.ranges_there_and_back, **arguments)
    assert seen == ranges[: len(seen)]
    assert 100 <= len(seen) <= 175


@pytest.mark.points(1)
@pytest.mark.parametrize(
    "pairs",
    [[(0, 1)], [(2, 2)], [(3, 2)], [(1, 2), (2, 3)], [(5, 6), (2, 3)], [(1, 4), (3, 5)]],
    ids=str,
)
def test_ranges_out_of_order_are_refused(observer: Observer, pairs: list[tuple[int, int]]) -> None:
    """Empty, backward, touching, overlapping, or the missing packet itself: no honest ACK."""
    body = b"".join(struct.pack("!II", *pair) for pair in pairs)
    assert observer.observe(observations.refuses_ranges, cumulative=10, body=body.hex())
    assert observer.observe(observations.refuses_ranges, cumulative=10, body=body[:-1].hex())
