"""Each socket has one writer: a ping or a pong never lands inside another message.

The other side reads slowly, so long lines wait half sent; whoever writes to the socket besides the
thread that sends them puts its bytes into the middle of one.
"""

import pytest

from tests.support.console import client_command, target
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.report import Transcript
from tests.support.submission import Submission

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "A long line leaves in several pieces, and between two of them anyone else who writes to "
        "the same socket gets in. Let one thread alone do all the sending of a connection; the "
        "others hand their lines to it.",
        docs="stage1/messages#one-writer-only",
    ),
]

LINES = 300
FILLING = "x" * 20_000


@pytest.mark.points(2)
def test_a_pong_never_lands_inside_a_message(
    stage: int, submission: Submission, run: StartProgram, transcript: Transcript
) -> None:
    """While a client's long lines wait to leave, its `pong` comes between two of them."""
    with FakeServer(transcript, receive_buffer=1024) as server:
        client = run(client_command(submission, stage, *target(server)), name="client")
        side = server.accept()
        client.type("".join(f"{number} {FILLING}\n" for number in range(LINES)))
        for number in range(LINES):
            side.send_line("ping")
            line = side.wait_for("a line of the client's", is_said_or_sliced)
            assert line == f"CLIENT:{number} {FILLING}", told(line)


@pytest.mark.points(2)
def test_a_ping_never_lands_inside_a_message(start: StartServer, connect: Connect) -> None:
    """While a slow client's long lines wait in the server, `ping` comes between two of them."""
    server = start("--ping-interval", "0.01")
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    slow = connect(server, "Slow", receive_buffer=1024)
    for number in range(LINES):
        alice.send_line(f"{number} {FILLING}")
        bob.expect_line(f"MESSAGE:{alice.address} | {number} {FILLING}")
    for number in range(LINES):
        line = slow.wait_for("a message", lambda line: line != "ping")
        assert line == f"MESSAGE:{alice.address} | {number} {FILLING}", told(line)


def is_said_or_sliced(line: str) -> bool:
    """Whether it is what the user said, or what became of that."""
    return len(line) > 1_000 or "x" in line


def told(line: str) -> str:
    """What is wrong with a line, in a few words."""
    text = line.replace(FILLING, "xxx…").replace("x" * 40, "")
    return f"something else stands inside a message, or a part is missing: {text[:200]!r}"
