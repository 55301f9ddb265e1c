"""Packets under way: what the sender remembers of those that left together."""

from dataclasses import dataclass
from typing import NamedTuple


class Progress(NamedTuple):
    """What had been delivered at the moment when a flight left."""

    delivered: int
    delivered_at: float
    first_sent_at: float
    application_limited: bool


@dataclass(slots=True)
class Flight:
    """Packets `first` … `end - 1`, sent at one time and not acknowledged."""

    first: int
    end: int
    sent_at: float
    order: int  # how many packets, repeats too, had been sent before the first of these
    progress: Progress  # what had been delivered when they left
    why: str = "new"  # or "lost", "probe", "timeout": why these packets left once more
    lost: bool = False

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def last_order(self) -> int:
        """The `order` of the last packet."""
        return self.order + self.end - self.first - 1

    def part(self, first: int, end: int) -> "Flight":
        """The same flight, only packets `first` … `end - 1` of it."""
        if first == self.first and end == self.end:
            return self
        order = self.order + first - self.first
        return Flight(first, end, self.sent_at, order, self.progress, self.why, self.lost)
