"""Stage 1: streams, framing, threads, the event loop, endings."""

from collections.abc import Callable

from docs_tools.drawings import Box, Cell, Link, Remark, Row, Say, boxes, sequence, strip


def stream_not_messages() -> str:
    """Two sends, and three ways in which they may arrive."""
    return strip(
        "What is sent as two messages may arrive as one, as two, or as three pieces",
        [
            Row("Ann sends", [Cell("How are you?"), Cell("Are you there?", gap=14)]),
            Row("may arrive as", [Cell("How are you?Are you there?", "answer")]),
            Row(
                "or as",
                [
                    Cell("How a", "answer"),
                    Cell("re you?Are yo", "answer", gap=14),
                    Cell("u there?", "answer", gap=14),
                ],
                "each box: what one recv returns",
            ),
        ],
    )


def framing() -> str:
    """Where a message ends: at the newline byte."""
    newline = "\\n"
    return strip(
        "Each message ends with a newline byte, so the pieces can be put together again",
        [
            Row(
                "on the wire",
                [
                    Cell("How are you?"),
                    Cell(newline, "note"),
                    Cell("Are you there?"),
                    Cell(newline, "note"),
                ],
            ),
            Row(
                "pieces",
                [
                    Cell("How a", "answer"),
                    Cell(f"re you?{newline}Are yo", "answer", gap=14),
                    Cell(f"u there?{newline}", "answer", gap=14),
                ],
            ),
            Row(
                "lines handed out",
                [Cell("How are you?", gap=77), Cell("Are you there?", gap=120)],
                "a line is handed out by the piece that brings its newline",
            ),
        ],
    )


def letter() -> str:
    """A letter of two bytes, cut in two."""
    return strip(
        "The letter ü is two bytes; a cut between them leaves two halves that mean nothing",
        [
            Row("text", [Cell("f", width=50), Cell("ü", width=100), Cell("r", width=50)]),
            Row(
                "bytes",
                [
                    Cell("66", "answer", 50),
                    Cell("C3", "answer", 50),
                    Cell("BC", "answer", 50, gap=24),
                    Cell("72", "answer", 50),
                ],
                "decode the whole line, never a piece of it",
            ),
        ],
    )


def client_threads() -> str:
    """The client's threads and its one queue."""
    return boxes(
        "Two threads wait and put events into one queue; the main thread takes them out",
        {
            "keyboard": Box(0, 0, ["keyboard thread", "waits in input()"]),
            "network": Box(0, 1, ["receive thread", "waits in recv()"]),
            "queue": Box(1, 0.5, ["one queue", "typed · received · lost"], "note", 170),
            "main": Box(2.1, 0.5, ["main thread", "does everything else"], "answer", 170),
        },
        [
            Link("keyboard", "queue", "put"),
            Link("network", "queue", "put"),
            Link("queue", "main", "get", "answer"),
        ],
    )


def room_and_engine() -> str:
    """The engine moves bytes, the room decides."""
    return boxes(
        "The engine moves bytes between sockets and the room; the room decides what a line means",
        {
            "sockets": Box(0, 0, ["sockets", "pieces of bytes"]),
            "engine": Box(1.15, 0, ["engine", "reads, frames, queues"], "note", 160),
            "room": Box(2.4, 0, ["room", "who is here, what it means"], "answer", 190),
            "send": Box(2.4, 1, ["client.send(line)", "client.close(why)"], "line", 190),
            "flush": Box(1.15, 1, ["a queue", "for each client"], "line", 160),
        },
        [
            Link("sockets", "engine", "recv"),
            Link("engine", "room", "lines"),
            Link("room", "send", "", "answer"),
            Link("send", "flush", "", "answer"),
            Link("flush", "sockets", "send", "answer"),
        ],
    )


def slow_client() -> str:
    """One queue for each client."""
    return boxes(
        "Each client has a queue of its own: a sleeping one fills only its own queue",
        {
            "room": Box(0, 0.5, ["room", "send() only queues"], "answer"),
            "ann": Box(1.1, 0, ["Ann's queue", "empty"], "note"),
            "sleeper": Box(1.1, 1, ["Sleeper's queue", "31 MiB and growing"], "loss", 160),
            "ann2": Box(2.2, 0, ["Ann", "reads"]),
            "sleeper2": Box(2.2, 1, ["Sleeper", "does not read"], "loss"),
        },
        [
            Link("room", "ann", "", "answer"),
            Link("room", "sleeper", "", "answer"),
            Link("ann", "ann2", "", "answer"),
            Link("sleeper", "sleeper2", "stuck", "loss", "5 4"),
        ],
    )


