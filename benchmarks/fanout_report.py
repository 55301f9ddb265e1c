"""The figures of fanout.py, gathered round by round, and the tables that are made of them."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.chat_servers import LOOP, NCAT, NGIRCD, SERVERS
from benchmarks.measure import machine, table


@dataclass(frozen=True, slots=True)
class Cell:
    """One server with so many clients, in one round.

    p50, p99: seconds until the last client has one message. The shares of the processors (0 to 1)
    are those during the flood.
    """

    per_second: float
    named_share: float  # deliveries with their sender's name, of all
    p50: float
    p99: float
    server_cpu: float
    load_cpu: float

    def __str__(self) -> str:
        return (
            f"{self.per_second / 1e6:.2f} M/s, last {self.p50 * 1e3:.2f} / {self.p99 * 1e3:.2f} ms,"
            f" server {self.server_cpu:.0%}, load {self.load_cpu:.0%}"
        )


class Report:
    """All rounds: `sizes` are the clients in a room."""

    def __init__(self, sizes: Sequence[int], senders: int, in_flight: int, command: str) -> None:
        self.sizes = sizes
        self.senders, self.in_flight, self.command = senders, in_flight, command
        self.cells: dict[str, dict[int, list[Cell]]] = {}
        self.never_reading: list[float] = []  # deliveries with it / without it
        self.many: dict[str, float] = {}

    def add(self, server: str, size: int, cell: Cell) -> None:
        """Take one round's figures."""
        self.cells.setdefault(server, {}).setdefault(size, []).append(cell)

    def median(self, server: str, size: int, figure: str) -> float | None:
        """The median of one figure over all rounds; None where it could not be measured."""
        cells = self.cells.get(server, {}).get(size, [])
        return statistics.median(getattr(cell, figure) for cell in cells) if cells else None

    def results(self) -> dict[str, Any]:
        """Everything, for the JSON file."""
        return {
            "command": self.command,
            "senders": self.senders,
            "in_flight": self.in_flight,
            "rooms": {
                server: {str(size): [asdict(cell) for cell in cells] for size, cells in row.items()}
                for server, row in self.cells.items()
            },
            "one_never_reads": self.never_reading,
            "many": self.many,
        }

    def text(self) -> str:
        """The section of the page."""
        parts = [
            f"### Chat fan-out\n`{self.command}`. {machine()}",
            f"One message goes to everyone else in the room. {self.senders} clients send without a "
            f"pause, 64 bytes a message, each at most {self.in_flight} messages ahead of the last "
            "receiver; what its window lets go, leaves with one write. Before that, everybody in "
            "turn says one thing in a quiet room, and the time counts until the last one has it. "
            "The server is pinned to one processor, the load to the other; our log goes to a file. "
            f"Medians of {self._rounds()} interleaved rounds.",
            self._rooms_table(),
            self._notes(),
            self._ratios_table(),
            self._ground_table(),
        ]
        return "\n\n".join(part for part in parts if part)

    def _rounds(self) -> int:
        return max((len(cells) for row in self.cells.values() for cells in row.values()), default=0)

    def _rooms_table(self) -> str:
        large = [size for size in self.sizes if size >= 100]
        headers = [
            "server",
            *(f"{size} clients, deliveries/s" for size in self.sizes),
            *(f"one message to the last of {size}: p50 / p99" for size in large),
        ]
        rows = [
            [
                server.title,
                *(self._millions(name, size) for size in self.sizes),
                *(self._latency(name, size) for size in large),
            ]
            for name, server in SERVERS.items()
            if name in self.cells
        ]
        return table(headers, rows)

    def _millions(self, server: str, size: int) -> str | None:
        found = self.median(server, size, "per_second")
        return None if found is None else f"{found / 1e6:.2f} M"

    def _latency(self, server: str, size: int) -> str | None:
        p50, p99 = self.median(server, size, "p50"), self.median(server, size, "p99")
        return None if p50 is None or p99 is None else f"{p50 * 1e3:.2f} / {p99 * 1e3:.1f} ms"

    def _notes(self) -> str:
        notes = [
            "The last row is no chat server: it answers as many ready-made lines as it reads, and "
            "shows how much the load can take. Beside our servers the load was busy for at most "
            f"{self._busiest_load():.0%} of its processor."
        ]
        if (named := self.median(NCAT.name, 100, "named_share")) is not None:
            notes.append(
                "`ncat --chat` relays what one read returned as one piece, with the sender's name "
                f"before its first line only: of its deliveries to 100, {named:.0%} say who wrote "
                "them; all are counted. It and ngircd let small pieces wait up to 40 ms for an "
                "acknowledgement (Nagle's algorithm), now often, now rarely."
            )
        return " ".join(notes)

    def _busiest_load(self) -> float:
        ours = [self.cells.get(name, {}) for name in ("loop", "threads")]
        return max(
            (cell.load_cpu for row in ours for cells in row.values() for cell in cells), default=0.0
        )

    def _ratios_table(self) -> str:
        rows = [
            [f"{size} clients", *(self._ratio(peer.name, size) for peer in (NCAT, NGIRCD))]
            for size in self.sizes
        ]
        headers = ["deliveries/s, our event loop ÷", "`ncat --chat`", "ngircd"]
        return table(headers, rows) if LOOP.name in self.cells else ""

    def _ratio(self, peer: str, size: int) -> str | None:
        """Our deliveries divided by a peer's, round by round; the median and its range."""
        pairs = zip(
            self.cells[LOOP.name].get(size, []),
            self.cells.get(peer, {}).get(size, []),
            strict=False,
        )
        found = sorted(ours.per_second / theirs.per_second for ours, theirs in pairs)
        if not found:
            return None
        return f"{statistics.median(found):.2f} × ({found[0]:.2f} to {found[-1]:.2f})"

    def _ground_table(self) -> str:
        rows: list[list[object]] = []
        if self.never_reading:
            share = statistics.median(self.never_reading)
            rows.append(["100 clients chat while one more never reads", f"{share:.0%} of without"])
        if many := self.many:
            rows += [
                [f"{many['clients']:,.0f} clients: resident memory", f"{many['rss_mb']:.0f} MB"],
                ["… its peak, arrivals included", f"{many['peak_rss_mb']:.0f} MB"],
                ["… idle, all pings answered", f"{many['idle_cpu']:.1%} of one core"],
                ["… one message to the last of them", f"{many['broadcast_p50_ms']:.0f} ms"],
            ]
        return table(["our event loop, alone", "found"], rows) if rows else ""
