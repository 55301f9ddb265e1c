"""The crowd that measures chat servers: it counts right, and it notices what is lost."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the benchmarks need Linux", allow_module_level=True)

from benchmarks import chat_load
from benchmarks.chat_load import Crowd
from benchmarks.chat_servers import IDEAL, LOOP, THREADS, ChatServer
from benchmarks.measure import BenchmarkError, Process


@pytest.fixture(params=[LOOP, THREADS, IDEAL], ids=lambda server: server.name)
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Crowd, Process]]:
    server: ChatServer = request.param
    with server.running(tmp_path, cpu=None) as (process, port), Crowd(server, port, 7) as crowd:
        yield crowd, process


def test_every_delivery_is_counted(crowd: tuple[Crowd, Process]) -> None:
    flood = crowd[0].flood(0.2, senders=3, in_flight=5)
    assert flood.deliveries > 0
    assert flood.deliveries % (3 * 6) == 0, "all three say the same number, to six others each"
    assert flood.named == flood.deliveries


def test_latencies_are_those_of_single_messages(crowd: tuple[Crowd, Process]) -> None:
    assert all(0 < latency < 5 for latency in crowd[0].latencies(0.1))


def test_a_server_that_stands_still_is_noticed(
    crowd: tuple[Crowd, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_load, "PATIENCE", 0.3)
    crowd[1].end()
    with pytest.raises((BenchmarkError, OSError)):
        crowd[0].flood(1, senders=3, in_flight=5)