def naive_slow() -> str:
    """The naive broadcast, stuck at a client that does not read."""
    return boxes(
        "The naive broadcast goes from client to client and waits for each: one sleeper stops it",
        {
            "thread": Box(0, 0.5, ["Ann's thread", "for client in clients:"], "", 170),
            "sleeper": Box(1.3, 0, ["Sleeper", "does not read"], "loss"),
            "ben": Box(1.3, 1, ["Ben", "waits, and never hears it"]),
        },
        [
            Link("thread", "sleeper", "sendall() waits…", "loss"),
            Link("thread", "ben", "never reached", "line", "4 4"),
        ],
    )


def event_loop() -> str:
    """A turn of the loop."""
    return boxes(
        "One turn of the event loop: wait, read what is there, let the room decide, send",
        {
            "select": Box(0, 0, ["1 select()", "who is ready?"], "note"),
            "read": Box(1.1, 0, ["2 read", "only what is there"]),
            "room": Box(2.2, 0, ["3 room", "queues answers"], "answer"),
            "flush": Box(2.2, 1, ["4 flush", "one send() a client"]),
            "again": Box(0, 1, ["and again", "nobody was waited for"], "line", 160),
        },
        [
            Link("select", "read"),
            Link("read", "room", "lines"),
            Link("room", "flush"),
            Link("flush", "again"),
            Link("again", "select"),
        ],
    )


def two_threads() -> str:
    """The classic: two threads a client and a lock around the room."""
    return boxes(
        "Two threads for each client, and a lock: one thread at a time may enter the room",
        {
            "reader": Box(0, 0, ["Ann's reader", "waits in recv()"]),
            "reader2": Box(0, 1, ["Ben's reader", "waits for the lock"]),
            "room": Box(1.25, 0.5, ["room", "behind a lock"], "answer"),
            "writer": Box(2.4, 0, ["Ann's writer", "waits in send()"]),
            "writer2": Box(2.4, 1, ["Ben's writer", "waits for its queue"]),
        },
        [
            Link("reader", "room", "lines"),
            Link("reader2", "room", "", "line", "4 4"),
            Link("room", "writer", "queue", "answer"),
            Link("room", "writer2", "queue", "answer"),
        ],
    )


def reset_destroys() -> str:
    """Closing while input is unread."""
    return sequence(
        "Closing a socket with unread input sends a reset, and a reset destroys the last words",
        ["client", "server"],
        [
            Say("client", "server", "a line that is far too long"),
            Say("server", "client", "ERROR:line too long", "answer"),
            Remark("server", "close() with unread input"),
            Say("server", "client", "reset!", "loss"),
            Remark("client", "the reset throws the ERROR away, unread"),
        ],
    )


def reset_avoided() -> str:
    """The close that lets the last words arrive."""
    return sequence(
        "Shut down writing, keep reading for a second, then close: the last words arrive",
        ["client", "server"],
        [
            Say("client", "server", "a line that is far too long"),
            Say("server", "client", "ERROR:line too long", "answer"),
            Say("server", "client", "end of stream", "answer"),
            Remark("server", "reads on, and throws it away, at most 1 s"),
            Say("client", "server", "end of stream"),
            Remark("server", "close()"),
        ],
    )


def silence() -> str:
    """A client that vanished without a word."""
    return sequence(
        "Whoever vanishes without a word no longer answers pings",
        ["client", "server"],
        [
            Say("server", "client", "ping", "answer"),
            Say("client", "server", "pong"),
            Remark("client", "its cable is pulled out"),
            Say("server", "client", "ping", "answer", lost=True),
            Say("server", "client", "ping", "answer", lost=True),
            Say("server", "client", "ping", "answer", lost=True),
            Remark("server", "three intervals without a byte: gone"),
        ],
    )


PICTURES: list[Callable[[], str]] = [
    stream_not_messages,
    framing,
    letter,
    client_threads,
    room_and_engine,
    slow_client,
    naive_slow,
    event_loop,
    two_threads,
    reset_destroys,
    reset_avoided,
    silence,
]
