"""The console: nicknames, private messages and short forms, through pipes and at a terminal."""

import os
import re

import pytest

from tests.stage2.test_server import join, online
from tests.support.console import client_command, console_line
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartProgram
from tests.support.report import Transcript
from tests.support.screen import Screen
from tests.support.server import Server
from tests.support.submission import Submission

pytestmark = [
    pytest.mark.stage(2),
    pytest.mark.hint(
        "The session knows what the server has said so far: who one is, who is online, who has "
        "left. What is typed and what is shown both follow from that.",
        docs="stage2#a-session-apart-from-its-screen",
    ),
]

needs_terminal = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")


@pytest.mark.points(2)
def test_it_joins_without_asking(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """With --nickname the client joins at once; what it sends comes under that name."""
    bob = join(connect(server), "Bob")
    client = start_client(server, "--nickname", "Alice")
    bob.expect_line("JOINED:Alice")
    client.type("hello\n")
    bob.expect_line("MESSAGE:Alice | hello")
    client.expect_output(console_line("You", "hello"))
    client.close_input()
    client.expect_exit(0)
    bob.expect_line("LEFT:Alice")


def test_without_a_nickname_one_is_an_address(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """On a pipe no question is asked: one speaks under an address until `/nick`."""
    bob = join(connect(server), "Bob")
    client = start_client(server)
    client.type("first\n/nick Alice\nsecond\n")
    assert re.fullmatch(r"[\d.]+:\d+", bob.expect_message("first"))
    bob.expect_line("JOINED:Alice")
    bob.expect_line("MESSAGE:Alice | second")


@pytest.mark.points(3)
@pytest.mark.hint(
    "Who wrote a message is told by its sender, never by an address: many people share one.",
    docs="stage2#who-is-who",
)
def test_only_oneself_is_you(server: Server, start_client: StartProgram) -> None:
    """Two clients on one computer: each shows its own lines as You, and the other's by name."""
    alice = start_client(server, "--nickname", "Alice", name="Alice")
    alice.expect_output(console_line("System", "you are Alice"))
    bob = start_client(server, "--nickname", "Bob", name="Bob")
    alice.expect_output(console_line("System", "Bob joined"))
    alice.type("from Alice\n")
    bob.expect_output(console_line("Alice", "from Alice"))
    bob.type("from Bob\n")
    alice.expect_output(console_line("Bob", "from Bob"))
    assert "You: from Bob" not in alice.printed()


@pytest.mark.points(2)
@pytest.mark.parametrize("typed", ["Bob,psst", "bob, psst", "/msg BOB psst"])
def test_private_messages(
    server: Server, connect: Connect, start_client: StartProgram, typed: str
) -> None:
    """`NICK,TEXT` and `/msg` reach one reader; the answer is shown as private."""
    bob, eve = join(connect(server), "Bob"), join(connect(server), "Eve")
    client = start_client(server, "--nickname", "Alice")
    client.type(f"{typed}\nHello, world\n")
    bob.expect_line("PRIVATE:Alice | psst")
    eve.expect_line("MESSAGE:Alice | Hello, world")
    client.expect_output(console_line("You > Bob", "psst"))
    bob.send_line("PRIVATE:Alice|yes?")
    client.expect_output(console_line("Bob > You", "yes?"))


@pytest.mark.points(3)
@pytest.mark.hint(
    "Someone who was online and has left is not an ordinary word before a comma: send nothing.",
    docs="stage2#private-messages",
)
def test_what_was_private_never_becomes_public(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """Bob was here and has left: `Bob,secret` is not sent to anyone, and the user is told."""
    bob, eve = join(connect(server), "Bob"), join(connect(server), "Eve")
    client = start_client(server, "--nickname", "Alice")
    eve.expect_line("JOINED:Alice")
    bob.leave()
    client.expect_output(console_line("System", "Bob left"))
    client.type("Bob,secret\n/msg Bob secret\nnext\n")
    client.expect_output("Bob is no longer online, nothing was sent")
    eve.expect_line("MESSAGE:Alice | next")


@pytest.mark.points(2)
def test_everything_is_answered_before_it_leaves(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """At the end of a pipe, everything is sent and the answers are shown; then exit code 0."""
    join(connect(server), "Bob")
    client = start_client(server, "--nickname", "Alice")
    client.type("online\nPRIVATE is a word\n/nick Bob\n/nick Alison\nonline\n")
    client.close_input()
    client.expect_exit(0)
    shown = client.printed()
    for text in ("2 online: Bob, Alice", "is taken", "you are Alison", "2 online: Bob, Alison"):
        assert text in shown


def test_who_comes_and_goes_is_shown(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """Joins, leaves and renames are lines of System's."""
    client = start_client(server, "--nickname", "Alice")
    client.expect_output(console_line("System", "you are Alice"))
    bob = join(connect(server), "Bob")
    client.expect_output(console_line("System", "Bob joined"))
    join(bob, "Robert")
    client.expect_output(console_line("System", "Bob is now Robert"))
    bob.leave()
    client.expect_output(console_line("System", "Robert left"))


@pytest.mark.points(1)
def test_a_taken_nickname_is_said(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """The nickname is taken: the user is told, and how to take another."""
    bob = join(connect(server), "Bob")
    client = start_client(server, "--nickname", "BOB")
    client.expect_output(r"Error: .*taken.*/nick NAME")
    client.type("/nick Bobby\n")
    client.expect_output(console_line("System", "you are Bobby"))
    assert online(bob) == ["Bob", "Bobby"]


@pytest.mark.parametrize("nickname", ["a|b", "Server", "", "x" * 25])
def test_an_impossible_nickname_is_one_line(
    submission: Submission, stage: int, run: StartProgram, nickname: str
) -> None:
    """A --nickname that cannot be one is one readable line, and a non-zero exit."""
    client = run(client_command(submission, stage, f"--nickname={nickname}"))
    assert client.expect_exit() != 0
    assert "nickname" in client.complaints()
    assert len(client.complaints().splitlines()) == 1


def test_no_server_is_one_line(submission: Submission, stage: int, run: StartProgram) -> None:
    """Nobody listening: one line with the command that starts a server, and a non-zero exit."""
    client = run(client_command(submission, stage, "--port", "1"))
    client.type("hello\n")
    assert client.expect_exit() != 0
    (line,) = client.complaints().splitlines()
    assert ".server" in line


@pytest.mark.points(1)
def test_losing_the_server_is_said(transcript: Transcript, start_client: StartProgram) -> None:
    """The server is gone: one clear line, and a non-zero exit."""
    with FakeServer(transcript) as server:
        client = start_client(server, "--nickname", "Alice")
        side = server.accept()
        side.wait_for("the nickname", lambda line: line == "NICK:Alice")
        side.close()
        assert client.expect_exit() != 0
    (line,) = client.complaints().splitlines()
    assert "Connection lost" in line


def test_a_server_that_says_nothing(transcript: Transcript, start_client: StartProgram) -> None:
    """A server such as `nc -l` answers no question: what is typed arrives all the same."""
    with FakeServer(transcript) as server:
        client = start_client(server)
        client.type("hello\n")
        side = server.accept()
        side.wait_for("the text", lambda line: line == "CLIENT:hello")


@pytest.mark.points(1)
@needs_terminal
def test_at_a_terminal_it_asks(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """Without --nickname the console asks, again if need be; the typed line becomes `You: …`."""
    bob = join(connect(server), "Bob")
    client = start_client(server, on_terminal=True)
    client.expect_output("Nickname: ")
    client.type("a|b\n")
    client.expect_output("none of")
    client.type("Alice\n")
    bob.expect_line("JOINED:Alice")
    client.expect_output("you are Alice")
    client.type("hello\n")
    bob.expect_line("MESSAGE:Alice | hello")
    client.expect_output("You: hello")
    client.type("/quit\n")
    client.expect_exit(0)


@needs_terminal
def test_what_was_typed_early_takes_no_other_line_away(
    transcript: Transcript, start_client: StartProgram
) -> None:
    """What is typed before the server has answered comes as `You: …` then; the answer stays."""
    with FakeServer(transcript) as server:
        client = start_client(server, "--nickname", "Alice", on_terminal=True)
        side = server.accept()
        side.wait_for("the nickname", lambda line: line == "NICK:Alice")
        client.type("early\n")
        client.expect_output("early\r\n(?s:.)*> ")
        for answer in ("NICK_OK:Alice", 'ONLINE_LIST:["Alice"]', "IMAGE_LIST:[]", "FILE_LIST:[]"):
            side.send_line(answer)
        client.expect_output("You: early")
        lines = Screen(client.printed()).lines
        assert any(line.endswith("you are Alice") for line in lines), lines


@needs_terminal
@pytest.mark.parametrize("keys", [b"\x03\n", b"\x04"])
def test_leaving_the_question(server: Server, start_client: StartProgram, keys: bytes) -> None:
    """Ctrl+C and Ctrl+D leave at the question for the nickname, too.

    CPython notices a Ctrl+C that comes just before it waits for the keyboard with the next key.
    """
    client = start_client(server, on_terminal=True)
    client.expect_output("Nickname: ")
    client.type(keys)
    client.expect_exit(0)
    client.expect_no_traceback()
