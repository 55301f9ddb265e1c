"""Random networks: whatever they do, the file is identical or the failure clean, in bounded
time."""

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage4 import simulation
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)

chances = st.sampled_from([0.0, 0.0, 0.01, 0.1, 0.3])
networks = st.fixed_dictionaries(
    {
        "size": st.integers(0, 120_000),
        "seed": st.integers(0, 2**32),
        "congestion": st.sampled_from(["fixed:1", "fixed:3", "fixed:50", "reno", "rate", "what?"]),
        "receive_window": st.sampled_from([1, 2, 10, 4096]),
        "delay": st.sampled_from([0.0, 0.0005, 0.02, 0.3]),
        "rate": st.sampled_from([20e3, 1e6, 12.5e6, 1e9]),
        "queue": st.sampled_from([3_000.0, 50_000.0, 500_000.0]),
        "loss": chances,
        "duplicate": chances,
        "reorder": chances,
        "corrupt": chances,
        "hash_after": st.sampled_from([0.0, 0.0, 2.0]),
        "blackouts": st.lists(
            st.tuples(st.floats(0, 5), st.floats(0, 3)).map(lambda b: [b[0], b[0] + b[1]]),
            max_size=2,
        ),
    }
)


def packet(kind: int, token: bytes, number: int, body: bytes) -> bytes:
    """A packet with a right checksum, built as the table in the docs says."""
    checked = struct.pack("!BB2x8sQQ", kind, 0, token, number, 0) + body
    return struct.pack("!I", zlib.crc32(checked)) + checked


tokens = st.sampled_from([simulation.TOKEN, b"8 bytes."])
forgeries = st.builds(
    packet,
    st.integers(0, 255),
    tokens,
    st.sampled_from([0, 1, 50, 2**32, 2**63, 2**64 - 1]),
    st.binary(max_size=64),
).filter(lambda datagram: datagram[4] not in (1, 2, 3) or datagram[8:16] != simulation.TOKEN)
strangers = st.lists(
    st.fixed_dictionaries(
        {
            "to": st.sampled_from(["sender", "receiver"]),
            "at": st.floats(0.03, 0.3),
            "data": st.one_of(st.binary(max_size=100), forgeries).map(bytes.hex),
        }
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(network=networks)
def test_any_network(observer: Observer, network: dict[str, Any]) -> None:
    """Loss, duplicates, reordering, damage, blackouts, tiny queues: identical, or a clean end."""
    seen: dict[str, Any] = observer.observe(simulation.download, **network)
    if seen["complete"]:
        assert seen["identical"], seen["story"]
        assert seen["digest_fits"], seen["story"]
    else:
        assert seen["receiver_failed"], seen["story"]
    assert seen["sender_finished"] or seen["sender_failed"] or seen["receiver_failed"]
    assert seen["seconds"] < simulation.LONGEST_RUN, seen["story"]


@settings(max_examples=40, deadline=None)
@given(inject=strangers, size=st.integers(0, 300_000))
def test_what_strangers_send_changes_nothing(
    observer: Observer, inject: list[dict[str, Any]], size: int
) -> None:
    """Garbage, other tokens, ACKs for what was never sent: the download goes on undisturbed."""
    seen: dict[str, Any] = observer.observe(simulation.download, size=size, inject=inject)
    assert seen["identical"], seen["story"]
    assert seen["sender_finished"], seen["story"]
    assert seen["packets_resent"] == 0, seen["story"]
