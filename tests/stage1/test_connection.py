"""The client's connection alone: a pair of sockets, the server's end played by the test."""

from typing import Any

import pytest

from tests.stage1 import observations_client
from tests.support.compare import expect_same, plain
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


def told(what: list[Any]) -> str:
    """What was seen, in words."""
    return " ".join([str(what[0]), *(plain(text) for text in what[1:])])


def expect(
    observer: Observer, expected: list[list[Any]], *script: list[Any], **options: Any
) -> None:
    """This is seen while the test plays the server."""
    __tracebackhide__ = True
    done = [told(step) for step in script]
    expect_same(expected, play(observer, *script, **options), *done, show=told)


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
    expect(
        observer,
        [["server got", "".join(lines)]],
        ["client sends", *lines],
        ["server reads", len("".join(lines))],
        ["server ends"],
    )


@pytest.mark.points(2)
def test_what_comes_is_told(observer: Observer) -> None:
    """Each line, a long one too, becomes one LineReceived, however the bytes are cut."""
    expect(
        observer,
        [*(["LineReceived", text] for text in ("one", "two", "three", "x" * 100_000)), LOST],
        ["server sends", "one\ntw"],
        ["server sends", "o\r\nthree\n"],
        ["server sends", "x" * 100_000 + "\n"],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )


@pytest.mark.points(1)
def test_a_ping_is_answered(observer: Observer) -> None:
    """`ping`, and no other line, is answered with `pong`, and not handed on."""
    expect(
        observer,
        [["server got", "pong\n"], ["LineReceived", "pings"], LOST],
        ["server sends", "ping\npings\n"],
        ["server reads", len("pong\n")],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )


@pytest.mark.points(1)
def test_finishing_sends_what_is_queued(observer: Observer) -> None:
    """After `finish` everything that was queued still leaves, then the stream ends."""
    line = "x" * 50_000 + "\n"
    expect(
        observer,
        [["server got", line + line], ["the end"], LOST],
        ["client sends", line, line],
        ["client finishes"],
        ["server reads", 2 * len(line)],
        ["server reads to the end"],
        ["server ends"],
        ["wait for", "ConnectionLost"],
    )


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
    without_progress = [what for what in seen if what != ["SendProgress"]]
    done = f"client sends a line of {len(line):,} bytes, and 'after it\\n'"
    expected = [["server got", line + "after it\n"], LOST]
    expect_same(expected, without_progress, done, show=told)
    assert ["SendProgress"] in seen, "no SendProgress was told while the long line was sent"


@pytest.mark.points(1)
def test_a_server_that_vanishes(observer: Observer) -> None:
    """The server is gone in the middle of a long line: that is told once, and both threads end."""
    seen = play(
        observer,
        ["client sends", "z" * 5_000_000 + "\n"],
        ["server vanishes"],
        ["wait for", "ConnectionLost"],
        ["threads end"],
    )
    without_progress = [what for what in seen if what != ["SendProgress"]]
    done = "the server goes away while the client sends a line of 5,000,000 bytes"
    expect_same([LOST, ["still running"]], without_progress, done, show=told)


@pytest.mark.points(1)
def test_the_end_is_told_once(observer: Observer) -> None:
    """When the server hangs up, ConnectionLost is the last event, and both threads end."""
    expect(
        observer,
        [["LineReceived", "bye"], LOST, ["still running"]],
        ["server sends", "bye\nunfinished"],
        ["server ends"],
        ["wait for", "ConnectionLost"],
        ["threads end"],
    )
