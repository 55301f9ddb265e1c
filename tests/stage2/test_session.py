"""The session without a screen: a server played by the test, and the events that the face gets."""

import dataclasses
import queue
from collections.abc import Iterator
from typing import Any

import pytest

from stage1_basic.connection import Connection
from stage2_gui import own_nickname
from stage2_gui.events import (
    Connected,
    ConnectFailed,
    Connecting,
    Disconnected,
    Finished,
    Line,
    NicknameAccepted,
    NicknameRefused,
    OnlineChanged,
    Settled,
)
from stage2_gui.session import Session
from tests.support.conversation import ConnectionEndedError, Conversation
from tests.support.fake_server import FakeServer
from tests.support.processes import Deadline
from tests.support.report import Transcript

pytestmark = [pytest.mark.stage(2), pytest.mark.insides]


class Listener:
    """The face of the session: takes the events out, one by one."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.session = Session(self.events.put, "python3 -m stage2_gui.server")
        self.seen: list[Any] = []

    def next(self) -> Any:
        """The next event."""
        try:
            event = self.events.get(timeout=Deadline.default)
        except queue.Empty:
            pytest.fail(f"no further event after {self.seen}")
        self.seen.append(event)
        return event

    def expect(self, *expected: Any) -> None:
        """The next events are these."""
        for event in expected:
            assert self.next() == event

    def wait_for(self, expected: Any) -> None:
        """Skip events until this one comes."""
        while self.next() != expected:
            pass

    def joins(self, server: FakeServer, nickname: str = "Alice") -> Conversation:
        """Connect to the played server, with a nickname; the server's side of the connection."""
        self.session.connect(server.host, server.port, nickname)
        side = server.accept()
        side.expect_line(f"NICK:{nickname}")
        side.send_line(f"NICK_OK:{nickname}")
        side.expect_line("ONLINE:")
        side.send_line(f'ONLINE_LIST:["{nickname}", "Bob"]')
        self.wait_for(Settled())
        return side


@pytest.fixture
def face() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.session.disconnect()


@pytest.fixture
def server(transcript: Transcript) -> Iterator[FakeServer]:
    with FakeServer(transcript) as fake_server:
        yield fake_server


def test_events_are_values(face: Listener) -> None:
    event = Line("other", "Bob", "hi")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.text = "forged"  # type: ignore[misc]
    assert face.session.nickname is None


