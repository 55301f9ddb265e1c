"""From threads to the window: a queue, and a timer of Tk's that empties it.

Tk belongs to the thread that made it; a call from another one can crash the program or hang it. So
the other threads only put events into a queue, and 50 times a second Tk's own thread takes them
out. A turn is short whatever has come: the rest waits for the next one, and Tk draws in between.
"""

import contextlib
import queue
import time
import tkinter as tk
from collections.abc import Callable
from typing import Any

TURN = 20  # milliseconds between two looks into the queue
BUDGET = 0.010  # seconds that handling events may take in one turn


class EventPump:
    """Calls `handle` with each event, and `end_turn` after each turn's events."""

    def __init__(
        self, root: tk.Tk, handle: Callable[[Any], None], end_turn: Callable[[], None]
    ) -> None:
        self._root = root
        self._handle = handle
        self._end_turn = end_turn
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._timer: str | None = None
        self._running = False
        self.put = self._events.put  # the one method that any thread may call

    # --8<-- [start:turn]
    def start(self) -> None:
        """Begin to take events out, from Tk's main loop on: a turn before it could not end it."""
        self._running = True
        self._timer = self._root.after(0, self._turn)

    def _turn(self) -> None:
        try:
            self._take_events()
            self._end_turn()
        finally:  # an error in one turn must not be the end of all turns
            if self._running:
                self._timer = self._root.after(TURN, self._turn)

    def _take_events(self) -> None:
        end = time.perf_counter() + BUDGET
        with contextlib.suppress(queue.Empty):
            while self._running and time.perf_counter() < end:
                self._handle(self._events.get_nowait())

    # --8<-- [end:turn]

    def stop(self) -> None:
        """Take no more events out."""
        self._running = False
        if self._timer is not None:
            self._root.after_cancel(self._timer)

    def stop_at(self, last: type[Any], at_latest: int, then: Callable[[], None]) -> None:
        """From now on drop all events, until one of the kind `last` comes; then call `then`.

        After `at_latest` milliseconds it is called without that event.
        """

        def end() -> None:
            self._root.after_cancel(timer)
            self.stop()
            then()

        def look(event: Any) -> None:
            if isinstance(event, last):
                end()

        timer = self._root.after(at_latest, end)
        self._handle = look
        self._end_turn = lambda: None
