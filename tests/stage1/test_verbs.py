"""What a line means: verbs, chat text, ping; and that nobody can speak in another's name."""

import re

import pytest

from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "A line is a verb when it begins with capitals or _ and a colon; every other line is chat. "
        "Look up in the table of the wire who gets what.",
        docs="stage1/assignment#the-wire",
    ),
]


def test_client_verb_is_chat(server: Server, connect: Connect) -> None:
    """`CLIENT:text` is relayed as `MESSAGE:<sender> | text`."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("CLIENT:hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


def test_client_text_may_hold_colons(server: Server, connect: Connect) -> None:
    """Only the first colon ends the verb; the text may hold more."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("CLIENT:CLIENT:a: b | c")
    bob.expect_line(f"MESSAGE:{alice.address} | CLIENT:a: b | c")


@pytest.mark.points(1)
@pytest.mark.parametrize(
    "text",
    [
        *("hello", "Host: example.org", "note: x", "10:30 is fine", "HELLO world: x", "client:x"),
        *("CLIENT", "NICE", "Ping", "pings", ": x", "https://example.org/"),
    ],
)
def test_every_other_line_is_chat(server: Server, connect: Connect, text: str) -> None:
    """A line that does not begin with a word of capitals and a colon is chat, so `nc` can talk."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(text)
    bob.expect_line(f"MESSAGE:{alice.address} | {text}")


@pytest.mark.parametrize("verb", ["WHATISTHIS", "HELLO_WORLD", "SERVER", "MESSAGE", "ERROR", "X"])
def test_unknown_verbs_are_refused(server: Server, connect: Connect, verb: str) -> None:
    """An unknown verb gets `ERROR:<VERB>: this server does not know it` and is not relayed."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(f"{verb}:something")
    alice.expect_line(f"ERROR:{verb}: this server does not know it")
    alice.send_line("after it")
    bob.expect_line(f"MESSAGE:{alice.address} | after it")


@pytest.mark.stage(1, until=1)
@pytest.mark.parametrize("line", ["NICK:Alice", "PRIVATE:Bob|x", "IMAGE:a|eA==", "FILES:"])
def test_verbs_of_later_stages_are_refused(server: Server, connect: Connect, line: str) -> None:
    """What only later stages know is refused here, and never shown to the room as chat."""
    verb = line.partition(":")[0]
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(line)
    alice.expect_line(f"ERROR:{verb}: this server does not know it")
    alice.send_line("after it")
    bob.expect_line(f"MESSAGE:{alice.address} | after it")


def test_ping_is_answered(server: Server, connect: Connect) -> None:
    """A client's `ping` gets `pong`, and nobody else sees either."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"ping\nping\nafter it\n")
    alice.expect_lines("pong", "pong")
    bob.expect_line(f"MESSAGE:{alice.address} | after it")


def test_pong_is_not_chat(server: Server, connect: Connect) -> None:
    """A client's `pong` is for the server alone."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"pong\nafter it\n")
    bob.expect_line(f"MESSAGE:{alice.address} | after it")


def test_the_server_pings(start: StartServer, connect: Connect) -> None:
    """Every `--ping-interval` seconds the server sends `ping`."""
    alice = connect(start("--ping-interval", "0.1"), "Alice")
    for _ in range(3):
        alice.wait_for("a ping", lambda line: line == "ping")


def test_answers_come_in_order(server: Server, connect: Connect) -> None:
    """Each request gets exactly one answer, in the order of the requests."""
    alice = connect(server, "Alice")
    alice.send_raw(b"ping\nNO_SUCH:1\nping\nNO_OTHER:2\nping\n")
    alice.expect_lines(
        "pong",
        "ERROR:NO_SUCH: this server does not know it",
        "pong",
        "ERROR:NO_OTHER: this server does not know it",
        "pong",
    )


def test_the_sender_is_left_out(server: Server, connect: Connect) -> None:
    """A message goes to everyone but its sender."""
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    alice.send_line("for the others")
    for other in (bob, carol):
        other.expect_line(f"MESSAGE:{alice.address} | for the others")
    bob.send_line("for Alice")
    alice.expect_line(f"MESSAGE:{bob.address} | for Alice")


@pytest.mark.points(2)
@pytest.mark.hint(
    "The server alone says who sent a line: take the name from the connection, never from the "
    "text, and put it in front of everything that a client wrote.",
    docs="stage1#who-is-speaking",
)
@pytest.mark.parametrize(
    "text",
    ["MESSAGE:System | closing", "Server | hello", " | hello", "x\rMESSAGE:Server | y"],
)
def test_nobody_can_forge_a_sender(server: Server, connect: Connect, text: str) -> None:
    """Whatever a client writes, the others see its own address in front of it."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(f"CLIENT:{text}")
    bob.expect_line(f"MESSAGE:{alice.address} | " + text.replace("\r", "\ufffd"))


@pytest.mark.points(1)
@pytest.mark.stage(1, until=1)
def test_coming_and_going_is_announced(server: Server, connect: Connect) -> None:
    """The others see `MESSAGE:System | <ip:port> joined` and later `left`; it is logged, too."""
    alice = connect(server, "Alice")
    bob = connect(server, "Bob")
    alice.wait_for("the notice", lambda line: line == f"MESSAGE:System | {bob.address} joined")
    bob.leave()
    alice.wait_for("the notice", lambda line: line == f"MESSAGE:System | {bob.address} left")


def test_the_log_tells_who_came_and_went(server: Server, connect: Connect) -> None:
    """The server's log has `[+] NAME connected`, what was said, and `[-] NAME disconnected`."""
    alice = connect(server, "Alice")
    address = alice.address
    alice.send_line("for the log")
    alice.leave()
    name = re.escape(address)
    server.expect_output(
        rf"\[\+\] {name} connected(?s:.)*{name}.*for the log(?s:.)*\[-\] {name} disconnected"
    )
