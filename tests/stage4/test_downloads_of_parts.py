"""Whole downloads over a scripted network, each for the graded part that it is about."""

from typing import Any

import pytest

from tests.stage4 import simulation
from tests.stage4.test_download_simulated import PAYLOAD, assert_identical, download, lost
from tests.stage4.test_parts import ACKS, CONGESTION, GAPS, WINDOW
from tests.stage4.test_random_networks import packet
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)

REPEATING = pytest.mark.hint(
    "Every packet may be lost: the last one, its repetition, the ACK that answers it. As long as "
    "something is not acknowledged a timer runs, and when it ends something leaves again; each "
    "time the wait is longer.",
    docs="stage4/many_packets#when-nothing-comes-back",
)

EVERY_KIND = [
    *(("back", "START", 0), ("forth", "DATA", 0), ("forth", "DATA", 2), ("forth", "FIN", 3)),
    *(("back", "ACK", 1), ("back", "ACK", 3), ("back", "ACK", 4)),
]


@ACKS
@pytest.mark.part("stop_and_wait")
@pytest.mark.points(2)
@pytest.mark.parametrize("size", [0, 1, PAYLOAD - 1, PAYLOAD, PAYLOAD + 1, 7 * PAYLOAD])
def test_one_packet_after_the_other(observer: Observer, size: int) -> None:
    """With a window of one, files of every awkward size arrive, and nothing is sent twice."""
    seen = download(observer, size, congestion="fixed:1")
    assert_identical(seen)
    assert seen["packets_sent"] == -(-size // PAYLOAD) + 1


@ACKS
@pytest.mark.part("stop_and_wait")
@pytest.mark.points(2)
@pytest.mark.parametrize("packet", EVERY_KIND, ids=lambda packet: "-".join(map(str, packet)))
def test_one_packet_is_lost(observer: Observer, packet: tuple[str, str, int]) -> None:
    """Whichever packet of a file of three is lost, the file arrives."""
    seen = download(observer, 3 * PAYLOAD, congestion="fixed:1", drop=[lost(*packet)])
    assert_identical(seen)


@ACKS
@pytest.mark.part("stop_and_wait")
@pytest.mark.points(2)
def test_strangers_acks_count_for_nothing(observer: Observer) -> None:
    """ACKs with another token, for what was never sent, or damaged do not move the sender.

    Packet 2 is lost, and all of them come before it is sent again: who believes one of them never
    sends it.
    """
    token = simulation.TOKEN
    forged = [
        packet(4, b"8 bytes.", 3, b""),
        packet(4, token, 1_000_000, b""),
        packet(4, token, 0, b"\0\0\0\1\0\1\0\0"),
        packet(4, token, 3, b"")[:-1] + b"x",
        packet(4, token, 3, b"odd"),
        packet(2, token, 3, b""),
        b"garbage",
    ]
    inject = [{"to": "sender", "at": 0.13, "data": datagram.hex()} for datagram in forged]
    drop = [lost("forth", "DATA", 2)]
    seen = download(observer, 8 * PAYLOAD, congestion="fixed:1", inject=inject, drop=drop)
    assert_identical(seen)
    assert seen["packets_resent"] == 1, seen["story"]


@ACKS
@pytest.mark.part("stop_and_wait")
@pytest.mark.points(1)
def test_ranges_are_news_too(observer: Observer) -> None:
    """One packet is lost: ACKs repeat their number, but their ranges tell what came after it."""
    drop = [lost("forth", "DATA", 50)]
    seen = download(observer, 200 * PAYLOAD, congestion="fixed:20", drop=drop)
    assert_identical(seen)
    assert seen["packets_resent"] == 1, seen["story"]


@ACKS
@pytest.mark.part("stop_and_wait")
@pytest.mark.points(3)
def test_doubled_acks_send_nothing(observer: Observer) -> None:
    """Each packet and each ACK arrives twice: a second ACK has no news, and nothing goes twice."""
    seen = download(observer, 20 * PAYLOAD, congestion="fixed:4", duplicate=1.0)
    assert_identical(seen)
    assert seen["packets_resent"] == 0, seen["story"]


@WINDOW
@pytest.mark.part("window")
@pytest.mark.points(2)
@pytest.mark.parametrize("window", [1, 10, 100])
def test_the_window_is_kept_and_used(observer: Observer, window: int) -> None:
    """As many packets are under way as the window says, no more and no fewer."""
    seen = download(observer, 300 * PAYLOAD, congestion=f"fixed:{window}", rate=1e9, queue=1e9)
    assert_identical(seen)
    assert seen["packets_resent"] == 0, seen["story"]
    round_trips = -(-300 // window)
    assert round_trips * 0.04 <= seen["seconds"] <= (round_trips + 4) * 0.045, seen["story"]


@WINDOW
@pytest.mark.part("window")
@pytest.mark.points(2)
def test_the_receivers_room_is_kept(observer: Observer) -> None:
    """However large the window: never more early packets than the receiver has room for."""
    seen = download(observer, 300 * PAYLOAD, receive_window=8, loss=0.05, congestion="fixed:500")
    assert_identical(seen)
    assert seen["most_waiting"] < 8
    assert seen["packets_resent"] < 80, seen["story"]


@WINDOW
@pytest.mark.part("window")
@pytest.mark.points(1)
def test_what_is_lost_goes_first(observer: Observer) -> None:
    """A lost packet goes before new ones: else all that comes after it waits at the receiver."""
    drop = [lost("forth", "DATA", 50)]
    seen = download(observer, 300 * PAYLOAD, congestion="fixed:20", drop=drop)
    assert_identical(seen)
    assert seen["most_waiting"] < 60, seen["story"]


@REPEATING
@pytest.mark.part("timeout")
@pytest.mark.points(3)
@pytest.mark.parametrize("packet", EVERY_KIND, ids=lambda packet: "-".join(map(str, packet)))
def test_the_same_packet_is_lost_three_times(
    observer: Observer, packet: tuple[str, str, int]
) -> None:
    """Repetitions may be lost, too: there is always another one."""
    seen = download(observer, 3 * PAYLOAD, congestion="fixed:4", drop=[lost(*packet, times=3)])
    assert_identical(seen)


@REPEATING
@pytest.mark.part("timeout")
@pytest.mark.points(1)
def test_silence_of_three_seconds(observer: Observer) -> None:
    """Nothing gets through for three seconds: few packets are sent meanwhile, then it goes on."""
    seen = download(observer, 2000 * PAYLOAD, congestion="rate", blackouts=[[0.1, 3.1]])
    assert_identical(seen)
    assert seen["packets_resent"] < 150, seen["story"]


@GAPS
@pytest.mark.part("fast_retransmit")
@pytest.mark.points(2)
def test_one_loss_costs_one_packet(observer: Observer) -> None:
    """One lost packet of two hundred is sent again before any timeout, and nothing else is."""
    drop = [lost("forth", "DATA", 50)]
    seen = download(observer, 200 * PAYLOAD, congestion="fixed:20", drop=drop)
    without_loss = download(observer, 200 * PAYLOAD, congestion="fixed:20")
    assert_identical(seen)
    assert seen["packets_resent"] == 1, seen["story"]
    assert seen["seconds"] < without_loss["seconds"] + 0.1, seen["story"]


@CONGESTION
@pytest.mark.part("reno")
@pytest.mark.points(1, bonus=True)
def test_reno_on_a_link(observer: Observer) -> None:
    """Reno fills the queue of a link, loses, halves, and brings the file."""
    seen: dict[str, Any] = download(observer, 2_000_000, congestion="reno", queue=100e3)
    assert_identical(seen)
    assert 0 < seen["packets_resent"] < 0.2 * seen["packets_sent"], seen["story"]
