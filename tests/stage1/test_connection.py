"""The client's connection alone: a pair of sockets, the server's end played by the test."""

from typing import Any

import pytest

from tests.stage1 import observations_client
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.part("client"),
    pytest.mark.hint(
        "One thread takes lines out of the queue and sends them, the other receives, feeds its "
        "LineReader and hands on each line. Both end when the connection does.",
        docs="stage1/messages#threads-and-a-queue",
    ),
]

LOST = ["ConnectionLost"]


def play(observer: Observer, *script: list[Any], **options: Any) -> list[list[Any]]:
    """What was seen while the test played the server."""
    seen: list[list[Any]] = observer.observe(
        observations_client.connection, script=list(script), **options
    )
    return seen


@pytest.mark.points(2)
def test_what_is_sent_arrives(observer: Observer) -> None:
    """Lines leave in the order in which they were handed over, each whole."""
    lines = [f"line {number}\n" for number in range(100)]
    seen = play(
        observer, ["client sends", *lines], ["server reads", len("".join(lines))], ["server ends"]
    )
    assert seen == [["server got", "".join(lines)]]


@pytest.mark.points(2)
def test_what_comes_is_told(observer: Observer) -> None:
    """Each line that arrives becomes one LineReceived, however the bytes are cut."""
    seen = play(
        observer,
        ["server sends", "one\ntw"],
        ["server sends", "o\r\nthree\n"],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )
    assert seen == [*(["LineReceived", text] for text in ("one", "two", "three")), LOST]


@pytest.mark.points(1)
def test_a_ping_is_answered(observer: Observer) -> None:
    """`ping` is answered with `pong`, and not handed on."""
    seen = play(
        observer,
        ["server sends", "ping\nhello\n"],
        ["server reads", len("pong\n")],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )
    assert seen == [["server got", "pong\n"], ["LineReceived", "hello"], LOST]


@pytest.mark.points(1)
def test_finishing_sends_what_is_queued(observer: Observer) -> None:
    """After `finish` everything that was queued still leaves, then the stream ends."""
    line = "x" * 50_000 + "\n"
    seen = play(
        observer,
        ["client sends", line, line],
        ["client finishes"],
        ["server reads", 10 * len(line)],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )
    assert seen == [["server got", line + line], LOST]


@pytest.mark.points(1)
def test_a_long_line_leaves_whole(observer: Observer) -> None:
    """A line of a megabyte arrives whole, and its progress is told on the way."""
    line = "y" * 1_000_000 + "\n"
    seen = play(
        observer,
        ["client sends", line, "after it\n"],
        ["server reads", len(line) + len("after it\n")],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )
    assert seen[0] == ["server got", line + "after it\n"]
    assert ["SendProgress"] in seen
    assert seen[-1] == LOST


@pytest.mark.points(1)
def test_the_end_is_told_once(observer: Observer) -> None:
    """When the server hangs up, ConnectionLost is the last event, and both threads end."""
    seen = play(
        observer,
        ["server sends", "bye\nunfinished"],
        ["server ends"],
        ["wait for", "ConnectionLost"],
        ["threads end"],
    )
    assert seen == [["LineReceived", "bye"], LOST, ["still running"]]
