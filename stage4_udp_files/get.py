"""`--get NAME`: download files without a conversation, and tell the shell whether it worked.

The third face of the session: it types nothing and shows nothing but progress. The last line for
each file is the path of the verified copy.
"""

import queue
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from stage1_basic.terminal import is_terminal
from stage2_gui.events import ConnectFailed, Disconnected
from stage3_images.images import readable_size
from stage4_udp_files.console import statistics
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadProgress,
    FilesListed,
    NoFiles,
)
from stage4_udp_files.session import NO_FILES, Session

POLL = 0.5  # seconds; on Windows a wait without an end would not hear Ctrl+C
ANSWER_SECONDS = 10.0  # how long the server may take to say which files it has
AT_ONCE = 4  # downloads; a server takes eight, and may count one still that has just ended here
LINE_WIDTH = 79  # a line of the usual terminal
SHORTEST_BAR = 10

MakeSession = Callable[[Callable[[Any], None]], Session]


class GetFace:
    """Fetches the files `names`, a few at a time."""

    def __init__(self, names: Sequence[str], make_session: MakeSession) -> None:
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._session = make_session(self._events.put)
        self._session.saves_images = False  # who asked for files gets nothing else
        self._wanted = set(names)  # not here yet
        self._waiting = deque(dict.fromkeys(names))  # not asked for yet
        self._failed = False
        self._asked = False
        self._shows_progress = is_terminal(sys.stderr)

    def run(self, host: str, port: int) -> int:
        """Download everything; exit code 0 only when every file was verified."""
        give_up = time.monotonic() + ANSWER_SECONDS
        try:
            self._session.connect(host, port)
            while self._wanted:
                try:
                    self._handle(self._events.get(timeout=POLL))
                except queue.Empty:
                    if not self._asked and time.monotonic() > give_up:
                        self._fail_all("the server does not say which files it has")
        except KeyboardInterrupt:
            self._fail_all("cancelled; the same command goes on from there")
        self._session.disconnect()
        return int(self._failed)

    def _handle(self, event: Any) -> None:
        match event:
            case FilesListed() if not self._asked:
                self._asked = True
                for _ in range(AT_ONCE):
                    self._ask_for_next()
            case NoFiles():
                self._fail_all(NO_FILES)
            case DownloadProgress():
                self._show_progress(event)
            case DownloadFinished(name, path):
                self._wanted.discard(name)
                self._clear()
                print(f"{path} ({statistics(event)})", flush=True)
                self._ask_for_next()
            case DownloadFailed(name, why):
                self._fail(name, why)
            case ConnectFailed(advice):
                self._fail_all(advice)
            case Disconnected(why) if why:
                self._fail_all(f"connection lost: {why}")

    def _fail(self, name: str, why: str) -> None:
        self._wanted.discard(name)
        self._failed = True
        self._clear()
        print(f"{name}: not downloaded: {why}", file=sys.stderr, flush=True)
        self._ask_for_next()

    def _ask_for_next(self) -> None:
        if self._waiting:
            self._session.download(self._waiting.popleft())

    def _fail_all(self, why: str) -> None:
        self._wanted.clear()
        self._waiting.clear()
        self._failed = True
        self._clear()
        print(why, file=sys.stderr, flush=True)

    def _show_progress(self, event: DownloadProgress) -> None:
        if not self._shows_progress:
            return
        part = event.received / event.size if event.size else 1.0
        left = f", {event.seconds_left:.0f} s left" if event.seconds_left is not None else ""
        words = (
            f"{part:4.0%} {readable_size(int(event.speed))}/s{left}, {event.repeated:,} sent again"
        )
        width = max(SHORTEST_BAR, LINE_WIDTH - len(f"{event.name} [] {words}"))
        bar = "#" * int(part * width)
        line = f"{event.name} [{bar:<{width}}] {words}"
        print(f"\r{line:<{LINE_WIDTH}.{LINE_WIDTH}}", end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._shows_progress:
            print(f"\r{'':<{LINE_WIDTH}}\r", end="", file=sys.stderr, flush=True)
