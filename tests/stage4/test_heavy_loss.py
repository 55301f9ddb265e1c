"""Where a quarter of all packets get lost, both ways: it takes longer, but not much longer."""

import pytest

from tests.stage4.test_download_simulated import assert_identical, download
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)


@pytest.mark.parametrize("loss", [0.05, 0.3])
@pytest.mark.parametrize(("congestion", "longest"), [("rate", 9), ("reno", 15), ("fixed:1", 20)])
def test_small_files_on_fifty_bad_networks(
    observer: Observer, loss: float, congestion: str, longest: float
) -> None:
    """However the luck falls, what got lost is tried again soon and often enough."""
    for seed in range(50):
        seen = download(observer, 20_000, loss=loss, congestion=congestion, seed=seed)
        assert_identical(seen)
        assert seen["complete_after"] < longest, f"seed {seed}:\n{seen['story']}"


@pytest.mark.parametrize(
    ("loss", "longest"),
    [
        pytest.param(0.2, 3, marks=pytest.mark.slow),
        pytest.param(0.25, 7, marks=pytest.mark.slow),
        (0.3, 12),
    ],
)
def test_the_rate_survives_heavy_loss(observer: Observer, loss: float, longest: float) -> None:
    """Losses without a queue are no reason to send less and less: 5 MB take a few seconds."""
    for seed in (1, 2, 3):
        seen = download(observer, 5_000_000, loss=loss, seed=seed)
        assert_identical(seen)
        assert seen["complete_after"] < longest, f"seed {seed}"


def test_silence_is_broken_each_second(observer: Observer) -> None:
    """However long nothing came back: after one second more the next packet leaves."""
    blackout = [0.1, 9.1]
    seen = download(observer, 1_000_000, congestion="reno", blackouts=[blackout])
    assert_identical(seen)
    assert seen["complete_after"] < blackout[1] + 3
