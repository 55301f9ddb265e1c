"""A set of whole numbers kept as ranges: 3, 4, 5, 9 is (3, 6), (9, 10).

What arrived early is nearly always a few long runs, so this stays tiny where a set of numbers
would not.
"""

from bisect import bisect_left
from collections.abc import Iterator


class RangeSet:
    """Numbers as ascending ranges (first, one past the last) that do not touch one another."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._firsts, self._ends, strict=True)

    def __len__(self) -> int:
        """How many ranges there are (not how many numbers)."""
        return len(self._firsts)

    def add(self, first: int, end: int) -> None:
        """Put the numbers first … end - 1 in, joining the ranges that they touch."""
        left = bisect_left(self._ends, first)  # the first range that reaches up to `first`
        right = left
        while right < len(self._firsts) and self._firsts[right] <= end:
            first = min(first, self._firsts[right])
            end = max(end, self._ends[right])
            right += 1
        self._firsts[left:right] = [first]
        self._ends[left:right] = [end]

    def discard_below(self, number: int) -> None:
        """Take out every number below `number`."""
        while self._firsts and self._firsts[0] < number:
            if self._ends[0] > number:
                self._firsts[0] = number
                return
            del self._firsts[0], self._ends[0]
