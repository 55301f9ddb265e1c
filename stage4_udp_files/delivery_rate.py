"""How fast the path delivers: packets that arrived, divided by the time in which they did.

Strategy: every flight remembers how many packets had been delivered when it left. When it is
acknowledged, the difference to now is what one round trip delivered (Cheng et al., delivery rate
estimation, as in Linux). The longer of the times of sending and of ACKs counts, so that ACKs in a
bunch do not pretend a fast path.
"""

from typing import NamedTuple

from stage4_udp_files.flight import Flight, Progress


class RateSample(NamedTuple):
    """One measurement: `rate` in packets a second, None when the interval was too short to tell."""

    rate: float | None
    application_limited: bool
    delivered_before: int


class DeliveryRate:
    """Counts what is delivered: `progress` goes out with a flight, `sample` measures it later."""

    def __init__(self, now: float) -> None:
        self.delivered = 0
        self._delivered_at = now
        self._first_sent_at = now
        self._application_limited_until = 0

    def progress(self, now: float, is_idle: bool) -> Progress:
        """What to remember with a flight that leaves now; `is_idle`: nothing else is in flight."""
        if is_idle:
            self._first_sent_at = self._delivered_at = now
        limited = self.delivered < self._application_limited_until
        return Progress(self.delivered, self._delivered_at, self._first_sent_at, limited)

    def held_back(self, in_flight: int) -> None:
        """The path could take more than the sender gave it (no data left, or a busy computer).

        Until what is in flight now is acknowledged, samples say no more than "at least so much".
        """
        self._application_limited_until = self.delivered + in_flight

    def sample(self, packets: int, newest: Flight | None, now: float) -> RateSample:
        """Count newly acknowledged packets, and measure with the last sent flight among them."""
        self.delivered += packets
        self._delivered_at = now
        if newest is None:
            return RateSample(None, False, -1)
        before = newest.progress
        self._first_sent_at = newest.sent_at
        interval = max(newest.sent_at - before.first_sent_at, now - before.delivered_at)
        rate = (self.delivered - before.delivered) / interval if interval > 0 else None
        return RateSample(rate, before.application_limited, before.delivered)