def test_joining(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    address = f"{server.host}:{server.port}"
    assert face.seen == [
        Connecting(address),
        Connected(address),
        NicknameAccepted("Alice"),
        OnlineChanged(("Alice", "Bob")),
        Settled(),
    ]
    assert face.session.nickname == "Alice"
    side.send_line("JOINED:Carol")
    face.expect(OnlineChanged(("Alice", "Bob", "Carol")), Line("system", "System", "Carol joined"))
    side.send_line("RENAMED:Carol|Caroline")
    face.expect(OnlineChanged(("Alice", "Bob", "Caroline")))
    face.expect(Line("system", "System", "Carol is now Caroline"))
    side.send_line("LEFT:Bob")
    face.expect(OnlineChanged(("Alice", "Caroline")), Line("system", "System", "Bob left"))
    assert set(face.session.people.gone) == {"Bob", "Carol"}


def test_what_is_said_and_heard(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    face.session.typed("hello")
    side.expect_line("CLIENT:hello")
    face.expect(Line("you", "You", "hello"))
    face.session.typed("bob, psst | quiet")
    side.expect_line("PRIVATE:Bob|psst | quiet")
    face.expect(Line("private", "You > Bob", "psst | quiet"))
    for line, event in (
        ("MESSAGE:Bob | hi | there", Line("other", "Bob", "hi | there")),
        ("MESSAGE:Server | news", Line("server", "Server", "news")),
        ("MESSAGE:System | notice", Line("system", "System", "notice")),
        ("PRIVATE:Bob | secret", Line("private", "Bob > You", "secret")),
        ("ERROR:PRIVATE: nobody", Line("error", "Error", "not sent: nobody")),
        ("ERROR:server full", Line("error", "Error", "server full")),
        ("MESSAGE:Bob | \x1b[31mred", Line("other", "Bob", "\ufffd[31mred")),
    ):
        side.send_line(line)
        face.expect(event)


@pytest.mark.parametrize(
    "line",
    [
        *("ping", "pong", "", ":", "FUTURE:x", "message:a | b", "__INIT__:x", "ONLINE_LIST"),
        *("MESSAGE:IMAGE_RECEIVED:Bob|x.png", "SERVER_IMAGE:x|AAAA", "nothing that we know"),
    ],
)
def test_what_it_does_not_know_it_ignores(face: Listener, server: FakeServer, line: str) -> None:
    side = face.joins(server)
    side.send_line(line)
    side.send_line("MESSAGE:Bob | next")
    events = [face.next() for _ in range(1 + (line == "ONLINE_LIST"))]
    assert events[-1] == Line("other", "Bob", "next")


@pytest.mark.parametrize("array", ["", "{}", "[1, null]", "[", '"x"', "[" * 5_000, "\ufffd"])
def test_a_list_that_is_none_is_empty(face: Listener, server: FakeServer, array: str) -> None:
    side = face.joins(server)
    side.send_line(f"ONLINE_LIST:{array}")
    face.expect(OnlineChanged(()))


def test_pings_are_answered(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    side.send_line("ping")
    side.expect_line("pong")


def test_the_list_is_shown_when_the_user_asks(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    face.session.typed("/online")
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Alice"]')
    face.expect(OnlineChanged(("Alice",)), Line("system", "System", "1 online: Alice"))


def test_a_refused_nickname_can_be_chosen_anew(face: Listener, server: FakeServer) -> None:
    face.session.connect(server.host, server.port, "Alice")
    side = server.accept()
    side.expect_line("NICK:Alice")
    side.send_line("ERROR:NICK: 'Alice' is taken")
    face.wait_for(NicknameRefused("Alice", "'Alice' is taken"))
    side.expect_line("ONLINE:")
    face.session.typed("/nick a|b")
    assert isinstance(face.next(), NicknameRefused)
    face.session.typed("/nick Alison")
    side.expect_line("NICK:Alison")
    side.send_line("NICK_OK:Alison")
    face.wait_for(NicknameAccepted("Alison"))


def test_a_server_without_nicknames_is_fine(face: Listener, server: FakeServer) -> None:
    face.session.connect(server.host, server.port, "Alice")
    side = server.accept()
    side.expect_line("NICK:Alice")
    side.send_line("ERROR:NICK: this server does not know it")
    side.expect_line("ONLINE:")
    side.send_line("ERROR:ONLINE: this server does not know it")
    face.wait_for(Settled())
    assert not [event for event in face.seen if isinstance(event, NicknameRefused)]
    assert not [event for event in face.seen if isinstance(event, Line) and event.kind == "error"]
    face.session.typed("/online")
    side.send_line("ERROR:ONLINE: this server does not know it")
    face.wait_for(Line("error", "Error", "this server keeps no list of who is online"))


def test_without_a_connection_nothing_is_sent(face: Listener) -> None:
    for typed in ("hello", "/online", "/nick Bob"):
        face.session.typed(typed)
        face.expect(Line("error", "Error", "not connected, nothing was sent"))


def test_what_is_too_long_is_not_sent(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    face.session.typed("x" * 65_536)
    assert "too long" in face.next().text
    face.session.typed("x" * (65_536 - len("CLIENT:")))
    side.expect_start("CLIENT:xxx")


def test_nobody_listening_is_advice(face: Listener, server: FakeServer) -> None:
    server.close()
    face.session.connect(server.host, server.port, "Alice")
    assert isinstance(face.next(), Connecting)
    failed = face.next()
    assert isinstance(failed, ConnectFailed)
    assert "python3 -m stage2_gui.server" in failed.advice


def test_a_lost_connection_can_be_mended(
    face: Listener, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the old connection holds the nickname, it is asked for again, and the user is told."""
    monkeypatch.setattr(own_nickname, "RETRY_SECONDS", 0.01)
    face.joins(server).close()
    while not isinstance(lost := face.next(), Disconnected):
        pass
    assert lost.why
    assert face.session.nickname is None
    assert face.session.people.online == ()
    face.session.connect(server.host, server.port, "Alice")
    side = server.accept()
    for _ in range(3):
        side.expect_line("NICK:Alice")
        side.send_line("ERROR:NICK: 'Alice' is taken, choose another")
    side.expect_line("NICK:Alice")
    side.send_line("NICK_OK:Alice")
    face.wait_for(NicknameAccepted("Alice"))
    told = [event.text for event in face.seen if isinstance(event, Line)]
    assert told == ["your lost connection still holds 'Alice', waiting for it"]


def test_asking_again_has_an_end(
    face: Listener, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_nickname, "RETRY_SECONDS", 0.001)
    face.joins(server).close()
    face.session.connect(server.host, server.port, "Alice")
    side = server.accept()
    for _ in range(own_nickname.TRIES + 1):
        side.expect_line("NICK:Alice")
        side.send_line("ERROR:NICK: taken")
    face.wait_for(NicknameRefused("Alice", "taken"))


def test_a_voice_from_the_past_is_not_heard(face: Listener, server: FakeServer) -> None:
    """What an older connection still says does not reach the face."""
    old_side = face.joins(server)
    new_side = face.joins(server)
    old_side.send_line("MESSAGE:Ghost | boo")
    new_side.send_line("MESSAGE:Bob | hi")
    face.wait_for(Line("other", "Bob", "hi"))
    assert Line("other", "Ghost", "boo") not in face.seen


def test_calling_elsewhere_before_the_greeting(
    face: Listener, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user may be quicker than the thread that connects: each connection is greeted once."""
    start = Connection.start

    def start_and_call_again(connection: Connection) -> None:
        monkeypatch.undo()
        start(connection)
        face.session.connect(server.host, server.port, "Alison")

    monkeypatch.setattr(Connection, "start", start_and_call_again)
    face.session.connect(server.host, server.port, "Alice")
    old_side, new_side = server.accept(), server.accept()
    old_side.expect_line("NICK:Alice")
    old_side.expect_end()
    new_side.expect_line("NICK:Alison")
    new_side.send_line("NICK_OK:Alison")
    new_side.expect_line("ONLINE:")


def test_disconnecting_sends_what_is_queued(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    face.session.typed("last words")
    face.session.disconnect()
    side.expect_line("CLIENT:last words")
    with pytest.raises(ConnectionEndedError):
        side.read_line()
    face.wait_for(Disconnected(""))


def test_finishing_waits_for_the_answers(face: Listener, server: FakeServer) -> None:
    side = face.joins(server)
    face.session.typed("bye")
    face.session.finish()
    side.expect_line("CLIENT:bye")
    side.send_line("MESSAGE:Bob | bye, Alice")
    side.close()
    face.wait_for(Line("other", "Bob", "bye, Alice"))
    face.wait_for(Finished())
    assert not [event for event in face.seen if isinstance(event, Disconnected)]


def test_finishing_without_a_connection(face: Listener) -> None:
    face.session.finish()
    face.expect(Finished())


def test_what_begins_later_is_said(face: Listener, server: FakeServer) -> None:
    face.joins(server)
    for typed in ("/images", "/image x.png", "/request x.png", "files", "download,x"):
        face.session.typed(typed)
        assert "begin with stage" in face.next().text


def test_help_lists_the_commands(face: Listener) -> None:
    face.session.typed("/help")
    lines = [face.next() for _ in face.session.help_lines()]
    assert any("/msg NICK TEXT" in line.text for line in lines)
