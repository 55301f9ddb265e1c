"""What the congestion controls do on a link of 100 Mbit/s and 40 ms with a queue of 500 KB."""

from typing import Any

import pytest

from tests.stage4 import simulation
from tests.stage4.test_download_simulated import PAYLOAD, assert_identical, download
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)

TEN_MEGABYTES = 10_000_000


def goodput(seen: dict[str, Any], size: int) -> float:
    """Mbit/s of content, from the START to the complete file, with one round trip for asking."""
    return float(size * 8e-6 / (seen["complete_after"] + 0.04))


@pytest.mark.parametrize(("loss", "least"), [(0.0, 74), (0.01, 70), (0.05, 64)])
def test_goodput_at_random_loss(observer: Observer, loss: float, least: float) -> None:
    """The rate-based control fills the link, whether packets get lost at random or not."""
    seen = download(observer, TEN_MEGABYTES, loss=loss)
    assert_identical(seen)
    assert goodput(seen, TEN_MEGABYTES) > least
    assert seen["packets_resent"] <= (1.5 * loss + 0.01) * seen["packets_sent"]


def test_the_queue_stays_short(observer: Observer) -> None:
    """Alone, the rate-based control leaves the queue nearly empty: round trips stay short."""
    seen = download(observer, 2 * TEN_MEGABYTES)
    assert seen["median_late_queue"] < 0.25 * 500e3


def test_eight_downloads_at_once_share_the_link(observer: Observer) -> None:
    """All arrive whole, and until the first is complete each gets about the same.

    On a slow link: there, so small files last long enough for the shares to become equal.
    """
    seen = observer.observe(
        simulation.downloads_at_once, number=8, size=2_000_000, rate=2.5e6, queue=300e3
    )
    assert seen["identical"] == [True] * 8
    received = seen["received_when_first_was_done"]
    index = sum(received) ** 2 / (8 * sum(one**2 for one in received))  # Jain's, of fairness
    assert index > 0.9, received


def test_reno_fills_the_queue_and_backs_off(observer: Observer) -> None:
    """Reno needs losses to find the limit, and halves: the file is identical all the same."""
    seen = download(observer, TEN_MEGABYTES, congestion="reno")
    assert_identical(seen)
    assert seen["longest_queue"] > 0.9 * 500e3
    assert 0 < seen["packets_resent"] < 0.2 * seen["packets_sent"]


def test_stop_and_wait_sends_one_packet_a_round_trip(observer: Observer) -> None:
    """With a window of 1 there is never more than one packet under way."""
    seen = download(observer, 50 * PAYLOAD, congestion="fixed:1")
    assert_identical(seen)
    assert seen["seconds"] == pytest.approx(51 * 0.04 + 0.04, rel=0.05)


@pytest.mark.parametrize("window", [1, 10, 100])
def test_a_fixed_window_is_kept(observer: Observer, window: int) -> None:
    """The queue never holds more than the window."""
    seen = download(observer, 300 * PAYLOAD, congestion=f"fixed:{window}")
    assert_identical(seen)
    assert seen["longest_queue"] <= window * (PAYLOAD + 60)


@pytest.mark.parametrize("congestion", ["rate", "reno"])
@pytest.mark.parametrize("rate", [12_500.0, 125_000.0])
def test_slow_links(observer: Observer, congestion: str, rate: float) -> None:
    """100 kbit/s and 1 Mbit/s with the queue of a small router: it takes long, but not in vain."""
    size = 100 * PAYLOAD
    seen = download(observer, size, congestion=congestion, rate=rate, queue=20_000.0)
    assert_identical(seen)
    assert seen["packets_resent"] < 100
    assert seen["seconds"] < 4 * size / rate + 2
