"""Trains: packets of one size back to back in memory, as the kernel takes and gives many at once.

Strategy for speed: the file is read straight into the gaps between the headers, so that a train is
never put together from pieces; then each header is filled in and each checksum made, and that is
all.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from stage4_udp_files.packets import (
    CHECKSUM,
    DATA,
    DATAGRAM_SIZE,
    FIELDS,
    HEADER,
    HEADER_SIZE,
    PAYLOAD_SIZE,
)

LONGEST_TRAIN = 45
"""Packets: the most of the longest ones that fit the 65,507 bytes of one UDP_SEGMENT call."""

FULL_DATAGRAM = struct.Struct(f"{HEADER.format}{PAYLOAD_SIZE}x")

ReadInto = Callable[[Sequence[memoryview], int], None]
"""Fill these buffers, one after the other, with the file's bytes from this position on."""


class Train:
    """Datagrams in one buffer, each `size` bytes but the last, which may be shorter."""

    __slots__ = ("buffer", "size")

    def __init__(self, buffer: bytes | memoryview, size: int) -> None:
        self.buffer = buffer
        self.size = size

    def __iter__(self) -> Iterator[bytes | memoryview]:
        buffer, size = self.buffer, self.size
        return (buffer[start : start + size] for start in range(0, len(buffer), size))

    def __len__(self) -> int:
        """How many datagrams these are."""
        return -(-len(self.buffer) // self.size)


NO_TRAIN = Train(b"", DATAGRAM_SIZE)


def continuation(
    train: Train, token: bytes, number: int
) -> tuple[list[bytes | memoryview], int] | None:
    """The payloads of a train that is data packets `number`, `number` + 1 … and nothing else.

    Also the timestamp of the last. None if a single packet is another one or damaged: then each
    has to be looked at on its own. On a good network nearly every train passes, and this is where
    a receiver spends its time: so all headers are unpacked in one go, and nothing is done twice.
    """
    if train.size != DATAGRAM_SIZE or len(train.buffer) % DATAGRAM_SIZE:
        return None
    payloads = []
    timestamp = 0
    headers = FULL_DATAGRAM.iter_unpack(train.buffer)
    for datagram, header in zip(train, headers, strict=True):
        checksum, kind, repeat, its_token, its_number, timestamp = header
        if its_number != number or its_token != token or kind != DATA or repeat:
            return None
        if zlib.crc32(datagram[CHECKSUM.size :]) != checksum:
            return None
        payloads.append(datagram[HEADER_SIZE:])
        number += 1
    return payloads, timestamp


class TrainBuilder:
    """Builds trains of data packets in one buffer: each is good until the next one is built."""

    def __init__(self, token: bytes, start: int, size: int, read_into: ReadInto) -> None:
        """`start` is the file position of packet 0, `size` that of the file's end (bytes)."""
        self._token = token
        self._start = start
        self._size = size
        self._read_into = read_into
        self._buffer = memoryview(bytearray(LONGEST_TRAIN * DATAGRAM_SIZE))
        datagrams = list(Train(self._buffer, DATAGRAM_SIZE))
        self._checked = [memoryview(datagram)[CHECKSUM.size :] for datagram in datagrams]
        self._payloads = [memoryview(datagram)[HEADER_SIZE:] for datagram in datagrams]

    def build(self, first: int, end: int, timestamp: int, repeat: bool) -> Train:
        """Data packets `first` … `end - 1`, LONGEST_TRAIN at most. Raises what `read_into` does."""
        count = end - first
        position = self._start + first * PAYLOAD_SIZE
        payloads, checked = self._payloads[:count], self._checked[:count]
        missing = count * PAYLOAD_SIZE - (self._size - position)
        if missing > 0:  # the last packet of the file is shorter
            payloads[-1] = payloads[-1][:-missing]
            checked[-1] = checked[-1][:-missing]
        self._read_into(payloads, position)
        at = 0
        for number, bytes_to_check in zip(range(first, end), checked, strict=True):
            FIELDS.pack_into(
                self._buffer, at + CHECKSUM.size, DATA, repeat, self._token, number, timestamp
            )
            CHECKSUM.pack_into(self._buffer, at, zlib.crc32(bytes_to_check))
            at += DATAGRAM_SIZE
        return Train(self._buffer[: at - max(missing, 0)], DATAGRAM_SIZE)
