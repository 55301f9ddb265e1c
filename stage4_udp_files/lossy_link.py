"""A bad network for one's own machine: passes UDP datagrams on, but not all, and not all in order.

Strategy: each direction of each client is a `LossyDirection`; this program moves datagrams between
those and its sockets. Point a client at it with `--udp-port`.
"""

import argparse
import contextlib
import random
import selectors
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass
from math import inf
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.addresses import explain_listen, format_address, resolve
from stage1_basic.command_line import Parser, UserError, fail, port
from stage4_udp_files.datagrams import Address, DatagramSocket, bound_socket
from stage4_udp_files.lossy_direction import LossyDirection, Trouble
from stage4_udp_files.trains import Train

FORGET_AFTER = 60.0


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


def number(text: str, largest: float) -> float:
    """A number from 0 to `largest`."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= largest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {largest:,g}")
    return value


def percentage(text: str) -> float:
    """A chance from 0 to 1, written as 0 to 100."""
    return number(text.removesuffix("%"), 100) / 100


def milliseconds(text: str) -> float:
    """A time in seconds, written in milliseconds."""
    return number(text, 60_000) / 1000


def megabits(text: str) -> float:
    """A rate in bytes a second, written in Mbit/s; infinite for 0."""
    return number(text, 100_000) * 1e6 / 8 or inf


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser("A UDP relay that behaves like a bad network.")
    for name, help_text in (("listen", "for clients"), ("to", "of the server")):
        parser.add_argument(
            f"--{name}",
            type=port,
            required=True,
            default=argparse.SUPPRESS,
            metavar="PORT",
            help=help_text,
        )
    parser.add_argument("--host", default="127.0.0.1", help="of both; ::1 for IPv6")
    for name, done in (
        ("loss", "lost"),
        ("duplicate", "passed on twice"),
        ("reorder", "held back, so that others overtake them"),
        ("corrupt", "damaged"),
    ):
        help_text = f"datagrams in a hundred that are {done}"
        parser.add_argument(f"--{name}", type=percentage, default="0", metavar="%", help=help_text)
    parser.add_argument(
        "--delay", type=milliseconds, default="0", metavar="MS", help="each way, in milliseconds"
    )
    parser.add_argument(
        "--rate", type=megabits, default="0", metavar="MBIT", help="each way, in Mbit/s; 0: any"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="for the same luck again")
    return parser.parse_args()


def main() -> int:
    """Pass datagrams on until Ctrl-C, then say what has happened to them."""
    arguments = parse_arguments()
    trouble = Trouble(
        loss=arguments.loss,
        duplicate=arguments.duplicate,
        reorder=arguments.reorder,
        corrupt=arguments.corrupt,
        delay=arguments.delay,
        rate=arguments.rate,
    )
    try:
        sock = listening_socket(arguments.host, arguments.listen)
    except UserError as error:
        return fail(str(error))
    here = sock.getsockname()
    server = (here[0], arguments.to, *here[2:])
    link = LossyLink(sock, server, trouble, arguments.seed)
    with contextlib.closing(link), contextlib.suppress(KeyboardInterrupt):
        print(f"Listening on {format_address(here)}, passing on to port {arguments.to}", flush=True)
        while True:
            link.run_once()
    print(", ".join(f"{count} {what}" for what, count in link.counts.items() if count))
    return 0


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket on which clients are heard. Raises UserError."""
    resolve(host, port, socket.SOCK_DGRAM)  # a name that nobody knows is told as such
    try:
        return bound_socket(host, port)
    except OSError as error:
        raise UserError(explain_listen(error, host, port, "UDP port", "--listen")) from error


if __name__ == "__main__":
    sys.exit(main())
