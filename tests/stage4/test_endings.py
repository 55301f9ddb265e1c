"""How a download ends when the other side, or the last word, is gone: nobody waits for ever."""

import pytest

from tests.stage4.test_download_simulated import PAYLOAD, download, lost
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(4),
    pytest.mark.hint(
        "Repeating has to end at some time: who has heard nothing at all for a good while takes "
        "the other side for gone, and says so. The sender needs such a limit, and the receiver "
        "another one.",
        docs="stage4/one_packet#how-long-to-wait",
    ),
]


@pytest.mark.points(2)
def test_a_receiver_that_is_gone(observer: Observer) -> None:
    """In the middle of a file the receiver is gone: the sender gives up, and says why."""
    seen = download(observer, 3000 * PAYLOAD, congestion="fixed:20", receiver_gone_at=0.3)
    assert seen["sender_failed"], f"the sender has not given up\n{seen['story']}"
    assert seen["counts"]["DATA"] < 1000, f"it was flooded all the time\n{seen['story']}"


@pytest.mark.points(2)
def test_a_sender_that_is_gone(observer: Observer) -> None:
    """In the middle of a file the sender is gone: the receiver gives up, and says why."""
    seen = download(observer, 3000 * PAYLOAD, congestion="fixed:20", sender_gone_at=0.3)
    assert seen["receiver_failed"], f"the receiver has not given up\n{seen['story']}"
    assert not seen["complete"]


@pytest.mark.points(2)
@pytest.mark.hint(
    "The last ACK of all may be lost, however often it is sent, and the one who waits for it must "
    "not wait for ever. When all the data has been acknowledged nothing is missing any more.",
    docs="stage4#a-whole-file-in-the-end",
)
def test_the_last_acknowledgement_is_lost(observer: Observer) -> None:
    """The ACK of the very last packet never arrives: both sides end all the same, and well."""
    drop = [lost("back", "ACK", 11, times=1000)]
    seen = download(observer, 10 * PAYLOAD, congestion="fixed:4", drop=drop)
    assert seen["identical"], seen["story"]
    assert seen["sender_finished"], f"the sender still waits, or has failed\n{seen['story']}"
