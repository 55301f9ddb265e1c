"""Nicknames, who is online, and private messages, asked of the running server."""

import contextlib
import json
import os
import re
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server
from tests.support.wire_client import WireClient

pytestmark = [
    pytest.mark.stage(2),
    pytest.mark.hint(
        "The server alone knows who is who. Look up in the table of the wire which answer the "
        "sender gets and which news the others, and from when on a name is free again.",
        docs="stage2#who-is-who",
    ),
]

CROWD = {"loop": 800, "threads": 100}  # only the event loop is made for crowds


def join(client: WireClient, nickname: str) -> WireClient:
    """The client takes a nickname."""
    __tracebackhide__ = True
    client.send_line(f"NICK:{nickname}")
    client.expect_line(f"NICK_OK:{nickname}")
    return client


def online(client: WireClient) -> list[str]:
    """Who is online, as the server tells this client."""
    __tracebackhide__ = True
    client.send_line("ONLINE:")
    names: list[str] = json.loads(client.expect_start("ONLINE_LIST:").partition(":")[2])
    return names


@pytest.mark.points(2)
def test_a_message_carries_the_nickname(server: Server, connect: Connect) -> None:
    """Who has taken a nickname speaks under it."""
    alice, bob = join(connect(server), "Alice"), join(connect(server), "Bob")
    alice.send_line("CLIENT:hello")
    bob.expect_line("MESSAGE:Alice | hello")


@pytest.mark.points(3)
def test_the_others_hear_who_comes_and_goes(server: Server, connect: Connect) -> None:
    """A first nickname announces JOINED, a second one RENAMED, the end LEFT, each to the others."""
    alice, bob = join(connect(server), "Alice"), connect(server)
    join(bob, "Bob")
    alice.expect_line("JOINED:Bob")
    join(bob, "Robert")
    alice.expect_line("RENAMED:Bob|Robert")
    assert online(alice) == ["Alice", "Robert"]
    bob.leave()
    alice.expect_line("LEFT:Robert")
    assert online(alice) == ["Alice"]


@pytest.mark.points(1)
def test_who_has_no_name_is_not_announced(server: Server, connect: Connect) -> None:
    """Someone without a nickname comes, speaks under an address, and goes, without a notice."""
    alice = join(connect(server), "Alice")
    guest = connect(server)
    guest.send_line("hello")
    guest.leave()
    bob = join(connect(server), "Bob")
    lines = [alice.wait_for("a line", lambda line: line != "ping") for _ in range(2)]
    assert lines == [f"MESSAGE:{guest.address} | hello", "JOINED:Bob"]
    assert online(bob) == ["Alice", "Bob"]


@pytest.mark.points(3)
@pytest.mark.hint(
    "Look whether a nickname is taken and take it in one step, where no other client's request "
    "can come in between; compare names without regard to case.",
    docs="stage2#who-is-who",
)
@pytest.mark.parametrize("claim", ["Alice", "ALICE", "alice ", "\uff21lice"])
def test_a_taken_name_is_refused(server: Server, connect: Connect, claim: str) -> None:
    """A nickname is refused in every spelling while someone has it; the connection stays."""
    alice, bob = join(connect(server), "Alice"), connect(server)
    bob.send_line(f"NICK:{claim}")
    bob.expect_start("ERROR:NICK: ")
    join(bob, "Bob")
    assert online(alice) == ["Alice", "Bob"]


@pytest.mark.points(3)
@pytest.mark.hint(
    "Two clients may claim a name at the same moment: checking first, adding later lets both in.",
    docs="stage2#who-is-who",
)
def test_many_claims_at_once_have_one_winner(server: Server, connect: Connect) -> None:
    """Forty clients claim one nickname at the same moment; exactly one gets it."""
    crowd = [connect(server) for _ in range(40)]
    if os.name != "nt":
        server.interrupt(signal.SIGSTOP)  # so that it finds all claims at the same time
    for client in crowd:
        client.send_line("NICK:Highlander")
    if os.name != "nt":
        server.interrupt(signal.SIGCONT)
    answers = [client.wait_for("an answer", is_answer) for client in crowd]
    winners = answers.count("NICK_OK:Highlander")
    assert winners == 1, f"{winners} of 40 clients were told NICK_OK:Highlander, not one"
    assert sum(answer.startswith("ERROR:NICK: ") for answer in answers) == 39


def is_answer(line: str) -> bool:
    return line.startswith(("NICK_OK:", "ERROR:"))


@pytest.mark.points(3)
@pytest.mark.parametrize(
    "claim",
    [
        *(b"", b"   ", b"x" * 25, b"Server", b"system", b"YOU", b"online", b"Error", b"vm"),
        *(b"a|b", b"a,b", b"a:b", b"a<b", b"a>b", b"a/b", b"a\\b", b"a*b", b"a?b", b'a"b'),
        *(b".hidden", b"a  b", b"a\tb", b"a\x1b[31mb", b"a\x07", b"\xff\xfe", b"a\xc2\x9bb"),
        *(text.encode() for text in ("a\u200bb", "a\u202eb", "a\u00adb", "a\u3164", "\uff33erver")),
    ],
)
def test_impossible_names_are_refused(server: Server, connect: Connect, claim: bytes) -> None:
    """A name that cannot be one gets its ERROR:NICK with a reason, and the connection stays."""
    client = connect(server)
    client.send_raw(b"NICK:" + claim + b"\n")
    reason = client.expect_start("ERROR:NICK: ")
    assert len(reason) > len("ERROR:NICK: ")
    join(client, "Fine")


