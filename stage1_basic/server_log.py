"""The server's log, written by a thread of its own: a stopped terminal or a full pipe never stops
the chat.

Whoever logs puts a line into a bounded queue and goes on. When the queue is full, lines are
dropped and counted, and the log says how many.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from stage1_basic.command_line import UserError
from stage1_basic.lines import clean_text

QUEUE_LIMIT = 10_000  # lines
BATCH = 500  # lines written at once


class ServerLog:
    """Hands lines to `show` (several at once, joined by newlines) in a thread of its own."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Log one line. Never blocks; any thread may call this."""
        if self._lines.qsize() < QUEUE_LIMIT:
            self._lines.put(text)
        else:
            self._dropped += 1

    def close(self, timeout: float) -> bool:
        """Write what is queued, for at most `timeout` seconds; whether all was written."""
        self._lines.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        open_ = True
        while open_:
            batch = self._next_batch()
            open_ = None not in batch
            lines = [clean_text(line) for line in batch if line is not None]
            if self._dropped:
                lines.append(
                    f"({self._dropped:,} lines of this log were lost: nobody reads it fast enough)"
                )
                self._dropped = 0
            if lines:
                try:
                    self._show("\n".join(lines))
                except (UserError, ValueError):  # the terminal or pipe is gone; the chat is not
                    open_ = False

    def _next_batch(self) -> list[str | None]:
        batch = [self._lines.get()]
        try:
            while len(batch) < BATCH and batch[-1] is not None:
                batch.append(self._lines.get_nowait())
        except Empty:
            pass
        return batch
