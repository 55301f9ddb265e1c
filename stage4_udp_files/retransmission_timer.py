"""When silence has lasted too long: first for a probe, then for everything in flight."""

from stage4_udp_files.rtt import RttEstimator

LATE_IN_ANY_CASE = 0.01
"""Seconds; a busy computer may well answer so late."""
LONGEST_SILENCE = 1.0
"""Seconds (or two round trips, if those are longer) after which something leaves in any case: one
packet a second floods nobody, and where many get lost, many tries are what brings one through."""


# --8<-- [start:timer]
class RetransmissionTimer:
    """Restarted by each packet that leaves and each ACK that brings something new (RFC 6298).

    The first time, it expires as soon as the ACK of what left last is overdue, and one packet is
    sent as a probe: if only the last ones were lost, its ACK shows that much sooner than a timeout
    would (RFC 9002 section 6.2).
    """

    def __init__(self, rtt: RttEstimator, now: float) -> None:
        self._rtt = rtt
        self._since = now
        self._left_at = now
        self._probed = False

    def packet_left(self, now: float) -> None:
        """Something was sent: wait for its ACK from now on."""
        self._since = self._left_at = now

    def ack_arrived(self, now: float) -> None:
        """An ACK brought something new: the silence is over."""
        self._since = now
        self._probed = False

    @property
    def deadline(self) -> float:
        """When the silence will have lasted too long."""
        longest = max(LONGEST_SILENCE, 2 * self._rtt.smoothed_rtt)
        timeout = min(self._rtt.retransmission_timeout, longest)
        if self._may_probe:
            late = max(4 * self._rtt.rtt_variation, LATE_IN_ANY_CASE)
            return self._left_at + min(timeout, self._rtt.smoothed_rtt + late)
        return self._since + timeout

    @property
    def _may_probe(self) -> bool:
        return not self._probed and self._rtt.smoothed_rtt > 0

    def expired(self) -> bool:
        """The deadline has passed: True for a real timeout, False if a probe is to be sent."""
        if self._may_probe:
            self._probed = True
            return False
        self._rtt.back_off()
        return True


# --8<-- [end:timer]
