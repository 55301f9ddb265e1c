"""The probe: exit code 0 when all is well, words about what is wrong when not."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.support.fixtures import StartProgram, StartServer
from tests.support.ports import quiet_port
from tests.support.processes import Program
from tests.support.submission import Submission

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Each step on the way to a server can fail on its own: the name, the connection, the "
        "conversation. Try them one after the other and say which one failed.",
        docs="stage1/assignment#what-must-hold",
    ),
]

Probe = Callable[..., Program]


@pytest.fixture
def probe(submission: Submission, run: StartProgram) -> Probe:
    """Run the probe with these arguments."""

    def run_probe(*arguments: str) -> Program:
        return run(submission.command(1, "probe", *arguments), name="probe")

    return run_probe


def test_all_is_well(start: StartServer, probe: Probe) -> None:
    """With a server that works, the probe says so step by step, and its exit code is 0."""
    server = start("--ping-interval", "0.2")
    probe(server.host, "--port", str(server.port)).expect_exit(0)


def test_nobody_listens(probe: Probe) -> None:
    """A port that refuses is called that, with the command that starts a server."""
    port = quiet_port()
    running = probe("--port", str(port))
    assert running.expect_exit() != 0
    words = running.printed() + running.complaints()
    assert "server" in words
    assert str(port) in words


def test_no_such_host(probe: Probe) -> None:
    """A name that does not resolve is named."""
    running = probe("no.such.host.invalid")
    assert running.expect_exit() != 0
    assert "no.such.host.invalid" in running.printed() + running.complaints()


GREETINGS = {
    "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "mail": b"220 mail.example.org ESMTP\r\n",
    "web": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "noise": bytes(range(256)),
    "nothing": b"",
}


@pytest.fixture
def other_program() -> Iterator[Callable[[bytes], int]]:
    """A program that is no chat server: greets everyone with some bytes, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(greeting: bytes) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(greeting)

    def listen(greeting: bytes) -> int:
        threading.Thread(target=serve, args=(greeting,), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield listen
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.mark.parametrize("greeting", GREETINGS.values(), ids=GREETINGS.keys())
def test_another_program_on_that_port(
    probe: Probe, other_program: Callable[[bytes], int], greeting: bytes
) -> None:
    """Another program on that port is recognised: it is no chat server."""
    running = probe("--port", str(other_program(greeting)))
    assert running.expect_exit() != 0
    assert "\x1b" not in running.printed() + running.complaints()
    words = (running.printed() + running.complaints()).lower()
    assert "server" in words or "program" in words
