"""The room with names, without sockets: claims, joins, leaves, renames, private messages."""

import json
from typing import Any

import pytest

from tests.stage1 import observations
from tests.support.compare import expect_same, plain
from tests.support.observer import Observer

NICKNAMES = pytest.mark.hint(
    "Is it a name, is it taken (by whom?), is it new or a change of name? In this order; and "
    "between looking and taking nothing else may happen.",
    docs="stage2#who-is-who",
)
PRIVATE = pytest.mark.hint(
    "Three answers are possible: to its reader, or one of two refusals to its sender. Nobody else "
    "ever sees the text, the log included.",
    docs="stage2#private-messages",
)

pytestmark = pytest.mark.stage(2)


class ScriptedClient:
    """A client of the scene: what the room has sent it since the last look."""

    def __init__(self, scene: "Scene", name: str) -> None:
        self._scene, self.name = scene, name
        self.address = f"{name}:1"
        self._taken = 0

    def take(self) -> list[str]:
        """What has come since the last look."""
        lines = [what[1] for what in self._scene.seen() if what[0] == self.name]
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines), lines
        new = [line[:-1] for line in lines[self._taken :]]
        self._taken = len(lines)
        return new

    def expect(self, *lines: str) -> None:
        """These lines have come since the last look, and no others."""
        __tracebackhide__ = True
        expect_same(lines, self.take(), *self._scene.told(), f"what client {self.name} gets:")

    @property
    def is_closed(self) -> bool:
        """Whether the room has hung up."""
        return [self.name, "closed"] in [what[:2] for what in self._scene.seen()]


class Scene:
    """A room and the people in it: a script that grows, and is played anew at each look."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._script: list[list[Any]] = []
        self._connections = 0

    def seen(self) -> list[list[str]]:
        """Everything that the room has sent, closed and logged."""
        seen: list[list[str]] = self._observer.observe(
            observations.room, script=self._script, module="stage2_gui.room"
        )
        return seen

    def logged(self) -> list[str]:
        """The log."""
        return [what[1] for what in self.seen() if what[0] == "log"]

    def told(self) -> list[str]:
        """What was done so far, in words; clients are called by their numbers."""
        return [" ".join(_readable(step)) for step in self._script]

    def comes(self, nickname: str = "") -> ScriptedClient:
        """Someone connects, and claims a nickname."""
        self._connections += 1
        client = ScriptedClient(self, str(self._connections))
        self._script.append(["comes", client.name])
        if nickname:
            self.says(client, f"NICK:{nickname}")
            client.expect(f"NICK_OK:{nickname}")
        return client

    def says(self, client: ScriptedClient, line: str | bytes) -> None:
        """A client sends a line."""
        text = line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")
        self._script.append(["says", client.name, text])

    def leaves(self, client: ScriptedClient) -> None:
        """A client goes."""
        self._script.append(["leaves", client.name])

    def operator(self, text: str) -> None:
        """The operator types a line."""
        self._script.append(["operator", text])

    def online(self, client: ScriptedClient) -> list[str]:
        """Who is online, as the room tells this client."""
        client.take()
        self.says(client, "ONLINE:")
        (answer,) = client.take()
        assert answer.startswith("ONLINE_LIST:")
        names: list[str] = json.loads(answer.removeprefix("ONLINE_LIST:"))
        return names


def _readable(step: list[Any]) -> list[str]:
    if step[0] == "says":
        return ["client", step[1], "says", plain(step[2].encode("utf-8", "surrogateescape"))]
    return ["client", *(str(word) for word in reversed(step))] if step[0] != "operator" else step


@pytest.fixture
def scene(observer: Observer) -> Scene:
    """An empty room."""
    return Scene(observer)


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(2)
def test_only_those_with_a_name_are_announced(scene: Scene) -> None:
    """Who comes is announced with the first nickname; who has none comes and goes unannounced."""
    alice = scene.comes("Alice")
    nameless = scene.comes()
    alice.expect()
    scene.comes("Bob")
    alice.expect("JOINED:Bob")
    nameless.expect("JOINED:Bob")
    scene.leaves(nameless)
    alice.expect()


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(2)
def test_a_second_nick_renames(scene: Scene) -> None:
    """A second NICK changes the name: RENAMED to the others, and the old name is free."""
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK: Alicia ")  # the blanks around it are no part of a name
    alice.expect("NICK_OK:Alicia")
    bob.expect("RENAMED:Alice|Alicia")
    assert scene.online(bob) == ["Alicia", "Bob"]
    scene.comes("Alice")


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(1)
def test_one_may_change_the_case_of_ones_own_name(scene: Scene) -> None:
    """One's own name in another case is not taken."""
    alice, bob = scene.comes("alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK:Alice")
    alice.expect("NICK_OK:Alice")
    bob.expect("RENAMED:alice|Alice")


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(1)
def test_the_same_name_again_is_no_news(scene: Scene) -> None:
    """The same name again is accepted, and no news to anyone."""
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "NICK:Alice")
    alice.expect("NICK_OK:Alice")
    bob.expect()


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(4)
@pytest.mark.parametrize("claim", ["Alice", "ALICE", " alice ", "\uff21lice", "ali\u0043e"])
def test_a_taken_name_is_refused_in_every_spelling(scene: Scene, claim: str) -> None:
    """A name that someone has is refused in every spelling, and nothing changes."""
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(bob, f"NICK:{claim}")
    (answer,) = bob.take()
    assert answer.startswith("ERROR:NICK: ")
    assert "is taken" in answer
    alice.expect()
    assert scene.online(alice) == ["Alice", "Bob"]


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(3)
@pytest.mark.parametrize(
    "claim", [b"", b" ", b"Server", b"a|b", b"a:b", b"x" * 25, b"\xff\xfe", b"a\x1b[0m", b".a"]
)
def test_an_impossible_name_is_refused_and_the_connection_stays(scene: Scene, claim: bytes) -> None:
    """What is no name is refused with its reason; the next try may succeed."""
    client = scene.comes()
    scene.says(client, b"NICK:" + claim)
    (answer,) = client.take()
    assert answer.startswith("ERROR:NICK: ")
    assert not client.is_closed
    scene.says(client, "NICK:Fine")
    client.expect("NICK_OK:Fine")


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(2)
def test_a_name_is_free_the_moment_its_owner_is_gone(scene: Scene) -> None:
    """Who has gone leaves the name to others at once."""
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    scene.leaves(alice)
    bob.expect("LEFT:Alice")
    scene.comes("ALICE")


