"""The engines themselves: rare moments and large limits, out of any client's reach."""

import re
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from stage1_basic.addresses import listen
from stage1_basic.room import Room
from stage1_basic.server import EventLoop
from stage1_basic.server_log import ServerLog
from stage1_basic.threaded_server import ThreadedEngine
from tests.support.fixtures import Connect, StartServer
from tests.support.processes import Deadline

pytestmark = [pytest.mark.stage(1, until=1), pytest.mark.insides]


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


# What all clients together may hold: the limits of DESIGN, only smaller.

SMALL_LIMITS = """
import sys
from stage1_basic import limits

limits.PARTIAL_LIMIT = 150_000
limits.UNSENT_LIMIT = 8 * 1024 * 1024

from stage1_basic.server import Server

sys.exit(Server().main())
"""


def test_unfinished_lines_have_a_limit_together(start: StartServer, connect: Connect) -> None:
    """When all unfinished lines together are too long, whoever holds most goes, and only that."""
    server = start(command=[sys.executable, "-c", SMALL_LIMITS])
    sizes = {"Ann": 50_000, "Bob": 60_000, "Carol": 40_000}
    clients = {name: connect(server, name) for name in sizes}
    for name, size in sizes.items():
        clients[name].send_raw(b"ping\n" + b"x" * size)
        clients[name].expect_line("pong")
    last = connect(server, "Dan")
    last.send_raw(b"x" * 1_000)
    server.expect_output(
        rf"\[-\] {re.escape(clients['Bob'].address)} disconnected \(too much unfinished"
    )
    for name in ("Ann", "Carol"):
        clients[name].send_line("")
        last.expect_line(f"MESSAGE:{clients[name].address} | " + "x" * sizes[name])


def test_what_waits_to_be_sent_has_a_limit_together(start: StartServer, connect: Connect) -> None:
    """When too much waits for all, whoever waits for most goes; what two share counts once."""
    server = start("--ping-interval", "0.5", command=[sys.executable, "-c", SMALL_LIMITS])
    talker, reader = connect(server, "Talker"), connect(server, "Reader")
    said: list[str] = []

    def say(times: int) -> None:
        for _ in range(times):
            talker.send_line(f"{len(said)} " + "x" * 60_000)
            said.append(f"MESSAGE:{talker.address} | {len(said)} " + "x" * 60_000)
            reader.expect_line(said[-1])

    first = connect(server, "First", receive_buffer=4096)
    say(75)  # 4.5 MB, some of which the kernel holds
    second = connect(server, "Second", receive_buffer=4096)
    say(60)
    reader.expect_lines("ping", "ping")  # in between, the threads' engine has looked at the queues
    assert "disconnected" not in server.printed()
    say(60)
    server.expect_output(rf"\[-\] {re.escape(first.address)} disconnected \(too much waits")
    say(1)
    second.expect_lines(*said[75:])
