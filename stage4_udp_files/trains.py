"""Trains: packets of one size back to back in memory, as the kernel takes and gives many at once.

Strategy for speed: a train of full packets is a table. Its rows are packets, its columns header
fields, and a `memoryview` with a stride fills or compares a whole column in one step. The file is
read straight into the gaps between the headers, so that a train is never put together from pieces.
Of the work that goes with every single packet only the checksum is left.
"""

import sys
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence

from stage4_udp_files.packets import (
    CHECKSUM,
    DATA,
    DATAGRAM_SIZE,
    HEADER_SIZE,
    PAYLOAD_SIZE,
)

MOST_A_CALL = 45
"""Packets: the most of the longest ones that fit the 65,507 bytes of one UDP_SEGMENT call."""
LONGEST_TRAIN = 4 * MOST_A_CALL
"""Packets that leave together at most; what has to be thought about is thought once for them."""

ReadInto = Callable[[Sequence[memoryview], int], None]
"""Fill these buffers, one after the other, with the file's bytes from this position on."""


class Train:
    """Datagrams in one buffer, each `size` bytes but the last, which may be shorter.

    `table` is that of the memory which the buffer is the beginning of, if there is one.
    """

    __slots__ = ("buffer", "size", "table")

    def __init__(self, buffer: bytes | memoryview, size: int, table: "Table | None" = None) -> None:
        self.buffer = buffer
        self.size = size
        self.table = table

    def __iter__(self) -> Iterator[bytes | memoryview]:
        buffer, size = self.buffer, self.size
        return (buffer[start : start + size] for start in range(0, len(buffer), size))

    def __len__(self) -> int:
        """How many datagrams these are."""
        return -(-len(self.buffer) // self.size)

    def parts(self, most: int) -> "Iterator[Train]":
        """The same datagrams as trains of `most` at most."""
        buffer, step = self.buffer, most * self.size
        return (
            Train(buffer[start : start + step], self.size) for start in range(0, len(buffer), step)
        )


NO_TRAIN = Train(b"", DATAGRAM_SIZE)


class Table:
    """Memory full of the longest packets: its rows and columns.

    The columns are 4 and 8 bytes wide, as the header in `packets` is laid out. All these views are
    made once, because making them costs as much as using them.
    """

    def __init__(self, memory: memoryview) -> None:
        """`memory` is used from its beginning, as far as there is room for whole packets."""
        starts = range(0, len(memory) - DATAGRAM_SIZE + 1, DATAGRAM_SIZE)
        rows = [memory[start : start + DATAGRAM_SIZE] for start in starts]
        self.memory = memory[: len(rows) * DATAGRAM_SIZE]
        self.checked = [row[CHECKSUM.size :] for row in rows]
        """What each packet's checksum is made of."""
        self.payloads = [row[HEADER_SIZE:] for row in rows]
        words, numbers = self.memory.cast("I"), self.memory.cast("Q")
        self.checksums = words[0 :: DATAGRAM_SIZE // 4]
        self.kinds = words[1 :: DATAGRAM_SIZE // 4]
        self.tokens = numbers[1 :: DATAGRAM_SIZE // 8]
        self.numbers = numbers[2 :: DATAGRAM_SIZE // 8]
        self.timestamps = numbers[3 :: DATAGRAM_SIZE // 8]


def kind_column(repeat: bool, count: int) -> "array[int]":
    """Column of the fields kind, repeat and reserved of `count` DATA packets."""
    return array("I", bytes((DATA, repeat, 0, 0))) * count


def token_column(token: bytes, count: int) -> "array[int]":
    """Column of one token."""
    return array("Q", token) * count


def number_column(first: int, count: int) -> "array[int]":
    """Column of the numbers `first`, `first` + 1 …"""
    return in_network_order(array("Q", range(first, first + count)))


def checksum_column(checked: Sequence[memoryview]) -> "array[int]":
    """Column of the checksums of these bytes."""
    return in_network_order(array("I", map(zlib.crc32, checked)))


def in_network_order(column: "array[int]") -> "array[int]":
    """The column as it lies in packets; it is changed in place."""
    if sys.byteorder == "little":
        column.byteswap()
    return column


def continuation(train: Train, token: bytes, number: int) -> tuple[list[memoryview], int] | None:
    """The payloads of a train that is data packets `number`, `number` + 1 … and nothing else.

    Also the timestamp of the last. None if a single packet is another one or damaged: then each
    has to be looked at on its own. On a good network nearly every train passes.
    """
    table, count = train.table, len(train)
    if table is None or train.size != DATAGRAM_SIZE or len(train.buffer) != count * DATAGRAM_SIZE:
        return None
    if (
        table.numbers[:count] != number_column(number, count)
        or table.kinds[:count] != kind_column(False, count)
        or table.tokens[:count] != token_column(token, count)
        or table.checksums[:count] != checksum_column(table.checked[:count])
    ):
        return None
    last_timestamp = in_network_order(array("Q", [table.timestamps[count - 1]]))[0]
    return table.payloads[:count], last_timestamp


class TrainBuilder:
    """Builds trains of data packets in one buffer: each is good until the next one is built."""

    def __init__(self, token: bytes, start: int, size: int, read_into: ReadInto) -> None:
        """`start` is the file position of packet 0, `size` that of the file's end (bytes)."""
        self._start = start
        self._size = size
        self._read_into = read_into
        self._table = Table(memoryview(bytearray(LONGEST_TRAIN * DATAGRAM_SIZE)))
        self._table.tokens[:] = token_column(token, LONGEST_TRAIN)

    def build(self, first: int, end: int, timestamp: int, repeat: bool) -> Train:
        """Data packets `first` … `end - 1`, LONGEST_TRAIN at most. Raises what `read_into` does."""
        table, count = self._table, end - first
        position = self._start + first * PAYLOAD_SIZE
        payloads, checked = table.payloads[:count], table.checked[:count]
        missing = max(count * PAYLOAD_SIZE - (self._size - position), 0)
        if missing:  # the last packet of the file is shorter
            payloads[-1] = payloads[-1][:-missing]
            checked[-1] = checked[-1][:-missing]
        self._read_into(payloads, position)
        table.kinds[:count] = kind_column(repeat, count)
        table.numbers[:count] = number_column(first, count)
        table.timestamps[:count] = in_network_order(array("Q", [timestamp])) * count
        table.checksums[:count] = checksum_column(checked)
        return Train(table.memory[: count * DATAGRAM_SIZE - missing], DATAGRAM_SIZE, table)
