"""Limits: lines too long, clients that never read, more clients than descriptors."""

import os
import re
import select
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server
from tests.support.submission import Submission, in_shell
from tests.support.wire_client import WireClient

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Every buffer needs a limit, and what happens at the limit is decided for one client "
        "without the others noticing.",
        docs="stage1#slow-clients",
    ),
]

LINE_LIMIT = 65_536
MIB = 1024 * 1024

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads a process's memory from Linux's /proc"
)


def test_a_line_at_the_limit_passes(server: Server, connect: Connect) -> None:
    """A line of exactly 65,536 bytes reaches the others whole."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    text = "x" * LINE_LIMIT
    alice.send_line(text)
    bob.expect_line(f"MESSAGE:{alice.address} | {text}")


@pytest.mark.points(1)
def test_a_line_over_the_limit(server: Server, connect: Connect) -> None:
    """A longer line gets a readable error, then its sender is disconnected; nobody else notices."""
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    alice.send_line("x" * (LINE_LIMIT + 1))
    assert "65,536" in alice.expect_start("ERROR:")
    alice.expect_end()
    carol.send_line("still here")
    bob.expect_line(f"MESSAGE:{carol.address} | still here")


@pytest.mark.points(2)
@pytest.mark.hint(
    "Closing a socket that still holds unread input makes the system send a reset, which destroys "
    "what you have just sent. Shut down writing, read and drop the rest for a moment, then close.",
    docs="stage1#the-error-before-the-close",
)
def test_the_error_before_a_close_arrives(server: Server, connect: Connect) -> None:
    """The error reaches its reader even when much unread input was pending: no reset."""
    for _ in range(5):
        with connect(server, "Alice") as alice:
            alice.send_raw(b"x" * (LINE_LIMIT + 1) + b"y" * MIB)
            alice.expect_start("ERROR:")
            alice.expect_end()


@pytest.mark.points(1)
@needs_proc
def test_an_endless_line_takes_no_memory(start: StartServer, connect: Connect) -> None:
    """A line without end is cut off: the server's memory stays as it was."""
    server = start()
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    before = peak_memory(server)
    for _ in range(64):
        alice.send_raw(b"x" * MIB)
    alice.read_to_end()
    bob.send_line("still here")
    carol.expect_line(f"MESSAGE:{bob.address} | still here")
    assert peak_memory(server) - before < 16 * MIB


def peak_memory(server: Server) -> int:
    """The most bytes of memory that the server has ever used."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1]) * 1024


@pytest.mark.points(3)
@pytest.mark.hint(
    "Never send to a client with a call that can block: give each client a queue of its own, and "
    "give up on a client whose queue has grown too long.",
    docs="stage1#slow-clients",
)
def test_a_client_that_never_reads(start: StartServer, connect: Connect) -> None:
    """A client that never reads is dropped at 32 MiB; the others get everything meanwhile."""
    server = start()
    sleeper = connect(server, "Sleeper", receive_buffer=4096)
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    texts = [f"{number} " + "x" * 60_000 for number in range(800)]
    expected = [f"MESSAGE:{alice.address} | {text}" for text in texts]
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(bob.expect_lines, *expected)
        for text in texts:
            alice.send_line(text)
        reading.result()
    server.expect_output(rf"\[-\] {re.escape(sleeper.address)} disconnected")
    got = [line for line in sleeper.read_to_end() if line.endswith("xxx")]
    assert got == expected[: len(got)], "what the slow client got is not the beginning of it all"


@pytest.mark.points(2)
@pytest.mark.hint(
    "send may take only a part of the bytes and says how many. Keep the rest, and send it when the "
    "socket takes more; sendall does so, but blocks meanwhile.",
    docs="stage1#slow-clients",
)
def test_a_late_reader_gets_everything(server: Server, connect: Connect) -> None:
    """A client that reads nothing for a while gets it all afterwards, whole and in order."""
    alice = connect(server, "Alice")
    late = connect(server, "Late", receive_buffer=4096)
    bob = connect(server, "Bob")
    messages = [f"MESSAGE:{alice.address} | {number} " + "x" * 50_000 for number in range(80)]
    for message in messages:
        alice.send_line(message.partition(" | ")[2])
        bob.expect_line(message)
    late.expect_lines(*messages)


@needs_proc
def test_answers_to_a_client_that_does_not_read(start: StartServer, connect: Connect) -> None:
    """Whoever asks without reading the answers is not read any more; later it gets them all."""
    server = start()
    before = peak_memory(server)
    alice = connect(server, "Alice", receive_buffer=4096)
    sent, verb = 0, "Z" * 200
    question = f"{verb}:?\n".encode()
    while sent < 64 * MIB and select.select([], [alice.socket], [], 0.5)[1]:
        sent += alice.socket.send((question * 100)[sent % len(question) :])
    assert peak_memory(server) - before < 32 * MIB
    reply = f"ERROR:{verb}: this server does not know it"
    alice.expect_lines(*[reply] * (sent // len(question)))


def test_messages_are_never_mixed(start: StartServer, connect: Connect) -> None:
    """Five clients talk at once while the server pings: every line arrives whole and in order."""
    server = start("--ping-interval", "0.02")
    reader = connect(server, "Reader")
    senders = [connect(server, f"Sender {number}") for number in range(5)]

    def talk(sender: WireClient) -> None:
        for number in range(100):
            sender.send_line(f"{number} " + "x" * 1_000)

    numbers = {sender.address: count() for sender in senders}
    with ThreadPoolExecutor(len(senders)) as pool:
        pool.map(talk, senders)
        for _ in range(500):
            line = reader.expect_start(f"MESSAGE:{server.host}:")
            address, _, text = line.removeprefix("MESSAGE:").partition(" | ")
            assert text == f"{next(numbers[address])} " + "x" * 1_000


@pytest.mark.points(1)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of descriptors to set")
def test_more_clients_than_descriptors(
    start: StartServer, connect: Connect, stage: int, submission: Submission
) -> None:
    """With all descriptors used up, newcomers get `ERROR:server full`; the others chat on."""
    command = submission.command(stage, "server")
    server = start(command=in_shell('ulimit -n 256; exec "$@"', command))
    everyone = [connect(server, f"client {number}", greets=False) for number in range(300)]
    for client in everyone:
        client.send_line("ping")
    inside = [client for client in everyone if answer(client) == "pong"]
    assert 0 < len(inside) < 256
    inside[0].send_line("we are in")
    for client in inside[1:]:
        client.expect_line(f"MESSAGE:{inside[0].address} | we are in")
    for client in inside:
        client.finish_sending()
    for client in inside:
        client.read_to_end()
    assert answer(connect(server, "Newcomer", greets=False), asks=True) == "pong"


def answer(client: WireClient, asks: bool = False) -> str:
    """What the server answers to a `ping`: `pong`, or that it is full, and then it hangs up."""
    if asks:
        client.send_line("ping")
    line = client.wait_for("an answer", lambda line: line.startswith(("pong", "ERROR:")))
    if line != "pong":
        assert line == "ERROR:server full"
        assert client.read_to_end() == []
    return line
