"""A bad network for one's own machine: passes UDP datagrams on, but not all, and not all in order.

Strategy: each direction of each client is a `LossyDirection`, which knows no socket and no clock:
datagrams go in, and come out when they are due, perhaps late, twice, damaged or never. Chance comes
from a seed, so a run can be repeated. Point a client at it with `--udp-port`.
"""

import argparse
import contextlib
import heapq
import random
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage4_udp_files.datagrams import Address, DatagramSocket
from stage4_udp_files.trains import Train

QUEUE_TIME = 0.25
"""Seconds of sending at the full rate that fit the queue in front of a link with a rate."""
LATE_BY = 0.02
"""Seconds at most by which a reordered datagram is held back."""
FORGET_AFTER = 60.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """How bad a link is: chances from 0 to 1, `delay` in seconds, `rate` in bytes a second."""

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    delay: float = 0.0
    rate: float = inf


class LossyDirection:
    """One direction of a bad link. Times are seconds of any steady clock."""

    def __init__(self, trouble: Trouble, chance: random.Random, counts: Counter[str]) -> None:
        """`counts` is where what happens is counted."""
        self.counts = counts
        self._trouble = trouble
        self._chance = chance
        self._under_way: list[tuple[float, int, bytes]] = []
        self._entered = 0
        self._free_at = 0.0  # when the last datagram will have left the queue

    def enter(self, datagram: bytes, now: float) -> None:
        """A datagram enters the link."""
        self.counts["entered"] += 1
        trouble, happens = self._trouble, self._happens
        if happens("lost", trouble.loss) or self._is_queue_full(now):
            return
        if happens("corrupted", trouble.corrupt):
            datagram = self._corrupted(datagram)
        self._free_at = max(self._free_at, now) + len(datagram) / trouble.rate
        due = self._free_at + trouble.delay
        if happens("reordered", trouble.reorder):
            due += LATE_BY * self._chance.random()
        for _ in range(2 if happens("duplicated", trouble.duplicate) else 1):
            self._entered += 1
            heapq.heappush(self._under_way, (due, self._entered, datagram))

    def _happens(self, what: str, probability: float) -> bool:
        """Throw the dice, and count."""
        happens = self._chance.random() < probability
        self.counts[what] += happens
        return happens

    def _is_queue_full(self, now: float) -> bool:
        is_full = self._free_at - now > QUEUE_TIME
        self.counts["dropped from a full queue"] += is_full
        return is_full

    def _corrupted(self, datagram: bytes) -> bytes:
        """The datagram with one bit turned over."""
        if not datagram:
            return datagram
        damaged = bytearray(datagram)
        damaged[self._chance.randrange(len(damaged))] ^= 1 << self._chance.randrange(8)
        return bytes(damaged)

    def due(self, now: float) -> Iterator[bytes]:
        """The datagrams that have reached the other end by now."""
        while self._under_way and self._under_way[0][0] <= now:
            yield heapq.heappop(self._under_way)[2]

    def next_timer(self) -> float:
        """When the next datagram is due; infinite when none is under way."""
        return self._under_way[0][0] if self._under_way else inf


@dataclass(slots=True)
class Client:
    """One client of the link, with a socket to the server of its own, so that answers find back."""

    address: Address
    server_side: DatagramSocket
    forth: LossyDirection
    back: LossyDirection
    last_heard: float


