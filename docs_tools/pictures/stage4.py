"""Stage 4: datagrams, packets, acknowledgements, the window."""

from collections.abc import Callable

from docs_tools.drawings import Cell, Remark, Row, Say, sequence, strip


def packet_layout() -> str:
    """The fields of a packet, to scale up to the body."""
    fields = [("checksum", 4), ("kind", 1), ("rep", 1), ("–", 2), ("token", 8)]
    rest = [("number", 8), ("timestamp", 8)]
    body = Cell("body: 0 to 1,400 bytes", "answer", 328)
    return strip(
        "A packet: 32 bytes of header, then the body",
        [
            Row("bytes 0–15", [Cell(name, width=max(size * 24, 42)) for name, size in fields]),
            Row("bytes 16–31", [Cell(name, width=size * 27) for name, size in rest]),
            Row("from byte 32", [body]),
        ],
    )


def ack_ranges() -> str:
    """What an ACK with ranges says."""
    arrived = [Cell(str(number), "answer", 40) for number in range(4)]
    missing = [Cell("4", "loss", 40)]
    early = [Cell(str(number), "answer", 40) for number in (5, 6)]
    also_missing = [Cell("7", "loss", 40)]
    last = [Cell("8", "answer", 40)]
    return strip(
        "Packets 0 to 3, 5, 6 and 8 have arrived: the ACK says number 4, ranges 5 to 7 and 8 to 9",
        [
            Row(
                "has arrived",
                [*arrived, *missing, *early, *also_missing, *last],
                "ACK: number = 4, ranges = (5, 7) and (8, 9); each range: first, one past the last",
            )
        ],
    )


def datagrams() -> str:
    """What may happen to datagrams."""
    return sequence(
        "Datagrams get lost, overtake each other, arrive twice",
        ["server", "client"],
        [
            Say("server", "client", "DATA 0"),
            Say("server", "client", "DATA 1", lost=True),
            Say("server", "client", "DATA 2"),
            Say("server", "client", "DATA 2 again: the network has doubled it", "note"),
        ],
    )


def stop_and_wait() -> str:
    """One packet, one answer."""
    return sequence(
        "Stop-and-wait: send one packet, wait for its ACK; after a timeout send it again",
        ["server", "client"],
        [
            Say("server", "client", "DATA 0"),
            Say("client", "server", "ACK: all below 1", "answer"),
            Say("server", "client", "DATA 1", lost=True),
            Remark("server", "silence … timeout"),
            Say("server", "client", "DATA 1"),
            Say("client", "server", "ACK: all below 2", "answer"),
        ],
    )


def fast_retransmit() -> str:
    """A gap is seen from later answers."""
    return sequence(
        "Packet 1 is lost; three later packets that have arrived tell the server of it",
        ["server", "client"],
        [
            Say("server", "client", "DATA 0"),
            Say("server", "client", "DATA 1", lost=True),
            Say("server", "client", "DATA 2"),
            Say("server", "client", "DATA 3"),
            Say("server", "client", "DATA 4"),
            Say("client", "server", "ACK: all below 1, and 2 to 4", "answer"),
            Remark("server", "three after it have arrived: 1 is lost"),
            Say("server", "client", "DATA 1", "note"),
            Say("client", "server", "ACK: all below 5", "answer"),
        ],
    )


def sliding_window() -> str:
    """The window over the numbers."""
    done = [Cell(str(number), "answer", 36) for number in range(4)]
    flying = [Cell(str(number), "data", 36) for number in range(4, 10)]
    later = [Cell(str(number), "line", 36) for number in range(10, 14)]
    return strip(
        "A window of 6: packets 4 to 9 are under way; when 4 is acknowledged, 10 may leave",
        [
            Row(
                "packets",
                [*done, Cell("4", "data", 36, gap=12), *flying[1:], *[later[0]], *later[1:]],
                "green: acknowledged; filled blue: under way (the window); empty: not sent yet",
            )
        ],
    )


def download_start() -> str:
    """From TCP to UDP and back."""
    return sequence(
        "A download is asked for over TCP and fetched over UDP",
        ["client", "server"],
        [
            Say("client", "server", "TCP  DOWNLOAD:lecture.pdf"),
            Say("server", "client", "TCP  DOWNLOAD_READY: token, port, size", "answer"),
            Say("client", "server", "UDP  START: token, first byte"),
            Say("server", "client", "UDP  DATA 0, 1, 2 …", "answer"),
            Say("client", "server", "UDP  ACK …"),
            Say("server", "client", "UDP  FIN: SHA-256 of the file", "answer"),
            Say("client", "server", "UDP  ACK"),
            Remark("client", "compare the hash, give the file its name"),
        ],
    )


PICTURES: list[Callable[[], str]] = [
    packet_layout,
    ack_ranges,
    datagrams,
    stop_and_wait,
    fast_retransmit,
    sliding_window,
    download_start,
]