def test_messages_carry_the_nickname_whatever_the_text_claims(scene: Scene) -> None:
    """Text that looks like a message of the server's is text."""
    alice, bob = scene.comes("Alice"), scene.comes("Bob")
    alice.take()
    scene.says(alice, "CLIENT:MESSAGE:Server | I am the server")
    bob.expect("MESSAGE:Alice | MESSAGE:Server | I am the server")
    alice.expect()


@PRIVATE
@pytest.mark.part("private_messages")
@pytest.mark.points(4)
def test_a_private_message_reaches_its_reader_alone(scene: Scene) -> None:
    """A private message reaches its reader alone, in any spelling; the log does not repeat it."""
    alice, bob, eve = scene.comes("Alice"), scene.comes("Bob"), scene.comes("Eve")
    for client in (alice, bob, eve):
        client.take()
    scene.says(alice, "PRIVATE:bob|see you | at 8")
    bob.expect("PRIVATE:Alice | see you | at 8")
    assert alice.take() == eve.take() == []
    assert "see you" not in "\n".join(scene.logged())


@PRIVATE
@pytest.mark.part("private_messages")
@pytest.mark.points(4)
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
    """Without reader or text, its sender gets an error in a few words, and nobody else anything."""
    alice, bob, eve = scene.comes("Alice"), scene.comes("Bob"), scene.comes("Eve")
    scene.leaves(bob)
    alice.take(), eve.take()
    scene.says(alice, line)
    (answer,) = alice.take()
    assert answer.startswith("ERROR:PRIVATE: ")
    assert told in answer
    assert len(answer) < 200
    eve.expect()


@PRIVATE
@pytest.mark.part("private_messages")
@pytest.mark.points(2)
def test_someone_without_a_name_can_read_and_write(scene: Scene) -> None:
    """Someone without a nickname can ask who is online, and write private messages."""
    alice, nameless = scene.comes("Alice"), scene.comes()
    scene.says(nameless, "ONLINE")
    nameless.expect('ONLINE_LIST:["Alice"]')
    scene.says(nameless, "PRIVATE:Alice|psst")
    alice.expect(f"PRIVATE:{nameless.address} | psst")


def test_the_operators_list_shows_names_and_addresses(scene: Scene) -> None:
    """The operator's list has addresses and names."""
    alice, _ = scene.comes("Alice"), scene.comes()
    before = len(scene.logged())
    scene.operator("clients")
    answer = scene.logged()[before:]
    assert answer[0] == "2 connected"
    assert alice.address in answer[1]
    assert "Alice" in answer[1]


@NICKNAMES
@pytest.mark.part("nicknames")
@pytest.mark.points(1)
def test_a_join_costs_one_short_line_a_client(scene: Scene) -> None:
    """A join tells each of the others one short line."""
    crowd = [scene.comes(f"guest {number}") for number in range(30)]
    for client in crowd:
        client.take()
    scene.comes("Newcomer")
    assert all(client.take() == ["JOINED:Newcomer"] for client in crowd)
