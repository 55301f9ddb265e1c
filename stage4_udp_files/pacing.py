"""Spread packets over time instead of sending a whole window at once (RFC 8085 section 3.1.1).

Strategy: a bucket fills with permission at the sending rate. A sender that wakes up late finds some
milliseconds' worth in it: little enough for the queue of a router, and enough to keep the rate on a
busy computer. If the bucket was full, the computer was even later, and the path is not to blame.
"""

from math import inf

from stage4_udp_files.trains import LONGEST_TRAIN

BUCKET_TIME = 0.01
SMALLEST_BUCKET = 10
"""Packets; also what may leave at once at the very beginning (RFC 6928)."""
WAKE_UP_TIME = 0.001
"""A sender that had to wait sends about this many seconds' worth of packets in one train."""


class Pacer:
    """Says how many packets may leave now. Rates are in packets a second; None is no limit."""

    def __init__(self, now: float) -> None:
        self._permission = float(SMALLEST_BUCKET)
        self._filled_at = now
        self._made_wait = False
        self.was_late = False
        """`allowance` made the sender wait, and it came back so late that permission was lost."""

    def allowance(self, rate: float | None, now: float) -> float:
        """How many packets may leave now: nothing at all while it is not worth a train."""
        if rate is None:
            return inf
        bucket = max(SMALLEST_BUCKET, rate * BUCKET_TIME)
        permission = self._permission + (now - self._filled_at) * rate
        self.was_late = self._made_wait and permission > bucket
        self._permission = min(bucket, permission)
        self._filled_at = now
        self._made_wait = self._permission < self._worth_a_train(rate)
        return 0 if self._made_wait else self._permission

    def sent(self, packets: int) -> None:
        """Take the permission for packets that have left."""
        self._permission -= packets

    def next_time(self, rate: float) -> float:
        """When `allowance` will give something again, if nothing is sent until then."""
        missing = self._worth_a_train(rate) - self._permission
        return self._filled_at + max(missing, 0) / rate

    def _worth_a_train(self, rate: float) -> float:
        return min(max(1.0, rate * WAKE_UP_TIME), LONGEST_TRAIN)
