"""The room without sockets: a script of what happens, and everything that the room does."""

from typing import Any

import pytest

from tests.stage1 import observations
from tests.support.compare import expect_same, plain
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "The room sees one line at a time and answers through client.send, client.close and the "
        "engine. Look up in the table of the wire who gets what.",
        docs="stage1/assignment#the-wire",
    ),
]


def play(observer: Observer, *script: list[Any], logs: bool = False) -> list[list[str]]:
    """What the room does during a script; its log only if asked for."""
    seen: list[list[str]] = observer.observe(observations.room, script=list(script))
    return [what for what in seen if logs or what[0] != "log"]


def after(observer: Observer, *script: list[Any]) -> list[list[str]]:
    """What the room does in the last step of a script."""
    before = play(observer, *script[:-1])
    return play(observer, *script)[len(before) :]


def expect_after(observer: Observer, expected: list[list[str]], *script: list[Any]) -> None:
    """The room does this in the last step of a script."""
    __tracebackhide__ = True
    done = [" ".join(map(str, step)) for step in script]
    expect_same(expected, after(observer, *script), *done, show=told)


def told(what: list[str]) -> str:
    """What the room did, in words."""
    if len(what) == 2:
        return f"{what[0]} gets {plain(what[1])}"
    return " ".join(what)


BOTH = (["comes", "a"], ["comes", "b"])


@pytest.mark.part("broadcast")
@pytest.mark.points(1)
def test_a_newcomer_is_announced_to_the_others(observer: Observer) -> None:
    """Those who are there already see who joins."""
    expect_after(observer, [["a", "MESSAGE:System | b:1 joined\n"]], *BOTH)


@pytest.mark.part("broadcast")
@pytest.mark.points(1)
def test_a_departure_is_announced(observer: Observer) -> None:
    """Those who stay see who left, and the one who left gets nothing more."""
    expect_after(observer, [["a", "MESSAGE:System | b:1 left\n"]], *BOTH, ["leaves", "b"])


@pytest.mark.part("broadcast")
@pytest.mark.points(2)
def test_text_goes_to_everyone_else(observer: Observer) -> None:
    """A message goes to everyone but its sender."""
    three = (*BOTH, ["comes", "c"])
    expected = [["b", "MESSAGE:a:1 | hi\n"], ["c", "MESSAGE:a:1 | hi\n"]]
    expect_after(observer, expected, *three, ["says", "a", "hi"])
    expect_after(observer, expected, *three, ["says", "a", "CLIENT:hi"])


@pytest.mark.part("broadcast")
@pytest.mark.points(1)
def test_it_is_logged(observer: Observer) -> None:
    """The log tells who came, what was said, and who left."""
    script = (*BOTH, ["says", "a", "hi"], ["leaves", "a"])
    log = [what[1] for what in play(observer, *script, logs=True) if what[0] == "log"]
    assert log[:2] == ["[+] a:1 connected", "[+] b:1 connected"]
    assert "hi" in log[2]
    assert log[3].startswith("[-] a:1 disconnected")


@pytest.mark.part("verbs")
@pytest.mark.points(1)
@pytest.mark.parametrize("line", ["", "   ", "CLIENT:", "CLIENT:   "])
def test_nothing_is_not_a_message(observer: Observer, line: str) -> None:
    """Blank lines and blank text are nobody's message."""
    expect_after(observer, [], *BOTH, ["says", "a", line])


@pytest.mark.part("verbs")
@pytest.mark.points(1)
def test_ping_and_pong(observer: Observer) -> None:
    """`ping` is answered to its sender alone; `pong` is not answered."""
    expect_after(observer, [["a", "pong\n"]], *BOTH, ["says", "a", "ping"])
    expect_after(observer, [], *BOTH, ["says", "a", "pong"])


@pytest.mark.part("verbs")
@pytest.mark.points(2)
@pytest.mark.parametrize("verb", ["NICK", "MESSAGE", "A", "_", "SERVER_IMAGE"])
def test_unknown_verbs(observer: Observer, verb: str) -> None:
    """A verb ends at the first colon; an unknown one is refused, and nobody else hears of it."""
    expected = [["a", f"ERROR:{verb}: this server does not know it\n"]]
    expect_after(observer, expected, *BOTH, ["says", "a", f"{verb}:x:y"])


@pytest.mark.part("verbs")
@pytest.mark.points(2)
@pytest.mark.parametrize("text", ["note: x", "10:30", "Host:x", ": x", "pings", "NICE", "CLIENT"])
def test_other_lines_are_text(observer: Observer, text: str) -> None:
    """A line that does not begin with a word of capitals and a colon is text for the others."""
    expected = [["b", f"MESSAGE:a:1 | {text}\n"]]
    expect_after(observer, expected, *BOTH, ["says", "a", text])


@pytest.mark.part("broadcast")
@pytest.mark.points(1)
def test_the_operator_speaks(observer: Observer) -> None:
    """The operator's text goes to everyone, from `Server`."""
    expected = [["a", "MESSAGE:Server | hi\n"], ["b", "MESSAGE:Server | hi\n"]]
    for text in ("hi", "say hi", "  hi  "):
        expect_after(observer, expected, *BOTH, ["operator", text])


def test_the_operator_quits(observer: Observer) -> None:
    """`quit` and `exit` stop the engine; text that begins with them does not."""
    for command in ("quit", "exit"):
        expect_after(observer, [["stopped"]], *BOTH, ["operator", command])
    assert ["stopped"] not in after(observer, *BOTH, ["operator", "quit now"])


@pytest.mark.part("broadcast")
@pytest.mark.points(1)
def test_pings_at_their_interval(observer: Observer) -> None:
    """Every five seconds everyone is pinged, however often the clock ticks."""
    ticks: list[list[Any]] = [["tick", 100 + second] for second in range(16)]
    pings = [what for what in play(observer, *BOTH, *ticks) if what == ["a", "ping\n"]]
    assert len(pings) == 4


def test_who_falls_silent_is_dropped(observer: Observer) -> None:
    """A client that has answered a ping is dropped after three intervals without a sign of life."""
    script = (*BOTH, ["alive", "a", 100.0], ["alive", "b", 100.0], ["says", "a", "pong"])
    assert closed(play(observer, *script, ["tick", 114.0])) == []
    assert closed(play(observer, *script, ["tick", 116.0])) == ["a"]


def test_a_sign_of_life_counts(observer: Observer) -> None:
    """Whoever shows signs of life stays, even without answering each ping."""
    script = (*BOTH, ["alive", "b", 100.0], ["says", "a", "pong"], ["alive", "a", 110.0])
    assert closed(play(observer, *script, ["tick", 120.0])) == []


def closed(seen: list[list[str]]) -> list[str]:
    """Whom the room hung up on."""
    return [what[0] for what in seen if what[1:2] == ["closed"]]


@pytest.mark.part("broadcast")
def test_the_end_is_told(observer: Observer) -> None:
    """When the server ends, everyone is told."""
    told = [what[0] for what in after(observer, *BOTH, ["closing"]) if "MESSAGE:S" in what[1]]
    assert told == ["a", "b"]


@pytest.mark.part("broadcast")
def test_clients_vanish_while_the_room_speaks(observer: Observer) -> None:
    """Whoever hears of a departure after it gets the messages that follow, and only those."""
    script = (*BOTH, ["comes", "c"], ["leaves", "b"], ["says", "a", "hi"])
    expect_after(observer, [["c", "MESSAGE:a:1 | hi\n"]], *script)
