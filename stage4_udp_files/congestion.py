"""How much to send: congestion control as small strategies that can be exchanged.

The sender tells a strategy what each ACK brought, and asks it for two numbers: how many packets
may be in flight (`window`), and how many may leave each second (`pacing_rate`). This file has the
window of a fixed size, with which the lesson begins, and Reno; `rate_based` has the default.
"""

from dataclasses import dataclass
from typing import Protocol

INITIAL_WINDOW = 10
"""Packets in flight before the first ACK (RFC 6928)."""
LARGEST_FIXED_WINDOW = 1000


@dataclass(frozen=True, slots=True)
class AckSummary:
    """What one ACK brought. Numbers are in packets, times in seconds, rates in packets a second."""

    now: float
    newly_acked: int
    newly_lost: int
    lost_sent_at: float
    """When the last of the newly lost packets had been sent."""
    in_flight: int
    """After this ACK."""
    rtt: float
    smoothed_rtt: float
    rtt_variation: float
    delivery_rate: float | None
    application_limited: bool
    """The sender had nothing more to send, so `delivery_rate` may be less than the path can do."""
    delivered: int
    """All packets delivered up to now."""
    delivered_before: int
    """All that had been delivered when the newest packet of this ACK was sent."""


class CongestionControl(Protocol):
    """What the sender needs of a strategy."""

    window: float

    @property
    def pacing_rate(self) -> float | None:
        """Packets a second; None: as fast as the window allows."""

    def acknowledged(self, ack: AckSummary) -> None:
        """An ACK brought something new."""

    def timed_out(self) -> None:
        """No ACK came for a whole retransmission timeout: everything in flight counts as lost."""


# --8<-- [start:fixed]
class FixedWindow:
    """Always the same window, whatever happens. With a window of 1 this is stop-and-wait."""

    pacing_rate = None

    def __init__(self, packets: int) -> None:
        self.window: float = packets

    def acknowledged(self, ack: AckSummary) -> None:
        """A fixed window learns nothing from ACKs …"""

    def timed_out(self) -> None:
        """… and nothing from silence."""


# --8<-- [end:fixed]


# --8<-- [start:reno]
class Reno:
    """Grow until something is lost, then halve: RFC 5681, counted in packets."""

    SMALLEST_WINDOW = 2.0

    def __init__(self) -> None:
        self.window: float = INITIAL_WINDOW
        self.slow_start_threshold = float("inf")
        self._smoothed_rtt: float | None = None
        self._reduced_at = float("-inf")

    @property
    def pacing_rate(self) -> float | None:
        """A little more than a window each round trip, so that the window stays the limit."""
        if self._smoothed_rtt is None:
            return None
        gain = 2.0 if self.window < self.slow_start_threshold else 1.25
        return gain * self.window / self._smoothed_rtt

    def acknowledged(self, ack: AckSummary) -> None:
        """Slow start: one packet more for each acknowledged; later: one more each round trip."""
        self._smoothed_rtt = ack.smoothed_rtt
        if ack.newly_lost:
            self._reduce(ack)
        elif self.window < self.slow_start_threshold:
            self.window += ack.newly_acked
        else:
            self.window += ack.newly_acked / self.window

    def _reduce(self, ack: AckSummary) -> None:
        """Halve the window, once for all packets that were lost of one window."""
        if ack.lost_sent_at > self._reduced_at:
            self.slow_start_threshold = max(self.window / 2, self.SMALLEST_WINDOW)
            self.window = self.slow_start_threshold
            self._reduced_at = ack.now

    def timed_out(self) -> None:
        """Begin again with one packet, in slow start up to half the window of before."""
        self.slow_start_threshold = max(self.window / 2, self.SMALLEST_WINDOW)
        self.window = 1.0


# --8<-- [end:reno]
