"""How long to wait for an ACK: the round-trip estimate and retransmission timeout of RFC 6298."""

INITIAL_TIMEOUT = 1.0
SHORTEST_TIMEOUT = 0.2
"""Below the 1 s of RFC 6298, as every system of today: timestamps make the estimate a good one."""
LONGEST_TIMEOUT = 4.0


# --8<-- [start:rtt]
class RttEstimator:
    """Smoothed round-trip time, its variation, and the timeout that follows (all in seconds)."""

    def __init__(self) -> None:
        self.smoothed_rtt = 0.0  # until the first sample
        self.rtt_variation = 0.0
        self.latest_rtt = 0.0
        self.retransmission_timeout = INITIAL_TIMEOUT

    def sample(self, rtt: float) -> None:
        """Take in one measured round trip (RFC 6298 section 2); it also ends any back-off."""
        self.latest_rtt = rtt
        if not self.smoothed_rtt:
            self.smoothed_rtt = rtt
            self.rtt_variation = rtt / 2
        else:
            error = abs(self.smoothed_rtt - rtt)
            self.rtt_variation += (error - self.rtt_variation) / 4
            self.smoothed_rtt += (rtt - self.smoothed_rtt) / 8
        timeout = self.smoothed_rtt + 4 * self.rtt_variation
        self.retransmission_timeout = min(max(timeout, SHORTEST_TIMEOUT), LONGEST_TIMEOUT)

    def back_off(self) -> None:
        """After a timeout, wait twice as long for the next one (RFC 6298 section 5.5)."""
        self.retransmission_timeout = min(2 * self.retransmission_timeout, LONGEST_TIMEOUT)


# --8<-- [end:rtt]
