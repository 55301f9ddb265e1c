"""The room with names, without sockets: claims, joins, leaves, renames, private messages."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stage2_gui.room import Room

pytestmark = pytest.mark.stage(2)


class ScriptedClient:
    """A client that keeps what it was sent."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.last_sign_of_life = 0.0
        self.received: list[str] = []
        self.closed_why: str | None = None

    def send(self, line: bytes) -> None:
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        self.received.append(line[:-1].decode())

    def close(self, why: str) -> None:
        self.closed_why = why

    def take(self) -> list[str]:
        """What has come since the last look."""
        lines, self.received = self.received, []
        return lines


class ScriptedEngine:
    """An engine that keeps the log."""

    def __init__(self) -> None:
        self.logged: list[str] = []

    def log(self, text: str) -> None:
        self.logged.append(text)

    def stop(self) -> None:
        raise AssertionError("nobody asked the server to stop")

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)

    def run_in_background(self, *_arguments: Any, **_options: Any) -> None:
        raise AssertionError("nothing of stage 2 takes long")


class Scene:
    """A room and the people in it."""

    def __init__(self) -> None:
        self.engine = ScriptedEngine()
        self.room = Room(self.engine)
        self.connections = 0

    def comes(self, nickname: str = "") -> ScriptedClient:
        """Someone connects, and claims a nickname."""
        self.connections += 1
        client = ScriptedClient(f"10.0.0.1:{self.connections}")
        self.room.connected(client)
        if nickname:
            self.says(client, f"NICK:{nickname}")
            assert client.take() == [f"NICK_OK:{nickname}"]
        return client

    def says(self, client: ScriptedClient, line: str | bytes) -> None:
        self.room.line_received(client, line.encode() if isinstance(line, str) else line)

    def online(self, client: ScriptedClient) -> list[str]:
        client.take()
        self.says(client, "ONLINE:")
        (answer,) = client.take()
        assert answer.startswith("ONLINE_LIST:")
        names: list[str] = json.loads(answer.removeprefix("ONLINE_LIST:"))
        return names


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_only_those_with_a_name_are_announced(scene: Scene) -> None:
    alice = scene.comes("Alice")
    nameless = scene.comes()
    assert alice.take() == []
    scene.comes("Bob")
    assert alice.take() == ["JOINED:Bob"]
    assert nameless.take() == ["JOINED:Bob"]
    scene.room.disconnected(nameless)
    assert alice.take() == []


def test_a_second_nick_renames(scene: Scene) -> None:
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK:Alicia")
    assert alice.take() == ["NICK_OK:Alicia"]
    assert bob.take() == ["RENAMED:Alice|Alicia"]
    assert scene.online(bob) == ["Alicia", "Bob"]
    scene.comes("Alice")


def test_one_may_change_the_case_of_ones_own_name(scene: Scene) -> None:
    alice, bob = scene.comes("alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK:Alice")
    assert alice.take() == ["NICK_OK:Alice"]
    assert bob.take() == ["RENAMED:alice|Alice"]


def test_the_same_name_again_is_no_news(scene: Scene) -> None:
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK:Alice")
    assert alice.take() == ["NICK_OK:Alice"]
    assert bob.take() == []


@pytest.mark.parametrize("claim", ["Alice", "ALICE", " alice ", "\uff21lice", "ali\u0043e"])
def test_a_taken_name_is_refused_in_every_spelling(scene: Scene, claim: str) -> None:
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(bob, f"NICK:{claim}")
    (answer,) = bob.take()
    assert answer.startswith("ERROR:NICK: ")
    assert "is taken" in answer
    assert alice.take() == []
    assert scene.online(alice) == ["Alice", "Bob"]


@pytest.mark.parametrize(
    "claim", [b"", b" ", b"Server", b"a|b", b"a:b", b"x" * 25, b"\xff\xfe", b"a\x1b[0m", b".a"]
)
def test_an_impossible_name_is_refused_and_the_connection_stays(scene: Scene, claim: bytes) -> None:
    client = scene.comes()
    scene.says(client, b"NICK:" + claim)
    (answer,) = client.take()
    assert answer.startswith("ERROR:NICK: ")
    assert client.closed_why is None
    scene.says(client, "NICK:Fine")
    assert client.take() == ["NICK_OK:Fine"]


def test_a_name_is_free_the_moment_its_owner_is_gone(scene: Scene) -> None:
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    scene.room.disconnected(alice, "reset")
    assert bob.take() == ["LEFT:Alice"]
    scene.comes("ALICE")


def test_messages_carry_the_nickname_whatever_the_text_claims(scene: Scene) -> None:
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "CLIENT:MESSAGE:Server | I am the server")
    assert bob.take() == ["MESSAGE:Alice | MESSAGE:Server | I am the server"]
    assert alice.take() == []


def test_a_private_message_reaches_its_reader_alone(scene: Scene) -> None:
    alice, bob, eve = scene.comes("Alice"), scene.comes("Bob"), scene.comes("Eve")
    for client in (alice, bob, eve):
        client.take()
    scene.says(alice, "PRIVATE:bob|see you | at 8")
    assert bob.take() == ["PRIVATE:Alice | see you | at 8"]
    assert alice.take() == eve.take() == []
    assert "see you" not in "\n".join(scene.engine.logged)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PRIVATE:Bob|hi", "nobody named 'Bob' is online"),
        ("PRIVATE:Eve|", "write PRIVATE:nickname|text"),
        ("PRIVATE:Eve|  ", "write PRIVATE:nickname|text"),
        ("PRIVATE:Eve hi", "write PRIVATE:nickname|text"),
        ("PRIVATE:", "write PRIVATE:nickname|text"),
        ("PRIVATE:" + "x" * 5_000 + "|hi", "nobody named"),
    ],
)
def test_a_private_message_without_reader_goes_to_nobody(
    scene: Scene, line: str, told: str
) -> None:
    alice, bob, eve = scene.comes("Alice"), scene.comes("Bob"), scene.comes("Eve")
    scene.room.disconnected(bob)
    alice.take(), eve.take()
    scene.says(alice, line)
    (answer,) = alice.take()
    assert answer.startswith("ERROR:PRIVATE: ")
    assert told in answer
    assert len(answer) < 200
    assert eve.take() == []


def test_someone_without_a_name_can_read_and_write(scene: Scene) -> None:
    alice, nameless = scene.comes("Alice"), scene.comes()
    scene.says(nameless, "ONLINE")
    assert nameless.take() == ['ONLINE_LIST:["Alice"]']
    scene.says(nameless, "PRIVATE:Alice|psst")
    assert alice.take() == [f"PRIVATE:{nameless.address} | psst"]


def test_the_operators_list_shows_names_and_addresses(scene: Scene) -> None:
    scene.comes("Alice"), scene.comes()
    scene.engine.logged.clear()
    scene.room.operator_line("clients")
    assert scene.engine.logged[0] == "2 connected"
    assert "10.0.0.1:1" in scene.engine.logged[1]
    assert "Alice" in scene.engine.logged[1]


def test_a_join_costs_one_short_line_a_client(scene: Scene) -> None:
    crowd = [scene.comes(f"guest {number}") for number in range(200)]
    for client in crowd:
        client.take()
    scene.comes("Newcomer")
    assert all(client.take() == ["JOINED:Newcomer"] for client in crowd)
