"""Put packets that arrive late, early or twice back in order.

Strategy: what comes in its turn is passed on at once; what comes early waits in a dictionary until
the gap before it is filled. At most a window of packets waits, so memory is bounded whatever the
network does.
"""

from stage4_udp_files.ranges import RangeSet


# --8<-- [start:reassembly]
class Reassembly:
    """Numbered payloads go in as they arrive; `take` gives them out in order, each once."""

    def __init__(self, window: int) -> None:
        """`window` is in packets: so far above the next expected number a packet may be kept."""
        self.window = window
        self.next_number = 0
        self.early: dict[int, bytes] = {}
        self.ranges = RangeSet()
        self._in_order: list[bytes | memoryview] = []

    # --8<-- [start:add]
    def add(self, number: int, payload: bytes | memoryview) -> bool:
        """Take a packet in; False when it is of no use (had already, or beyond the window)."""
        if number == self.next_number:
            self._in_order.append(payload)
            self.next_number += 1
            if self.early:
                self._close_gap()
            return True
        is_early = self.next_number < number < self.next_number + self.window
        if not is_early or number in self.early:
            return False
        self.early[number] = bytes(payload)
        self.ranges.add(number, number + 1)
        return True

    # --8<-- [end:add]

    def add_run(self, payloads: list[memoryview]) -> None:
        """Take in the next packets in their order; only while none waits in `early`."""
        self._in_order += payloads
        self.next_number += len(payloads)

    def _close_gap(self) -> None:
        """Pass on what waited for the packet that has just come."""
        while (payload := self.early.pop(self.next_number, None)) is not None:
            self._in_order.append(payload)
            self.next_number += 1
        self.ranges.discard_below(self.next_number)

    def take(self) -> bytes:
        """All bytes that are in order now and have not been taken yet."""
        in_order, self._in_order = self._in_order, []
        return b"".join(in_order)


# --8<-- [end:reassembly]
