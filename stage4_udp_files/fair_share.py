"""Leave room for others: what the rate-based control takes from losses.

Strategy: a loss alone may be chance. A full queue shows by losses while round trips are long, or by
very many losses in one round. Then one's window steps back and grows slowly again, as everyone's
does. If the queue is soon full again, others do not step back, and who did would be left with
nothing; but if it stays full round after round, it is too much for all, and there is no way round.
"""

from math import inf

from stage4_udp_files.congestion import AckSummary

STEP_BACK = 0.7
"""What is left of the window when a queue has become full (as in CUBIC, RFC 9438)."""
SMALL_STEP_BACK = 0.85
"""The same where a queue stays full: nobody knows whether others step back, too."""
GROWTH = 0.5
"""Packets a round by which the window grows again (as Reno would after such a small step back)."""
GROWTH_WITHOUT_QUEUE = 1 / 8
"""Part of itself by which it grows in a round without any queue: nobody needs the room."""
ROUNDS_OF_PEACE = 16
ROUNDS_OF_LOSS = 3
HEAVY_LOSS = 0.4
"""Part of a round's packets that chance does not take."""
LEAST_HEAVY_LOSS = 10
QUEUE_RATIO = 1.1
FULL_QUEUE_RATIO = 1.5
"""Times the shortest round trip: above the one there is a queue, above the other a full one."""
JITTER = 0.001
"""Seconds by which round trips differ in any case."""


class FairShare:
    """A limit for the window, in packets; infinite until a queue has been full."""

    def __init__(self) -> None:
        self.limit = inf
        self._round = 0
        self._last_full_round = -ROUNDS_OF_PEACE
        self._full_rounds = 0
        self._begin_round()

    def _begin_round(self) -> None:
        self._lost = 0
        self._arrived = 0
        self._shortest_in_round = inf

    def acknowledged(self, ack: AckSummary, *, round_ended: bool, shortest_rtt: float) -> None:
        """Take in an ACK. Only the shortest round trip of a round says that there was a queue:

        a busy computer makes many of them long, but not all; a queue does.
        """
        self._lost += ack.newly_lost
        self._arrived += ack.newly_acked
        self._shortest_in_round = min(self._shortest_in_round, ack.rtt)
        if not round_ended:
            return
        self._round += 1
        delay = self._shortest_in_round - JITTER
        has_queue = delay > QUEUE_RATIO * shortest_rtt
        self.limit += GROWTH if has_queue else GROWTH_WITHOUT_QUEUE * self.limit
        was_full = self._lost > 0 and delay > FULL_QUEUE_RATIO * shortest_rtt
        if was_full or self._lost > max(HEAVY_LOSS * self._arrived, LEAST_HEAVY_LOSS):
            self._queue_was_full(ack.delivered - ack.delivered_before)
        self._begin_round()

    def _queue_was_full(self, was_in_flight: int) -> None:
        """In the round that has just ended. In flight was what one round has delivered."""
        peace = self._round - self._last_full_round
        self._full_rounds = self._full_rounds + 1 if peace == 1 else 1
        self._last_full_round = self._round
        if peace >= ROUNDS_OF_PEACE:
            self.limit = min(self.limit, STEP_BACK * was_in_flight)
        elif self._full_rounds >= ROUNDS_OF_LOSS:
            self.limit = min(self.limit, SMALL_STEP_BACK * was_in_flight)
            self._full_rounds = 0
