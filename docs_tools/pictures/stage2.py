"""Stage 2: names, a window beside a network, a session with two faces."""

from collections.abc import Callable

from docs_tools.drawings import Box, Link, boxes


def identity() -> str:
    """Two tables know who is who."""
    return boxes(
        "A name is claimed in one step: look it up, enter it, answer, announce",
        {
            "claim": Box(0, 0.5, ["NICK:ALICE", "from Ben's connection"]),
            "key": Box(1.05, 0.5, ["key: alice", "one for all spellings"], "note", 160),
            "taken": Box(2.2, 0, ["taken?", "ERROR:NICK: …"], "loss"),
            "free": Box(2.2, 1, ["free?", "NICK_OK, JOINED"], "answer"),
        },
        [
            Link("claim", "key", ""),
            Link("key", "taken", "", "loss"),
            Link("key", "free", "", "answer"),
        ],
    )


def window_threads() -> str:
    """Network threads, a queue, and Tk's own thread."""
    return boxes(
        "The network's threads put events into a queue; Tk's thread empties it 50 times a second",
        {
            "network": Box(0, 0, ["receive thread", "waits in recv()"]),
            "queue": Box(1.1, 0, ["queue of events", "any thread may put"], "note"),
            "tk": Box(2.2, 0, ["Tk's thread", "after(20, …): take out"], "answer", 165),
            "send": Box(0, 1, ["send thread", "waits in send()"]),
            "outgoing": Box(1.1, 1, ["queue of lines", "put never waits"], "note"),
            "click": Box(2.2, 1, ["a click, Enter", "only puts"], "answer", 165),
        },
        [
            Link("network", "queue", "put"),
            Link("queue", "tk", "get", "answer"),
            Link("click", "outgoing", "put"),
            Link("outgoing", "send", "get", "answer"),
        ],
    )


def session_and_faces() -> str:
    """One session, two faces."""
    return boxes(
        "The session knows the protocol, a face knows the screen; they meet in methods and events",
        {
            "window": Box(0, 0, ["window", "tkinter"], "answer"),
            "console": Box(0, 1, ["console", "terminal or pipe"], "answer"),
            "session": Box(1.3, 0.5, ["session", "who am I, who is here?"], "note", 170),
            "wire": Box(2.5, 0.5, ["connection", "lines of the protocol"], "", 160),
        },
        [
            Link("window", "session", "say, connect…", "answer"),
            Link("console", "session", "events", "answer"),
            Link("session", "wire", "lines"),
        ],
    )


PICTURES: list[Callable[[], str]] = [identity, window_threads, session_and_faces]
