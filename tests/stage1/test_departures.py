"""Clients that vanish, stay silent, or come by the thousand: everyone else is served on."""

import contextlib
import os
import re
from pathlib import Path

import pytest

from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "A connection can end at every moment, politely, abruptly or without a word. Each of them "
        "ends that client only, and it is forgotten everywhere.",
        docs="stage1#clients-that-vanish",
    ),
]


@pytest.mark.points(1)
def test_a_half_close_ends_the_connection(server: Server, connect: Connect) -> None:
    """A client that ends its sending is done: its last line is relayed, then it is let go."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("last words")
    alice.finish_sending()
    bob.expect_line(f"MESSAGE:{alice.address} | last words")
    alice.expect_end()


@pytest.mark.points(2)
@pytest.mark.hint(
    "An empty result of recv means that the other side has finished. Leave the loop, and forget "
    "the client; whoever goes on reading gets emptiness for ever.",
    docs="stage1#the-end-of-a-stream",
)
def test_the_end_is_not_a_message(server: Server, connect: Connect) -> None:
    """A client that leaves sends nothing more: no empty messages, and it is off the list."""
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    alice.leave()
    carol.send_line("next")
    bob.expect_line(f"MESSAGE:{carol.address} | next")
    server.expect_output("next")
    server.mark()
    server.type("clients\n")
    server.expect_output(re.escape(carol.address))
    assert alice.address not in server.printed()


@pytest.mark.points(1)
def test_an_unfinished_line_is_no_message(server: Server, connect: Connect) -> None:
    """What a client has begun and never ended is not relayed, whether it ends or vanishes."""
    alice, mallory = connect(server, "Alice"), connect(server, "Mallory")
    bob, carol = connect(server, "Bob"), connect(server, "Carol")
    alice.send_raw(b"half a li")
    alice.leave()
    mallory.send_raw(b"another ha")
    mallory.reset()
    carol.send_line("next")
    bob.expect_line(f"MESSAGE:{carol.address} | next")


@pytest.mark.points(2)
@pytest.mark.hint(
    "A client may vanish while you go through the list of clients. Go through a copy, and let an "
    "error on one connection end that connection only.",
    docs="stage1#clients-that-vanish",
)
def test_clients_that_vanish_hurt_nobody(server: Server, connect: Connect) -> None:
    """Clients vanish one after the other while Alice talks: Bob gets every line, Alice stays."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    victims = [connect(server, f"Victim {number}") for number in range(20)]
    for number, victim in enumerate(victims):
        alice.send_line(f"line {number}")
        victim.reset()
        alice.send_line(f"line {number} again")
    for number in range(len(victims)):
        bob.expect_line(f"MESSAGE:{alice.address} | line {number}")
        bob.expect_line(f"MESSAGE:{alice.address} | line {number} again")
    alice.send_line("ping")
    alice.expect_line("pong")


@pytest.mark.points(1)
@pytest.mark.hint(
    "The thread that accepts must never wait for a particular client. Whatever a newcomer has to "
    "say first is read where everyone's lines are read.",
    docs="stage1#the-accept-loop",
)
def test_a_silent_newcomer_delays_nobody(server: Server, connect: Connect) -> None:
    """Someone connects and says nothing: those who come later are served at once."""
    for number in range(5):
        connect(server, f"Silent {number}", greets=False)
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


def test_a_newcomer_that_is_gone_at_once(server: Server, connect: Connect) -> None:
    """Connections that end before they are served (port scanners) do no harm."""
    for number in range(20):
        connect(server, f"Scanner {number}", greets=False).reset()
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


@pytest.mark.points(1)
def test_who_stops_answering_is_dropped(start: StartServer, connect: Connect) -> None:
    """A client that has answered `ping` once and is then silent for three intervals is dropped."""
    server = start("--ping-interval", "0.2")
    alice = connect(server, "Alice")
    silent = connect(server, "Silent", greets=False)
    silent.wait_for("a ping", lambda line: line == "ping")
    silent.send_line("pong")
    assert set(silent.read_to_end()) <= {"ping"}
    server.expect_output(rf"\[-\] {re.escape(silent.address)} disconnected")
    alice.send_line("ping")
    alice.expect_line("pong")


def test_who_never_answered_stays(start: StartServer, connect: Connect) -> None:
    """A client that has never answered `ping` (somebody's `nc`) stays connected."""
    server = start("--ping-interval", "0.1")
    netcat, bob = connect(server, "Netcat"), connect(server, "Bob")
    for _ in range(6):
        netcat.wait_for("a ping", lambda line: line == "ping")
    netcat.send_line("still here")
    bob.expect_line(f"MESSAGE:{netcat.address} | still here")


@pytest.mark.slow
def test_who_answers_stays(start: StartServer, connect: Connect) -> None:
    """A client that answers each `ping` stays connected."""
    server = start("--ping-interval", "1")
    alice, bob = connect(server, "Alice", answers_pings=True), connect(server, "Bob")
    for _ in range(5):
        alice.wait_for("a ping", lambda line: line == "ping")
    alice.send_line("still here")
    bob.expect_line(f"MESSAGE:{alice.address} | still here")


@pytest.mark.points(1)
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads CPU times from /proc")
def test_an_idle_server_uses_no_cpu(start: StartServer, connect: Connect) -> None:
    """After clients have come and gone the server waits; it does not spin."""
    server = start("--ping-interval", "0.3")
    watcher = connect(server, "Watcher")
    for number in range(5):
        connect(server, f"Guest {number}").leave()
        connect(server, f"Victim {number}").reset()
    watcher.wait_for("a ping", lambda line: line == "ping")
    before = cpu_seconds(server)
    for _ in range(2):
        watcher.wait_for("a ping", lambda line: line == "ping")
    assert cpu_seconds(server) - before < 0.3, "more than half of the time"


def cpu_seconds(server: Server) -> float:
    """The CPU time that the server has used so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.name == "nt", reason="select on Windows watches 512 sockets")
def test_a_thousand_connects_at_once(start: StartServer, connect: Connect) -> None:
    """A thousand clients connect at once; each is served, and a message reaches all of them."""
    allow_descriptors(1_200)
    server = start()
    everyone = [connect(server, f"client {number}", greets=False) for number in range(1_000)]
    for client in everyone:
        client.send_line("ping")
    for client in everyone:
        client.expect_line("pong")
    everyone[0].send_line("hello, all of you")
    for client in everyone[1:]:
        client.expect_line(f"MESSAGE:{everyone[0].address} | hello, all of you")


def allow_descriptors(number: int) -> None:
    """Let the tests' own process open so many sockets, or skip the test."""
    import resource  # POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < number:
            pytest.skip("this account may not open 1,000 sockets")
