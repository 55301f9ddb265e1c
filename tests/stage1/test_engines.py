"""The engines themselves, at the rare moments that no client can bring about at will."""

import socket
import threading
from collections.abc import Iterator

import pytest

from stage1_basic.addresses import listen
from stage1_basic.room import Room
from stage1_basic.server import EventLoop
from stage1_basic.server_log import ServerLog
from stage1_basic.threaded_server import ThreadedEngine
from tests.support.processes import Deadline

pytestmark = pytest.mark.stage(1, until=1)


class Running:
    """An engine in this process, not run yet, and what it logs."""

    def __init__(self, kind: type[EventLoop] | type[ThreadedEngine]) -> None:
        self.logged: list[str] = []
        self._log = ServerLog(self.logged.append)
        listener = listen("127.0.0.1", 0)
        self.address = listener.getsockname()
        self.engine = kind(listener, self._log, 100, {})
        self.room = Room(self.engine)

    def connect(self) -> socket.socket:
        sock = socket.create_connection(self.address, Deadline.default)
        sock.settimeout(Deadline.default)
        return sock

    def close(self) -> None:
        assert self._log.close(Deadline.default)


@pytest.fixture
def running(kind: type[EventLoop] | type[ThreadedEngine]) -> Iterator[Running]:
    running = Running(kind)
    yield running
    running.close()


@pytest.mark.parametrize("kind", [EventLoop, ThreadedEngine])
def test_a_client_comes_while_the_server_stops(running: Running) -> None:
    """The order to stop and one more client, found by the same look at the sockets."""
    running.engine.call(running.engine.stop)
    with running.connect():
        running.engine.run(running.room)
    running.close()
    assert running.logged == []


@pytest.mark.parametrize("kind", [ThreadedEngine])
def test_a_client_for_whom_there_is_only_one_thread(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system refuses the second thread, the client is let go and the first one ends."""
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def start_some(thread: threading.Thread) -> None:
        if thread.name.startswith("writer"):
            running.engine.call(running.engine.stop)
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    with running.connect() as sock:
        monkeypatch.setattr(threading.Thread, "start", start_some)
        running.engine.run(running.room)
        (reader,) = started
        reader.join(Deadline.default)
        assert not reader.is_alive()
        assert sock.recv(1) == b""