class LossyLink:
    """Passes datagrams between any number of clients and one server."""

    def __init__(self, sock: socket.socket, server: Address, trouble: Trouble, seed: int) -> None:
        """Takes over a bound socket, on which the clients are heard."""
        self.counts: Counter[str] = Counter()
        self._client_side = DatagramSocket(sock)
        self._server = server
        self._trouble = trouble
        self._chance = random.Random(seed)
        self._clients: dict[Address, Client] = {}
        self._selector = selectors.SelectSelector()
        self._selector.register(sock, selectors.EVENT_READ)

    def run_once(self) -> None:
        """Wait until something happens, a second at most, and pass on what is due."""
        directions = [
            way for client in self._clients.values() for way in (client.forth, client.back)
        ]
        due = min((way.next_timer() for way in directions), default=inf)
        self._selector.select(min(max(due - time.monotonic(), 0), 1.0))
        now = time.monotonic()
        self._take_from_clients(now)
        for client in list(self._clients.values()):
            self._take_from_server(client, now)
            for datagram in client.forth.due(now):
                client.server_side.send(Train(datagram, max(len(datagram), 1)))
            for datagram in client.back.due(now):
                self._client_side.send(Train(datagram, max(len(datagram), 1)), client.address)
            if now > client.last_heard + FORGET_AFTER:
                self._forget(client)

    def _take_from_clients(self, now: float) -> None:
        self._client_side.flush()
        while received := self._client_side.receive():
            train, address = received
            client = self._clients.get(address) or self._meet(address, now)
            client.last_heard = now
            for datagram in train:
                client.forth.enter(bytes(datagram), now)

    def _take_from_server(self, client: Client, now: float) -> None:
        client.server_side.flush()
        while received := client.server_side.receive():
            for datagram in received[0]:
                client.back.enter(bytes(datagram), now)

    def _meet(self, address: Address, now: float) -> Client:
        """Make room for a client that was never heard before."""
        forth = LossyDirection(self._trouble, self._chance, self.counts)
        back = LossyDirection(self._trouble, self._chance, self.counts)
        sock = socket.socket(self._client_side.sock.family, socket.SOCK_DGRAM)
        sock.connect(self._server)
        client = Client(address, DatagramSocket(sock), forth, back, now)
        self._clients[address] = client
        self._selector.register(client.server_side.sock, selectors.EVENT_READ)
        return client

    def _forget(self, client: Client) -> None:
        self._selector.unregister(client.server_side.sock)
        client.server_side.close()
        del self._clients[client.address]

    def close(self) -> None:
        """Close all sockets."""
        for client in list(self._clients.values()):
            self._forget(client)
        self._selector.close()
        self._client_side.close()


def percentage(text: str) -> float:
    """A chance from 0 to 1, written as 0 to 100."""
    value = float(text.removesuffix("%"))
    if not 0 <= value <= 100:
        raise ValueError
    return value / 100


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A UDP relay that behaves like a bad network.")
    parser.add_argument("--listen", type=int, required=True, metavar="PORT", help="for clients")
    parser.add_argument("--to", type=int, required=True, metavar="PORT", help="of the server")
    parser.add_argument("--host", default="127.0.0.1", help="of both; ::1 for IPv6")
    for name in ("loss", "duplicate", "reorder", "corrupt"):
        parser.add_argument(f"--{name}", type=percentage, default=0.0, metavar="%")
    parser.add_argument("--delay", type=float, default=0.0, metavar="MS", help="each way")
    parser.add_argument("--rate", type=float, metavar="MBIT", help="each way, in Mbit/s")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="for the same luck again")
    return parser.parse_args(arguments)


def main() -> int:
    """Pass datagrams on until Ctrl-C, then say what has happened to them."""
    arguments = parse_arguments(None)
    trouble = Trouble(
        loss=arguments.loss,
        duplicate=arguments.duplicate,
        reorder=arguments.reorder,
        corrupt=arguments.corrupt,
        delay=arguments.delay / 1000,
        rate=arguments.rate * 1e6 / 8 if arguments.rate else inf,
    )
    try:
        sock, server = bound_socket(arguments.host, arguments.listen, arguments.to)
    except OSError as error:
        print(f"Can't listen on {arguments.host}:{arguments.listen}: {error.strerror or error}")
        return 1
    link = LossyLink(sock, server, trouble, arguments.seed)
    with contextlib.closing(link), contextlib.suppress(KeyboardInterrupt):
        port = sock.getsockname()[1]
        print(
            f"Listening on {arguments.host}:{port}, passing on to port {arguments.to}", flush=True
        )
        while True:
            link.run_once()
    print(", ".join(f"{count} {what}" for what, count in link.counts.items() if count))
    return 0


def bound_socket(host: str, port: int, server_port: int) -> tuple[socket.socket, Address]:
    """A socket on which clients are heard, and the server's address. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock, (address[0], server_port, *address[2:])


if __name__ == "__main__":
    sys.exit(main())
