"""One direction of the emulated link, with times that the test makes up."""

import os
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the benchmarks need Linux", allow_module_level=True)

from benchmarks.link import Conditions, Direction

PACKET = bytes(1_250)  # 0.1 ms of a line of 100 Mbit/s


def direction(**conditions: float) -> Direction:
    return Direction(Conditions(**conditions), seed=1)  # type: ignore[arg-type]


def test_a_packet_comes_out_after_its_line_time_and_the_delay() -> None:
    way = direction()
    way.take(PACKET, now=5.0)
    assert way.in_flight[0][0] == pytest.approx(5.0 + 0.0001 + 0.020)


def test_packets_wait_for_each_other() -> None:
    way = direction()
    for _ in range(3):
        way.take(PACKET, now=5.0)
    times = [at for at, _ in way.in_flight]
    assert times == pytest.approx([5.0201, 5.0202, 5.0203])


def test_a_full_queue_drops_at_its_tail_and_has_room_again_later() -> None:
    way = direction(queue=10_000)
    for _ in range(20):
        way.take(PACKET, now=5.0)
    assert len(way.in_flight) == 8
    assert way.counts["dropped"] == 12
    way.take(PACKET, now=5.0002)
    assert len(way.in_flight) == 9


def test_loss_is_as_often_as_asked_and_takes_line_time() -> None:
    way = direction(loss=5, queue=10**9)
    for _ in range(10_000):
        way.take(PACKET, now=5.0)
    assert way.counts["lost"] == pytest.approx(500, rel=0.2)
    assert way.in_flight[-1][0] == pytest.approx(5.0 + 1.0 + 0.020, abs=0.005)


def test_packets_are_handed_over_in_order_when_their_time_has_come() -> None:
    way = direction()
    for number in range(3):
        way.take(bytes([number]) * 1_250, now=float(number))
    reader, writer = os.pipe()
    try:
        way.hand_over(writer, now=1.5)
        assert os.read(reader, 10_000) == bytes(1_250) + b"\1" * 1_250
        assert len(way.in_flight) == 1
    finally:
        os.close(reader)
        os.close(writer)
