"""One download as the file server sees it: granted, started by the right address, then sent."""

from pathlib import Path

from stage4_udp_files.datagrams import Address
from stage4_udp_files.file_source import FileSource
from stage4_udp_files.hashing import HashJob
from stage4_udp_files.packets import PAYLOAD_SIZE, START, BadPacketError, parse, parse_wish
from stage4_udp_files.sender import Sender
from stage4_udp_files.strategies import chosen_strategy
from stage4_udp_files.trace import Trace

UNUSED_FOR = 30.0
"""Seconds after which a token that nobody has shown is worth nothing any more."""
LARGEST_RECEIVE_WINDOW = 65_536


class Transfer:
    """A file, a token, and the one address that may have it once it has sent a valid START."""

    def __init__(self, token: bytes, path: Path, peer: str, now: float) -> None:
        """`peer` is the IP address that the client has over TCP. Raises OSError."""
        self.token = token
        self.peer = peer
        self.source = FileSource(path)
        self.hash_job = HashJob(self.source)
        self.granted_at = now
        self.address: Address | None = None
        self.sender: Sender | None = None
        self.wake_at = now + UNUSED_FOR

    def is_from_its_client(self, address: Address) -> bool:
        """Whether a datagram from this address may belong to the download."""
        return address == self.address if self.address else same_host(address[0], self.peer)

    # --8<-- [start:start]
    def start(
        self,
        datagram: bytes | memoryview,
        address: Address,
        congestion: str,
        now: float,
        trace: Trace,
    ) -> bool:
        """Take a START: it fixes the address, and sending may begin. False if it is none."""
        try:
            packet = parse(datagram)
            wish = parse_wish(packet.body) if packet.kind == START else None
        except BadPacketError:
            return False
        if wish is None or packet.token != self.token or packet.number > self.source.size:
            return False
        self.address = address
        self.sender = Sender(
            self.token,
            self.source.size,
            self.source.read_into,
            chosen_strategy(wish.congestion, congestion),
            start=packet.number,
            receive_window=min(max(wish.receive_window, 1), LARGEST_RECEIVE_WINDOW),
            now=now,
            trace=trace,
        )
        return True

    # --8<-- [end:start]

    @property
    def sent_up_to(self) -> int:
        """The file position up to which everything has been sent at least once (bytes)."""
        if self.sender is None:
            return 0
        position = self.sender.start + self.sender.scoreboard.next_number * PAYLOAD_SIZE
        return min(position, self.source.size)

    def close(self) -> None:
        self.source.close()


def same_host(one: str, other: str) -> bool:
    """Whether two IP addresses are the same, however they are written (`::ffff:127.0.0.1`)."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> str:
    return address.partition("%")[0].lower().removeprefix("::ffff:")
