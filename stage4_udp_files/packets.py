"""The packets of a download: how they are laid out, built and checked.

Every packet begins with the same 32 bytes, numbers in network byte order; the body follows:

| at | bytes | field     | meaning                                                                |
|----|-------|-----------|------------------------------------------------------------------------|
| 0  | 4     | checksum  | CRC-32 of all the bytes after it                                       |
| 4  | 1     | kind      | START 1, DATA 2, FIN 3, ACK 4                                          |
| 5  | 1     | repeat    | 1 if this packet was sent before (only for statistics)                 |
| 6  | 2     | reserved  | 0; whoever receives it looks at nothing here                           |
| 8  | 8     | token     | the secret of this download, from `DOWNLOAD_READY`                     |
| 16 | 8     | number    | DATA, FIN: its sequence number. ACK: the next number expected.         |
|    |       |           | START: the first byte of the file that is wanted                       |
| 24 | 8     | timestamp | when it was sent, in microseconds of the sender's clock;               |
|    |       |           | in an ACK that of the newest packet it answers, given back             |
| 32 | …     | body      | START: see `StartWish`. DATA: up to 1,400 bytes of the file.           |
|    |       |           | FIN: SHA-256 of the whole file, or nothing while it is being made.     |
|    |       |           | ACK: ranges, 8 bytes each                                              |

DATA packet n carries the 1,400 bytes from `first byte wanted + n × 1,400` on; only the last one may
be shorter, and FIN has the number after it. Numbers have 64 bits: they never wrap. An ACK says
"everything below `number` has arrived", and its ranges say what has arrived above that: pairs of
4-byte distances from `number`, first and one past the last (SACK, RFC 2018). A START is as long as
the longest packet: so nobody gets more bytes out of a server than he has sent in.
"""

import struct
import zlib
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

PAYLOAD_SIZE = 1400
HEADER_SIZE = 32
DATAGRAM_SIZE = HEADER_SIZE + PAYLOAD_SIZE
"""The longest packet. With 48 bytes of IPv6 and UDP header it fits any path of 1,500 bytes."""
TOKEN_SIZE = 8
DIGEST_SIZE = 32
MOST_RANGES = 160
"""So many ranges fit an ACK; if there are more, the lowest are listed: they are mended first."""

CHECKSUM = struct.Struct("!I")
FIELDS = struct.Struct("!BB2x8sQQ")
HEADER = struct.Struct("!IBB2x8sQQ")
WISH = struct.Struct("!I16s")
RANGE = struct.Struct("!II")
LARGEST_NUMBER = 2**64 - 1


START, DATA, FIN, ACK = 1, 2, 3, 4
KIND_NAMES = {START: "START", DATA: "DATA", FIN: "FIN", ACK: "ACK"}


class Packet(NamedTuple):
    """One packet without its checksum; `body` lies in the datagram it came in."""

    kind: int
    token: bytes
    number: int
    timestamp: int
    body: bytes | memoryview
    repeat: int = 0


class BadPacketError(ValueError):
    """These bytes are not a packet; the message says why. The right answer is none at all."""


# --8<-- [start:encode]
def encode(packet: Packet) -> bytes:
    """Build the datagram: header fields and body, then the checksum of both in front of them."""
    kind, token, number, timestamp, body, repeat = packet
    checked = FIELDS.pack(kind, repeat, token, number, timestamp) + body
    return CHECKSUM.pack(zlib.crc32(checked)) + checked


# --8<-- [end:encode]


# --8<-- [start:parse]
def parse(datagram: bytes | memoryview) -> Packet:
    """Take a datagram apart. Raises BadPacketError for anything that `encode` can't have made."""
    if len(datagram) < HEADER_SIZE:
        raise BadPacketError("shorter than a header")
    checksum, kind, repeat, token, number, timestamp = HEADER.unpack_from(datagram)
    if zlib.crc32(datagram[4:]) != checksum:
        raise BadPacketError("wrong checksum: damaged on the way, or not ours")
    return Packet(kind, token, number, timestamp, datagram[HEADER_SIZE:], repeat)


# --8<-- [end:parse]


def token_of(datagram: bytes | memoryview) -> bytes:
    """The token of a datagram that nobody has checked yet: whose it claims to be."""
    return bytes(datagram[8 : 8 + TOKEN_SIZE])


class StartWish(NamedTuple):
    """What START says beside its number. `receive_window` is in packets; `congestion` a name."""

    receive_window: int
    congestion: str


def encode_wish(wish: StartWish) -> bytes:
    """START's body, filled up with zeros to the longest packet."""
    body = WISH.pack(wish.receive_window, wish.congestion.encode("ascii"))
    return body.ljust(PAYLOAD_SIZE, b"\0")


def parse_wish(body: bytes | memoryview) -> StartWish:
    """Read START's body. Raises BadPacketError when it is too short or no text."""
    if len(body) != PAYLOAD_SIZE:
        raise BadPacketError("START of a wrong length")
    receive_window, name = WISH.unpack_from(body)
    try:
        return StartWish(receive_window, name.rstrip(b"\0").decode("ascii"))
    except UnicodeDecodeError as error:
        raise BadPacketError("START with an unreadable name") from error


# --8<-- [start:ranges]
def encode_ranges(cumulative: int, ranges: Iterable[tuple[int, int]]) -> bytes:
    """An ACK's body: ranges (first, end) of numbers above `cumulative` that have arrived."""
    return b"".join(
        RANGE.pack(first - cumulative, end - cumulative)
        for first, end in islice(ranges, MOST_RANGES)
    )


def parse_ranges(cumulative: int, body: bytes | memoryview) -> list[tuple[int, int]]:
    """The ranges of an ACK, ascending and apart. Raises BadPacketError when they are not."""
    if len(body) % RANGE.size:
        raise BadPacketError("ACK of a wrong length")
    ranges = [(cumulative + first, cumulative + end) for first, end in RANGE.iter_unpack(body)]
    below = cumulative
    for first, end in ranges:
        if not below < first < end:
            raise BadPacketError("ACK with ranges out of order")
        below = end
    return ranges


# --8<-- [end:ranges]
