"""What the sender knows about the packets it has sent: which have arrived, which are lost.

Strategy: packets that leave together are one `Flight`, a range of numbers with one time. The
flights that are not acknowledged lie in a list in the order of their numbers; an ACK cuts out what
has arrived. So the work goes with the number of trains and gaps, not with the number of packets.
"""

from bisect import bisect_left

from stage4_udp_files.flight import Flight, Progress
from stage4_udp_files.packets import LARGEST_NUMBER

REORDERING_THRESHOLD = 3
"""After so many later packets a missing one counts as lost (RFC 5681, RFC 9002)."""


class Scoreboard:
    """Every number below `cumulative_ack` has arrived, none from `next_number` on was ever sent."""

    def __init__(self) -> None:
        self.cumulative_ack = 0
        self.next_number = 0
        self.in_flight = 0
        """Packets that are under way as far as we know: neither acknowledged nor lost."""
        self.lost = 0
        """Packets that are lost and wait to be sent again."""
        self.packets_sent = 0
        self.flights: list[Flight] = []
        self.newest_order = -1
        self.newest_sent_at = float("-inf")

    def send_new(self, count: int, now: float, progress: Progress) -> Flight:
        """Enter the next `count` packets as sent."""
        first = self.next_number
        flight = Flight(first, first + count, now, self.packets_sent, progress)
        self.flights.append(flight)
        self.next_number += count
        self.packets_sent += count
        self.in_flight += count
        return flight

    def resend_lost(self, most: int, now: float, progress: Progress, why: str) -> Flight:
        """Enter the first lost packets, `most` at most, as sent again; there must be some."""
        index, lost = next((i, flight) for i, flight in enumerate(self.flights) if flight.lost)
        end = min(lost.first + most, lost.end)
        flight = Flight(lost.first, end, now, self.packets_sent, progress, why)
        self._replace(index, flight)
        self.lost -= len(flight)
        self.in_flight += len(flight)
        return flight

    def probe(self, now: float, progress: Progress) -> Flight:
        """Enter the last packet in flight as sent again; there must be one."""
        in_flight = [i for i, flight in enumerate(self.flights) if not flight.lost]
        index = in_flight[-1]
        end = self.flights[index].end
        flight = Flight(end - 1, end, now, self.packets_sent, progress, "probe")
        self._replace(index, flight)
        return flight

    def _replace(self, index: int, new: Flight) -> None:
        """Put a new flight in the place of the part of an old one that has the same numbers."""
        old = self.flights[index]
        pieces = [old.part(old.first, new.first), new, old.part(new.end, old.end)]
        self.flights[index : index + 1] = [piece for piece in pieces if len(piece) > 0]
        self.packets_sent += len(new)

    # --8<-- [start:acknowledge]
    def acknowledge(self, cumulative: int, ranges: list[tuple[int, int]]) -> list[Flight]:
        """Enter an ACK; returns what it newly reports as arrived. Old ACKs report nothing new."""
        covered = [(0, cumulative), *ranges]
        below = bisect_left(self.flights, covered[-1][1], key=lambda flight: flight.first)
        arrived, waiting = split(self.flights[:below], covered)
        self.flights[:below] = waiting
        for flight in arrived:
            if flight.lost:
                self.lost -= len(flight)
            else:
                self.in_flight -= len(flight)
        self.cumulative_ack = max(self.cumulative_ack, cumulative)
        return arrived

    # --8<-- [end:acknowledge]

    def newest(self, arrived: list[Flight], echo: float) -> Flight | None:
        """The last sent of the flights that have arrived; `echo` is when the ACK's cause was sent.

        What was sent again after `echo` is left out: an earlier copy of it has arrived.
        """
        candidates = [flight for flight in arrived if flight.sent_at <= echo]
        if not candidates:
            return None
        newest = max(candidates, key=lambda flight: flight.last_order)
        if newest.last_order > self.newest_order:
            self.newest_order, self.newest_sent_at = newest.last_order, newest.sent_at
        return newest

    # --8<-- [start:find_lost]
    def find_lost(self, reordering_time: float) -> list[Flight]:
        """Mark as lost what was sent clearly before a packet that has arrived; returns it.

        Clearly: three packets before it, or `reordering_time` seconds (as in RFC 9002 section 6.1).
        """
        lost = []
        for flight in self.flights:
            if flight.order > self.newest_order and flight.why == "new":
                break  # neither this one nor any with a higher number was sent before it
            by_count = flight.last_order + REORDERING_THRESHOLD <= self.newest_order
            by_time = flight.sent_at + reordering_time < self.newest_sent_at
            if not flight.lost and (by_count or by_time):
                lost.append(flight)
        self._mark_lost(lost)
        return lost

    # --8<-- [end:find_lost]

    def lose_all(self) -> list[Flight]:
        """Mark everything in flight as lost (after a timeout); returns what was."""
        lost = [flight for flight in self.flights if not flight.lost]
        self._mark_lost(lost)
        return lost

    def _mark_lost(self, flights: list[Flight]) -> None:
        for flight in flights:
            flight.lost = True
            self.lost += len(flight)
            self.in_flight -= len(flight)


def split(
    flights: list[Flight], covered: list[tuple[int, int]]
) -> tuple[list[Flight], list[Flight]]:
    """Cut flights along ranges of numbers (both ascending): pieces inside, pieces outside."""
    inside: list[Flight] = []
    outside: list[Flight] = []
    ranges = iter(covered)
    first, end = next(ranges)
    for flight in flights:
        position = flight.first
        while position < flight.end:
            if end <= position:
                first, end = next(ranges, (LARGEST_NUMBER, LARGEST_NUMBER))
                continue
            is_inside = first <= position
            stop = min(end if is_inside else first, flight.end)
            (inside if is_inside else outside).append(flight.part(position, stop))
            position = stop
    return inside, outside
