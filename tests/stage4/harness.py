"""A file server as a process, a lossy link, and downloads, for the tests with real sockets."""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.submission import PROJECT, environment

if TYPE_CHECKING:
    from stage4_udp_files.download import Grant

STAGE = PROJECT / "stage4_udp_files"


class FileServer:
    """The UDP process, started as the chat server starts it."""

    def __init__(self, *options: str) -> None:
        self.process = start("file_server.py", "--port", "0", *options)
        self._events: list[dict[str, Any]] = []
        listening = self.wait_for("listening")
        self.host, self.port = listening["host"], listening["port"]

    def order(self, **order: Any) -> None:
        """Tell it something."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def wait_for(self, event: str, token: str | None = None) -> dict[str, Any]:
        """Wait for an event, perhaps about one download; others are kept for later."""
        for kept in self._events:
            if kept["event"] == event and token in {None, kept.get("token")}:
                self._events.remove(kept)
                return kept
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            seen: dict[str, Any] = json.loads(line)
            if seen["event"] == event and token in {None, seen.get("token")}:
                return seen
            self._events.append(seen)
        raise AssertionError(f"the file server ended without {event!r}; it said {self._events}")

    def grant(self, path: Path, *, peer: str = "127.0.0.1", port: int = 0) -> "Grant":
        """Grant a download; what DOWNLOAD_READY would say of it. `port`: of a link in between."""
        from stage4_udp_files.download import Grant

        token = os.urandom(8).hex()
        self.order(do="grant", token=token, path=str(path), peer=peer)
        granted = self.wait_for("granted", token)
        return Grant(
            self.host,
            port or self.port,
            token,
            path.name,
            granted["size"],
            granted["version"],
            server="test",
        )

    def close(self) -> None:
        """End it as the chat server does."""
        end(self.process)


def start(program: str, *options: str) -> subprocess.Popen[str]:
    """Start a program of stage 4 by its path."""
    return subprocess.Popen(
        [sys.executable, str(STAGE / program), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def end(process: subprocess.Popen[str]) -> None:
    """Close the program's stdin and end it if that does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    process.wait(10)
    process.stdout.close()


@contextlib.contextmanager
def lossy_link(to: int, *options: str) -> Iterator[int]:
    """A bad link to a server's port; gives the port on which it listens."""
    process = start("lossy_link.py", "--listen", "0", "--to", str(to), *options)
    assert process.stdout is not None
    listening = re.match(r"Listening on 127\.0\.0\.1:(\d+)", process.stdout.readline())
    assert listening
    try:
        yield int(listening[1])
    finally:
        process.terminate()
        end(process)


class RunningDownload:
    """A download in a thread, and how it ended."""

    def __init__(self, grant: "Grant", folder: Path, **options: Any) -> None:
        from stage4_udp_files.download import Download

        self.progress: list[Any] = []
        self._at_half = threading.Event()
        self.download = Download(grant, folder, on_progress=self._progressed, **options)
        self.path: Path | None = None
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _progressed(self, progress: Any) -> None:
        self.progress.append(progress)
        if progress.received > 0.2 * progress.size:
            self._at_half.set()

    def _run(self) -> None:
        try:
            self.path = self.download.run()
        except Exception as error:
            self.error = error
        self._at_half.set()

    def wait_until_under_way(self) -> None:
        """Until a part of the file has come."""
        assert self._at_half.wait(30)
        assert self.error is None, self.error

    def wait(self) -> "RunningDownload":
        """Until it has ended."""
        self._thread.join(50)
        assert not self._thread.is_alive()
        return self
