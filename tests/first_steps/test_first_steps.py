"""The naive server works in the easy case, and fails in just the ways that the walkthrough names.

If one of these failures went away, the walkthrough would tell a story that is not true.
"""

import runpy
import select
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.conversation import Conversation
from tests.support.fixtures import StartProgram
from tests.support.processes import Program
from tests.support.report import Transcript
from tests.support.submission import PROJECT
from tests.support.wire_client import WireClient

FOLDER = PROJECT / "docs" / "first_steps"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the lesson is not part of this folder")

Join = Callable[[str], Conversation]
TRACEBACK = r"Traceback(?s:.)*"


@pytest.fixture
def server(transcript: Transcript) -> Iterator[Program]:
    """The naive server at a free port. Unlike other programs it may show tracebacks."""
    server = Program(
        [sys.executable, "naive_server.py", "0"], cwd=FOLDER, name="server", transcript=transcript
    )
    yield server
    server.end()


@pytest.fixture
def port(server: Program) -> int:
    """Where the naive server listens."""
    return int(server.expect_output(r"Listening on 127\.0\.0\.1:(\d+)")[1])


@pytest.fixture
def join(server: Program, port: int, transcript: Transcript) -> Iterator[Join]:
    """Connect under a name and say it, so that the server's list is in the order of joining."""
    joined: list[Conversation] = []

    def join_one(name: str) -> Conversation:
        client = WireClient("127.0.0.1", port, name, transcript, receive_buffer=4096)
        client.send_raw(name.encode())
        server.expect_output(rf"passed on: {name}\n")
        joined.append(client)
        return client

    yield join_one
    for client in joined:
        client.close()


def receive(client: Conversation, size: int = 1024) -> bytes:
    """What one `recv` returns: to the naive programs, one message."""
    return client.socket.recv(size)


def test_it_works_in_the_easy_case(server: Program, port: int, run: StartProgram) -> None:
    """Two people who type slowly can talk."""
    ann, ben = (run([sys.executable, "naive_client.py", str(port)], cwd=FOLDER) for _ in range(2))
    ann.expect_output("Connected")
    ben.expect_output("Connected")
    ann.type("hello\n")
    server.expect_output("passed on: hello\n")
    ben.type("hello Ann\n")
    ann.expect_output("^> hello Ann$")
    ann.type("how are you?\n")
    ben.expect_output("> .*how are you\\?$")


def test_messages_are_glued(server: Program, join: Join) -> None:
    """First failure: two messages sent one after the other arrive as one."""
    ben, ann = join("Ben"), join("Ann")
    assert receive(ben) == b"Ann"
    ann.send_raw(b"How are you?")
    server.expect_output("How are you")
    ann.send_raw(b"Are you there?")
    server.expect_output("Are you there")
    assert receive(ben) == b"How are you?Are you there?"


def test_messages_are_split(server: Program, join: Join) -> None:
    """First failure, the other way round: one long message arrives as several."""
    ann = join("Ann")
    ann.send_raw(b"x" * 1500)
    server.expect_output(r"passed on: x+\n(?s:.)*passed on: x+\n")


def test_letters_are_cut(server: Program, join: Join) -> None:
    """And where the cut goes through a letter, decoding fails."""
    join("Ann").send_raw(b"x" + "ü".encode() * 2000)
    server.expect_output(TRACEBACK + "UnicodeDecodeError", stream="errors")


def test_a_slow_reader_stops_everyone(join: Join) -> None:
    """Second failure: one client that does not read stops the chat for all others."""
    join("Sleeper")
    ann, ben = join("Ann"), join("Ben")
    with ThreadPoolExecutor(2) as pool:  # Ann and Ben do read what the others say
        pool.submit(listen, ann)
        pool.submit(listen, ben)
        talk_until_stuck(ann)
        talk_until_stuck(ben)
        for client in (ann, ben):
            client.socket.shutdown(socket.SHUT_RDWR)


def talk_until_stuck(client: Conversation) -> None:
    """Send until a whole second passes in which the server takes nothing more."""
    client.socket.settimeout(None)
    for _ in range(100_000):  # 100 MB: no buffer on the way holds so much
        if not select.select([], [client.socket], [], 1)[1]:
            return
        client.socket.send(b"x" * 1024)
    pytest.fail("the naive server is not as naive as the walkthrough says")


def test_a_vanished_client_takes_others_with_it(server: Program, join: Join) -> None:
    """Third failure: a client vanishes, and whoever speaks next is thrown out for it."""
    victim, ann, ben = join("Victim"), join("Ann"), join("Ben")
    victim.reset()
    server.expect_output(TRACEBACK + "ConnectionResetError", stream="errors")
    for speaker in (ann, ben):
        server.mark()
        speaker.send_raw(b"Did you see that?")
        error = r"(BrokenPipeError|ConnectionResetError|ConnectionAbortedError)"
        server.expect_output(TRACEBACK + error, stream="errors")
        speaker.send_raw(b"Hello?")
    assert "Hello" not in server.printed()


class Member:
    """A client of the naive server, without a socket."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.heard: list[bytes] = []
        self._then = then

    def sendall(self, message: bytes) -> None:
        self.heard.append(message)
        self._then()


def test_someone_leaves_while_the_list_is_read() -> None:
    """The third failure's quiet brother: one leaves during a broadcast, and another is skipped."""
    naive = runpy.run_path(str(FOLDER / "naive_server.py"))
    leaver, carol = Member(), Member()
    ben = Member(then=lambda: naive["clients"].remove(leaver))  # another thread, just then
    naive["clients"] += [leaver, ben, carol]
    naive["broadcast"](b"hello", None)
    assert ben.heard == [b"hello"]
    assert carol.heard == []


def listen(client: Conversation) -> bytes:
    """Everything that a client gets until a message ends in END."""
    seen = bytearray()
    client.socket.settimeout(None)
    while not seen.endswith(b"END") and (heard := receive(client)):
        seen += heard
    return bytes(seen)
