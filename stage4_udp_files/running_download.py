"""A download in a thread of its own, and the events that tell of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stage4_udp_files.download import CancelledError, Download, DownloadError, Grant, Progress
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadProgress,
    DownloadStarted,
)
from stage4_udp_files.trace import TraceFile

SPEED_SECONDS = 2.0
"""The speed that is shown is that of about so long."""


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """Where downloads go, and how; `udp_port` is for a `lossy_link` in the way."""

    folder: Path
    udp_port: int | None = None
    congestion: str = ""
    trace: TraceFile | None = None


Ending = DownloadFailed | DownloadFinished


class RunningDownload:
    """`renew` asks the server for another grant; `ended` is told how it ended, in the thread."""

    def __init__(
        self,
        grant: Grant,
        options: DownloadOptions,
        renew: Callable[["RunningDownload"], Grant],
        put_event: Callable[[Any], None],
        ended: Callable[["RunningDownload", Ending], None],
    ) -> None:
        self.grant = grant
        self.is_known_to_server = True
        self._renew, self._put_event, self._ended = renew, put_event, ended
        self._download = Download(
            grant,
            options.folder,
            congestion=options.congestion,
            renew=self._begin_again,
            on_progress=self._progressed,
            trace=options.trace,
        )
        self._started = self._seen = time.monotonic()
        self._speed = 0.0
        self._progress: Progress | None = None

    def start(self) -> None:
        """Begin."""
        self._put_event(DownloadStarted(self.grant.name, self.grant.size))
        threading.Thread(target=self._run, name=f"get {self.grant.name}", daemon=True).start()

    def cancel(self) -> None:
        """End it for the user; what has come is kept, for the next attempt."""
        self._download.cancel()

    def fail(self, why: str) -> None:
        """End it because the server has ended it, or is gone."""
        self.is_known_to_server = False
        self._download.fail(why)

    def _run(self) -> None:
        try:
            path = self._download.run()
        except DownloadError as error:
            cancelled = isinstance(error, CancelledError)
            self._ended(self, DownloadFailed(self.grant.name, str(error), cancelled))
        else:
            self._ended(self, self._finished(path))

    def _begin_again(self) -> Grant:
        self.grant = self._renew(self)
        return self.grant

    def _finished(self, path: Path) -> DownloadFinished:
        assert self._progress is not None
        return DownloadFinished(
            self.grant.name,
            path.absolute(),
            self.grant.size,
            time.monotonic() - self._started,
            self._progress.packets,
            self._progress.repeated,
            self._progress.resumed_at,
        )

    def _progressed(self, progress: Progress) -> None:
        self._measure(progress)
        self._progress = progress
        self._put_event(
            DownloadProgress(
                self.grant.name,
                progress.received,
                progress.size,
                self._speed,
                progress.packets,
                progress.repeated,
            )
        )

    def _measure(self, progress: Progress) -> None:
        """Follow the speed: exactly at first, later only slowly, so that one can read it."""
        now = time.monotonic()
        before = self._progress.received if self._progress else progress.resumed_at
        seconds = max(now - self._seen, 0.001)
        speed = max(progress.received - before, 0) / seconds
        weight = min(1.0, seconds / min(max(now - self._started, seconds), SPEED_SECONDS))
        self._speed += (speed - self._speed) * weight
        self._seen = now