@pytest.mark.points(3)
@pytest.mark.parametrize("abruptly", [False, True])
def test_a_name_is_free_when_its_owner_is_gone(
    server: Server, connect: Connect, abruptly: bool
) -> None:
    """However Alice goes, the next one may be Alice as soon as that was announced."""
    bob, alice = join(connect(server), "Bob"), join(connect(server), "Alice")
    alice.reset() if abruptly else alice.leave()
    bob.expect_line("LEFT:Alice")
    join(connect(server), "ALICE")


@pytest.mark.points(3)
@pytest.mark.hint(
    "The server alone writes the sender in front of a message, from what it knows itself.",
    docs="stage2#who-is-who",
)
@pytest.mark.parametrize(
    "text", ["MESSAGE:Server | free beer", "Server | free beer", "PRIVATE:Server | x", "You: x"]
)
def test_a_sender_cannot_be_forged(server: Server, connect: Connect, text: str) -> None:
    """Whatever Mallory writes, it comes as Mallory's text."""
    mallory, bob = join(connect(server), "Mallory"), join(connect(server), "Bob")
    mallory.send_line(f"CLIENT:{text}")
    bob.expect_line(f"MESSAGE:Mallory | {text}")


@pytest.mark.points(3)
def test_a_private_message_is_private(server: Server, connect: Connect) -> None:
    """PRIVATE reaches its reader alone, and the server's log does not repeat the text."""
    alice, bob = join(connect(server), "Alice"), join(connect(server), "Bob")
    eve = join(connect(server), "Eve")
    alice.send_line("PRIVATE:bob|the key | is under the mat")
    bob.expect_line("PRIVATE:Alice | the key | is under the mat")
    alice.send_line("to all")
    eve.expect_line("MESSAGE:Alice | to all")
    server.expect_output("to all")
    assert "under the mat" not in server.printed()


@pytest.mark.points(3)
@pytest.mark.hint(
    "If its reader has gone, a private message must come back as an error, never go to everyone.",
    docs="stage2#private-messages",
)
def test_a_private_message_to_nobody_stays_private(server: Server, connect: Connect) -> None:
    """Bob has just left: Alice gets ERROR:PRIVATE, and nobody reads the text."""
    alice, bob = join(connect(server), "Alice"), join(connect(server), "Bob")
    eve = join(connect(server), "Eve")
    bob.leave()
    alice.expect_line("LEFT:Bob")
    alice.send_line("PRIVATE:Bob|secret")
    alice.expect_start("ERROR:PRIVATE: ")
    alice.send_line("PRIVATE:Eve|")
    alice.expect_start("ERROR:PRIVATE: ")
    alice.send_line("PRIVATE:no separator")
    alice.expect_start("ERROR:PRIVATE: ")
    alice.send_line("next")
    eve.expect_line("MESSAGE:Alice | next")


@pytest.mark.points(2)
@pytest.mark.hint(
    "Do not wait for the nickname where new clients are accepted: nobody else could come in.",
    docs="stage2#the-silent-newcomer",
)
def test_a_silent_newcomer_delays_nobody(server: Server, connect: Connect) -> None:
    """Someone connects and says nothing; others come, get their names, and talk."""
    connect(server, "silence", greets=False)
    alice, bob = join(connect(server), "Alice"), join(connect(server), "Bob")
    alice.send_line("hello")
    bob.expect_line("MESSAGE:Alice | hello")


def test_online_works_without_its_colon(server: Server, connect: Connect) -> None:
    """`ONLINE` is `ONLINE:`, also for someone without a nickname; an empty list is a list."""
    guest = connect(server)
    guest.send_line("ONLINE")
    guest.expect_line("ONLINE_LIST:[]")


@pytest.mark.points(2)
def test_names_cannot_command_the_operators_terminal(server: Server, connect: Connect) -> None:
    """Escape sequences in a claimed name or a private message do not reach the server's log."""
    alice = join(connect(server), "Alice")
    alice.send_raw(b"NICK:\x1b[2Jgone\nPRIVATE:\x1b[31mred|x\nPRIVATE:Alice|\x1b[31m\n")
    alice.send_line("the end")
    server.expect_output("the end")
    assert "\x1b" not in server.printed()


def test_the_operator_sees_names(server: Server, connect: Connect) -> None:
    """`clients` lists addresses and nicknames."""
    alice = join(connect(server), "Alice")
    server.type("clients\n")
    server.expect_output(rf"{re.escape(alice.address)}\s+Alice")


def test_a_crowd_that_joins_at_once_sees_the_same_list(start: StartServer, engine: str) -> None:
    """Hundreds of clients join at the same moment: all of them end with the same list."""
    server, count = start("--ping-interval", "60"), CROWD[engine]
    with contextlib.ExitStack() as sockets, open_files(2 * count):
        crowd = [
            sockets.enter_context(socket.create_connection((server.host, server.port), 60))
            for _ in range(count)
        ]
        for number, client in enumerate(crowd):
            client.sendall(f"NICK:guest {number}\n".encode())
        for client in crowd:
            read_until(client, b"NICK_OK:")
            client.sendall(b"pong\n")
        lists = []
        for client in crowd:
            client.sendall(b"ONLINE:\n")
            lists.append(set(json.loads(read_until(client, b"ONLINE_LIST:"))))
    assert lists == [{f"guest {number}" for number in range(count)}] * count


@contextlib.contextmanager
def open_files(count: int) -> Iterator[None]:
    """Let this process have so many files open, as far as the system allows."""
    if os.name == "nt":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def read_until(client: socket.socket, beginning: bytes) -> bytes:
    """Skip lines until one has this beginning; what follows it."""
    received = b""
    while True:
        received += client.recv(262_144) or pytest.fail("the server closed a connection")
        *lines, received = received.split(b"\n")
        for line in lines:
            if line.startswith(beginning):
                return line.removeprefix(beginning)
