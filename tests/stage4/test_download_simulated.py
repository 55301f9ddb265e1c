"""Whole downloads over a scripted network with a fake clock: each loss by name, and bad luck."""

from typing import Any

import pytest

from tests.stage4 import simulation
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)

PAYLOAD = 1400
STRATEGIES = ["fixed:1", "fixed:8", "reno", "rate"]


def download(observer: Observer, size: int, **plan: Any) -> dict[str, Any]:
    """What was seen in a simulated download."""
    seen: dict[str, Any] = observer.observe(simulation.download, size=size, **plan)
    return seen


def assert_identical(seen: dict[str, Any]) -> None:
    """Both sides have ended well, and the file is the same."""
    assert seen["complete"], f"the receiver is not complete\n{seen['story']}"
    assert seen["identical"], f"the file differs\n{seen['story']}"
    assert seen["digest_fits"], f"another SHA-256 in FIN\n{seen['story']}"
    assert seen["sender_finished"], f"the sender has not ended\n{seen['story']}"


def lost(direction: str, kind: str, number: int, times: int = 1) -> dict[str, Any]:
    """The plan's entry for a packet that is lost, the first `times` copies of it."""
    return {"direction": direction, "kind": kind, "number": number, "times": times}


@pytest.mark.parametrize("congestion", STRATEGIES)
@pytest.mark.parametrize(
    "size", [0, 1, PAYLOAD - 1, PAYLOAD, PAYLOAD + 1, 7 * PAYLOAD, 64 * PAYLOAD, 100_001]
)
def test_sizes_at_every_packet_boundary(observer: Observer, size: int, congestion: str) -> None:
    """Files of every awkward size arrive whole, and nothing is sent twice without need."""
    seen = download(observer, size, congestion=congestion)
    assert_identical(seen)
    assert seen["packets_sent"] == -(-size // PAYLOAD) + 1


@pytest.mark.parametrize("congestion", STRATEGIES)
@pytest.mark.parametrize(
    "packet",
    [
        ("back", "START", 0),
        ("forth", "DATA", 0),
        ("forth", "DATA", 4),
        ("forth", "DATA", 9),
        ("forth", "FIN", 10),
        ("back", "ACK", 1),
        ("back", "ACK", 5),
        ("back", "ACK", 10),
        ("back", "ACK", 11),
    ],
    ids=lambda packet: "-".join(map(str, packet)),
)
@pytest.mark.parametrize("times", [1, 3])
def test_each_single_loss(
    observer: Observer, packet: tuple[str, str, int], congestion: str, times: int
) -> None:
    """Whichever packet of a file of ten is lost, once or three times, the file arrives."""
    seen = download(observer, 10 * PAYLOAD, congestion=congestion, drop=[lost(*packet, times)])
    assert_identical(seen)


def test_one_loss_is_mended_by_one_packet(observer: Observer) -> None:
    """One lost packet of two hundred is sent again at once, and nothing else is."""
    drop = [lost("forth", "DATA", 50)]
    seen = download(observer, 200 * PAYLOAD, congestion="fixed:20", drop=drop)
    assert_identical(seen)
    assert seen["packets_resent"] == 1


def test_a_lost_retransmission_is_noticed_without_a_timeout(observer: Observer) -> None:
    """The repeated packet is lost too: later ones show it, no timeout is needed."""
    drop = [lost("forth", "DATA", 50, times=3)]
    seen = download(observer, 2000 * PAYLOAD, congestion="fixed:20", drop=drop)
    assert_identical(seen)
    assert seen["packets_resent"] == 3
    without_loss = download(observer, 2000 * PAYLOAD, congestion="fixed:20")
    assert seen["seconds"] < without_loss["seconds"] + 0.2


def test_a_lost_acknowledgement_costs_nothing(observer: Observer) -> None:
    """The next ACK says all that a lost one has said: nothing is sent again."""
    drop = [lost("back", "ACK", number) for number in range(3, 60, 2)]
    seen = download(observer, 200 * PAYLOAD, congestion="fixed:20", drop=drop)
    assert_identical(seen)
    assert seen["packets_resent"] == 0


def test_lost_tail_is_probed_before_the_timeout(observer: Observer) -> None:
    """The last packets are lost, nothing comes after them: two round trips later all is mended."""
    drop = [lost("forth", "DATA", 98), lost("forth", "DATA", 99), lost("forth", "FIN", 100)]
    seen = download(observer, 100 * PAYLOAD, congestion="fixed:20", drop=drop)
    without_loss = download(observer, 100 * PAYLOAD, congestion="fixed:20")
    assert_identical(seen)
    assert seen["seconds"] < without_loss["seconds"] + 0.11


@pytest.mark.parametrize("congestion", STRATEGIES)
@pytest.mark.parametrize(
    "trouble",
    [
        {"loss": 0.3},
        {"duplicate": 0.5},
        {"reorder": 0.5},
        {"corrupt": 0.2},
        {"loss": 0.1, "duplicate": 0.1, "reorder": 0.1, "corrupt": 0.1},
    ],
    ids=lambda trouble: "-".join(trouble),
)
def test_bad_luck(observer: Observer, trouble: dict[str, float], congestion: str) -> None:
    """Loss up to 30 %, duplicates, reordering, damage: the file is identical."""
    seen = download(observer, 150 * PAYLOAD + 3, congestion=congestion, **trouble)
    assert_identical(seen)


def test_duplicates_alone_cause_no_repetition(observer: Observer) -> None:
    """Doubled packets and doubled ACKs are no reason to send anything again."""
    seen = download(observer, 200 * PAYLOAD, duplicate=1.0)
    assert_identical(seen)
    assert seen["packets_resent"] == 0


@pytest.mark.parametrize("begins", [0.0, 0.01, 0.03, 0.05, 0.2])
def test_a_blackout_of_three_seconds_is_survived(observer: Observer, begins: float) -> None:
    """Nothing gets through for three seconds, from the first START on or later: it goes on."""
    seen = download(observer, 3000 * PAYLOAD, blackouts=[[begins, begins + 3]])
    assert_identical(seen)
    assert seen["seconds"] < 10
    assert seen["packets_resent"] < 1500


@pytest.mark.parametrize("congestion", STRATEGIES)
def test_a_receiver_that_is_gone_is_given_up(observer: Observer, congestion: str) -> None:
    """The receiver falls silent: the sender ends, soon, having sent little more."""
    size = 5000 * PAYLOAD
    seen = download(observer, size, congestion=congestion, receiver_gone_at=0.3)
    assert "no answer" in seen["sender_failed"]
    assert seen["seconds"] < 40
    assert seen["packets_sent"] < 5000


def test_a_sender_that_is_gone_is_given_up(observer: Observer) -> None:
    """The sender falls silent: the receiver says so within a bounded time."""
    seen = download(observer, 5000 * PAYLOAD, sender_gone_at=0.3)
    assert "nothing came" in seen["receiver_failed"]
    assert not seen["complete"]


def test_no_answer_at_all_names_the_firewall(observer: Observer) -> None:
    """With 100 % loss the client asks a few times, then says what is probably wrong."""
    seen = download(observer, 5000 * PAYLOAD, loss=1.0)
    assert "firewall" in seen["receiver_failed"]
    assert 3 <= seen["counts"]["START"] <= 20
    assert seen["counts"].get("DATA", 0) == 0


def test_a_lost_final_acknowledgement_ends_both_sides(observer: Observer) -> None:
    """The ACK of FIN never arrives: the sender ends all the same, for all data is acknowledged."""
    drop = [lost("back", "ACK", 11, times=1000)]
    seen = download(observer, 10 * PAYLOAD, drop=drop)
    assert seen["identical"]
    assert seen["sender_finished"]


@pytest.mark.parametrize("congestion", STRATEGIES)
def test_spurious_timeouts_do_no_harm(observer: Observer, congestion: str) -> None:
    """ACKs stop for a second while data still flows: the file is identical, little is repeated."""
    stop = [lost("back", "ACK", number, 3) for number in range(40, 90)]
    seen = download(observer, 150 * PAYLOAD, congestion=congestion, drop=stop)
    assert_identical(seen)


def test_a_small_receive_window_is_respected(observer: Observer) -> None:
    """However fast the path: never more early packets than the receiver has room for."""
    seen = download(observer, 500 * PAYLOAD, receive_window=8, loss=0.05, congestion="fixed:500")
    assert_identical(seen)
    assert seen["most_waiting"] < 8
    assert seen["packets_resent"] < 100


def test_going_on_where_an_earlier_download_ended(observer: Observer) -> None:
    """Only the bytes from the first wanted one on are sent."""
    seen = download(observer, 100 * PAYLOAD, start=60 * PAYLOAD + 77)
    assert_identical(seen)
    assert seen["packets_sent"] == 40 + 1


def test_going_on_with_a_file_that_is_already_whole(observer: Observer) -> None:
    """Everything is there already: FIN alone brings the SHA-256."""
    seen = download(observer, 5000, start=5000)
    assert_identical(seen)
    assert seen["packets_sent"] == 1


@pytest.mark.parametrize(("packets", "start"), [(10, 0), (10, 10 * PAYLOAD), (0, 0)])
def test_fin_waits_for_the_hash(observer: Observer, packets: int, start: int) -> None:
    """Hashing may take longer than any timeout; FIN comes then, and nobody has given up."""
    seen = download(observer, packets * PAYLOAD, start=start, hash_after=60.0)
    assert_identical(seen)
    assert seen["packets_resent"] == 0


def test_the_end_is_repeated_as_long_as_the_rest(observer: Observer) -> None:
    """An outage of seconds just when FIN leaves: it is no reason to fail with a whole file."""
    drop = [{"direction": "forth", "kind": "FIN", "times": 6}]
    seen = download(observer, 10 * PAYLOAD, drop=drop)
    assert_identical(seen)
    assert 3 < seen["seconds"] < 15
