"""Leave room for others: what the rate-based control takes from full queues.

Strategy: a loss alone may be chance. A full queue shows by long round trips, the more so with
losses among them, or by losing very many packets of one round. Then one's window steps back, and
grows by a packet a round again, as Reno's does: who has more gives up more, so that shares become
equal. If the queue is soon full again, others do not step back, and who did would be left with
nothing; but if it stays full round after round, it is too much for all, and there is no way round.
"""

from math import inf

from stage4_udp_files.congestion import AckSummary

STEP_BACK = 0.55
"""What is left of the window when a queue has become full: between Reno's half (RFC 5681) and
CUBIC's 0.7 (RFC 9438). Less is unfair to us beside BBR, more to a kernel's CUBIC beside us."""
SMALL_STEP_BACK = 0.85
"""The same where a queue stays full: nobody knows whether others step back, too."""
START_OVERSHOOT = 2.0
"""So many times too much may be in flight when doubling ends."""
GROWTH = 1.0
"""Packets a round by which the window grows again (RFC 5681)."""
GROWTH_WITHOUT_QUEUE = 1 / 8
"""Part of itself by which it grows when there was no queue for a while: nobody needs the room."""
ROUNDS_WITHOUT_QUEUE = 4
USED = 0.8
"""A window grows only if so much of it was in use (RFC 7661)."""
ROUNDS_OF_PEACE = 16
"""Without a full queue, before the next step back."""
ROUNDS_OF_TROUBLE = 3
"""With a full queue, one after the other, before the next small one."""
HEAVY_LOSS = 0.4
"""Part of a round's packets that chance does not take."""
LEAST_HEAVY_LOSS = 10
QUEUE_RATIO = 1.1
"""Times the shortest round trip: above it there is a queue …"""
LOSING_QUEUE_RATIO = 1.5
"""… above this it is full, if something was lost …"""
FULL_QUEUE_RATIO = 1.7
"""… and above this in any case: what did not fit may have been someone else's."""
LONG_PATH = 0.01
"""Seconds of a round trip from which on a long one alone says so much. On shorter paths, such as
within one computer, it is mostly a program that came late to its turn."""
JITTER = 0.001
"""Seconds by which round trips differ in any case."""


class FairShare:
    """A limit for the window, in packets; infinite until something was too much."""

    def __init__(self) -> None:
        self.limit = inf
        self._round = 0
        self._last_full_round = -ROUNDS_OF_PEACE
        self._full_rounds = 0
        self._rounds_without_queue = 0
        self._begin_round()

    def _begin_round(self) -> None:
        self._lost = 0
        self._arrived = 0
        self._most_in_flight = 0
        self._shortest_in_round = inf

    def start_ended(self, ack: AckSummary, *, shortest_rtt: float) -> None:
        """Doubling has gone too far: step back before anything is lost."""
        if shortest_rtt >= LONG_PATH:
            self.limit = min(self.limit, was_in_flight(ack) / START_OVERSHOOT)

    def acknowledged(self, ack: AckSummary, *, round_ended: bool, shortest_rtt: float) -> None:
        """Take in an ACK. Only the shortest round trip of a round says that there was a queue:

        a busy computer makes many of them long, but not all; a queue does.
        """
        self._lost += ack.newly_lost
        self._arrived += ack.newly_acked
        self._most_in_flight = max(self._most_in_flight, was_in_flight(ack))
        self._shortest_in_round = min(self._shortest_in_round, ack.rtt)
        if round_ended:
            self._round += 1
            self._grow(shortest_rtt)
            if self._was_full(shortest_rtt):
                self._step_back()
            self._begin_round()

    def _grow(self, shortest_rtt: float) -> None:
        """Grow, if the window was what held the sender back."""
        has_queue = self._shortest_in_round > QUEUE_RATIO * shortest_rtt + JITTER
        self._rounds_without_queue = 0 if has_queue else self._rounds_without_queue + 1
        if self._most_in_flight <= USED * self.limit:
            return
        is_free = self._rounds_without_queue >= ROUNDS_WITHOUT_QUEUE
        self.limit += max(GROWTH, GROWTH_WITHOUT_QUEUE * self.limit if is_free else 0)

    def _was_full(self, shortest_rtt: float) -> bool:
        """Whether there was a full queue in the round that has just ended."""
        if self._lost > max(HEAVY_LOSS * self._arrived, LEAST_HEAVY_LOSS):
            return True
        if not self._lost and shortest_rtt < LONG_PATH:
            return False
        ratio = LOSING_QUEUE_RATIO if self._lost else FULL_QUEUE_RATIO
        return self._shortest_in_round > ratio * shortest_rtt + JITTER

    def _step_back(self) -> None:
        """The queue was full in the round that has just ended."""
        peace = self._round - self._last_full_round
        self._last_full_round = self._round
        self._full_rounds = self._full_rounds + 1 if peace == 1 else 1
        most = min(self.limit, self._most_in_flight)
        if peace >= ROUNDS_OF_PEACE:
            self.limit = STEP_BACK * most
        elif self._full_rounds >= ROUNDS_OF_TROUBLE:
            self.limit = SMALL_STEP_BACK * most
            self._full_rounds = 0


def was_in_flight(ack: AckSummary) -> int:
    """How many packets were in flight until this ACK came; it may have told of all of them."""
    return ack.in_flight + ack.newly_acked + ack.newly_lost
