"""The default congestion control: send at the rate that the path delivers, in the spirit of BBR.

Strategy: the most that was delivered in a round trip is the rate of the path; the shortest round
trip is its length without queues. Their product fits the path, more only waits in a queue. So
packets are paced at that rate, now and then a little faster to find out whether there is more, then
slower, so that the queue this has made goes away. A loss alone says nothing (radio links lose
packets too); what a full queue says, `fair_share` knows.
"""

from collections import deque
from collections.abc import Callable
from math import inf

from stage4_udp_files.congestion import AckSummary
from stage4_udp_files.fair_share import FairShare

INITIAL_WINDOW = 64
"""Packets: six times RFC 6928, but paced; it saves two round trips where there is room for it."""
INITIAL_RATE = 6400.0
"""Packets a second before anything is known: the initial window leaves within 10 ms."""
STARTUP_GAIN = 2.0
DRAIN_GAIN = 0.5
PROBE_GAIN = 1.25
CYCLE = (PROBE_GAIN, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""How much faster than the path's rate to send, a round trip each."""
MOST_LOSS = 0.35
"""Part of all packets for which sending more makes up at most."""
LOSS_MEMORY = 256
"""Packets over which the part of the lost ones is averaged."""
WINDOW_GAIN = 2.0
SMALLEST_WINDOW = 4.0
GROWTH = 1.25
"""A round that delivers so many times as much as the best before shows that there is more."""
ROUNDS_WITHOUT_GROWTH = 3
RATE_MEMORY = 10
"""Rounds for which the best delivery rate counts."""
RTT_MEMORY = 2.0
"""Seconds for which the shortest round trip counts; then the queue is emptied to measure anew."""
EMPTYING_TIME = 0.1
EMPTYING_GAIN = 0.75
"""For so many seconds and a round trip, only so much of what fits the path is in flight."""
AS_SHORT_RATIO = 1.02
"""A round trip at most so many times the shortest one confirms it."""
QUEUE_RATIO = 1.25
"""A round trip so many times the shortest one is one with a queue."""
JITTER = 0.001
"""Seconds by which round trips differ on an idle computer."""

Phase = Callable[[AckSummary, bool], None]


class RateBased:
    """Window and pacing from two estimates: `rate` (packets a second) and `shortest_rtt` (s)."""

    def __init__(self) -> None:
        self.window: float = INITIAL_WINDOW
        self.rate = 0.0
        self.shortest_rtt = inf
        self._gain = STARTUP_GAIN
        self._phase: Phase = self._start_up
        self._phase_began = -inf
        self._shortest_rtt_at = -inf
        self._best_rates: deque[tuple[int, float]] = deque()
        self._round = 0
        self._round_ends_at = 0
        self._rate_to_beat = 0.0
        self._rounds_without_growth = 0
        self._queue_since = inf
        self._loss = 0.0
        self._cycle = 0
        self._share = FairShare()

    @property
    def pacing_rate(self) -> float:
        """Packets a second; at least the smallest window each round trip."""
        if not self.rate:
            return INITIAL_RATE
        return max(self._gain * self.rate, SMALLEST_WINDOW / self.shortest_rtt)

    @property
    def fits_the_path(self) -> float:
        """Packets that fit the path without waiting in a queue."""
        return self.rate * self.shortest_rtt

    def acknowledged(self, ack: AckSummary) -> None:
        """Take in what the ACK says about the path, then do what the phase wants."""
        round_ended = ack.delivered_before >= self._round_ends_at
        if round_ended:
            self._round_ends_at = ack.delivered
            self._round += 1
        self._measure_rtt(ack)
        self._measure_rate(ack)
        self._measure_loss(ack)
        self._share.acknowledged(ack, round_ended=round_ended, shortest_rtt=self.shortest_rtt)
        # A computer that is busy makes round trips long without a queue: leave time for that, or
        # the window would be what limits the rate, and the lower rate would then lower the window.
        window = WINDOW_GAIN * self.rate * (self.shortest_rtt + 2 * ack.rtt_variation)
        self.window = max(min(window, self._share.limit), SMALLEST_WINDOW)
        self._phase(ack, round_ended)

    def timed_out(self) -> None:
        """Nothing comes back any more: one packet at a time, until something does."""
        self.window = 1.0

    def _measure_rtt(self, ack: AckSummary) -> None:
        """Keep the shortest round trip, and since when all have been much longer."""
        self.shortest_rtt = min(self.shortest_rtt, ack.rtt)
        if ack.rtt <= AS_SHORT_RATIO * self.shortest_rtt:
            self._shortest_rtt_at = ack.now
        if ack.rtt <= QUEUE_RATIO * self.shortest_rtt + JITTER:
            self._queue_since = inf
        else:
            self._queue_since = min(self._queue_since, ack.now)

    def _measure_rate(self, ack: AckSummary) -> None:
        """Keep the best delivery rate of the last rounds: a queue of those that may be it once."""
        rate, best = ack.delivery_rate, self._best_rates
        if rate is None or (ack.application_limited and rate < self.rate):
            return
        while best and best[-1][1] <= rate:
            best.pop()
        best.append((self._round, rate))
        while best[0][0] <= self._round - RATE_MEMORY:
            best.popleft()
        self.rate = best[0][1]

    def _measure_loss(self, ack: AckSummary) -> None:
        """Keep the part of the packets that got lost lately."""
        packets = ack.newly_acked + ack.newly_lost
        self._loss += min(packets / LOSS_MEMORY, 1) * (ack.newly_lost / packets - self._loss)

    def _has_queue(self, now: float) -> bool:
        """Whether packets have been waiting somewhere for a while: not just one late ACK."""
        return now - self._queue_since >= self.shortest_rtt / 2

    def _enter(self, phase: Phase, gain: float, now: float) -> None:
        self._phase, self._gain, self._phase_began = phase, gain, now

    def _start_up(self, ack: AckSummary, round_ended: bool) -> None:
        """Double every round trip, until there is a queue or the rate grows no more."""
        self.window = max(WINDOW_GAIN * self.fits_the_path, INITIAL_WINDOW)
        if round_ended and self.rate >= GROWTH * self._rate_to_beat:
            self._rate_to_beat, self._rounds_without_growth = self.rate, 0
        elif round_ended and not ack.application_limited:
            self._rounds_without_growth += 1
        is_queue_full = self._share.limit < inf
        is_full = is_queue_full or self._rounds_without_growth >= ROUNDS_WITHOUT_GROWTH
        if is_full or self._has_queue(ack.now):
            self._share.start_ended(ack, shortest_rtt=self.shortest_rtt)
            self._enter(self._drain, DRAIN_GAIN, ack.now)

    def _drain(self, ack: AckSummary, _round_ended: bool) -> None:
        """Send slowly until the queue is gone that starting up has made."""
        if ack.in_flight <= self.fits_the_path:
            self._cruise_from(2, ack.now)

    def _cruise(self, ack: AckSummary, round_ended: bool) -> None:
        """Keep the rate; every eighth round trip try a higher one, then make up for it."""
        if ack.now - self._shortest_rtt_at > RTT_MEMORY:
            self.shortest_rtt, self._shortest_rtt_at = ack.rtt, ack.now
            self._enter(self._empty_queue, 1.0, ack.now)
        elif round_ended:
            if self._cycle == 0 and self._pays(ack.now):
                self._cruise_from(0, ack.now)
            else:
                self._cruise_from((self._cycle + 1) % len(CYCLE), ack.now)

    def _cruise_from(self, step: int, now: float) -> None:
        """Send so much more that the rate arrives, too, unless a queue may be why some is lost."""
        self._cycle = step
        self._rate_to_beat = self.rate
        gain = CYCLE[step]
        if not self._has_queue(now):
            gain /= 1 - min(self._loss, MOST_LOSS)
        self._enter(self._cruise, gain, now)

    def _pays(self, now: float) -> bool:
        """Whether sending faster has brought more, and no queue: then there is still more."""
        return self.rate > 1.1 * self._rate_to_beat and not self._has_queue(now)

    def _empty_queue(self, ack: AckSummary, _round_ended: bool) -> None:
        """Send so little for a moment that the shortest round trip shows itself again."""
        self.window = max(EMPTYING_GAIN * self.fits_the_path, SMALLEST_WINDOW)
        if ack.now - self._phase_began >= EMPTYING_TIME + self.shortest_rtt:
            self._cruise_from(2, ack.now)
