"""The downloads of one client: what was asked for over TCP, and what is on its way over UDP.

Strategy: each request gets one answer, in order, so an answer belongs to the request that waits
longest. Each download runs in a thread of its own. It may fail on both sides at any moment, and
whichever side learns of it tells the other.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from stage4_udp_files.download import DownloadError, Grant
from stage4_udp_files.events import DownloadFailed
from stage4_udp_files.running_download import DownloadOptions, Ending, RunningDownload

RENEW_SECONDS = 10.0  # how long the server may take to grant a second attempt
TOKEN_DIGITS = 16
LARGEST_SIZE = 2**63  # bytes; no file system has larger files
CONNECTION_LOST = "the connection to the server is lost"


@dataclass(slots=True)
class Request:
    """`DOWNLOAD:` or `CANCEL:` was sent, and its answer has not come."""

    name: str
    cancels: bool = False
    renewed: Future[Grant] | None = None  # the download under way that waits for this answer


class Downloads:
    """All downloads of a session. `send(text)` sends a line, if there is a connection."""

    def __init__(
        self,
        options: DownloadOptions,
        send: Callable[[str], bool],
        put_event: Callable[[Any], None],
    ) -> None:
        self.options = options
        self.server = ""  # host:port of the TCP connection
        self.when_idle: Callable[[], None] | None = None  # called once, when nothing is under way
        self._send = send
        self._put_event = put_event
        self._lock = threading.Lock()  # guards what follows; what is asked first stands first
        self._requests: deque[Request] = deque()
        self._running: dict[str, RunningDownload] = {}

    # What the user wishes.

    def request(self, name: str) -> bool:
        """Ask for a file; False if it is on its way already."""
        with self._lock:
            asked = any(request.name == name and not request.cancels for request in self._requests)
            if asked or name in self._running:
                return False
            self._ask(Request(name), f"DOWNLOAD:{name}")
            return True

    def cancel(self, name: str) -> None:
        """End a download. What has come is kept, for the next attempt."""
        if running := self._running.get(name):
            running.cancel()

    def cancel_all(self) -> None:
        """End every download."""
        for running in list(self._running.values()):
            running.cancel()

    def finish(self, then: Callable[[], None]) -> None:
        """Call `then` when nothing is under way any more."""
        self.when_idle = then
        self._check_idle()

    # What the server says.

    def ready(self, text: str) -> None:
        """`DOWNLOAD_READY:<json>`: the answer to the oldest request. Its fields are a
        stranger's."""
        request = self._oldest()
        if request is None:
            return
        try:
            grant = self._grant(request.name, json.loads(text))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            self._refuse("the server's answer makes no sense")
            return
        if request.renewed is None and not request.cancels:
            self._start(request, grant)
        elif self._answered() is request and request.renewed is not None:
            request.renewed.set_result(grant)

    def refused(self, name: str, why: str) -> None:
        """`FILE_ERROR:<filename>|<text>`: an answer, or the end of a download under way."""
        running = self._running.get(name)
        oldest = self._oldest()
        if running is not None and (not oldest or oldest.name != name):
            running.fail(why)
        else:
            self._refuse(why)

    def cancel_refused(self) -> None:
        """`ERROR:CANCEL:`: it had ended already."""
        oldest = self._oldest()
        if oldest is not None and oldest.cancels:
            self._answered()

    def connection_lost(self) -> None:
        """Nothing will be answered any more, and the server has ended our downloads."""
        while self._refuse(CONNECTION_LOST):
            pass
        with self._lock:
            downloads = list(self._running.values())
        for running in downloads:
            running.fail(CONNECTION_LOST)

    # How it is done.

    def _ask(self, request: Request, line: str) -> bool:
        """Send a request (the lock is held); one that cannot leave has no answer either."""
        if not self._send(line):
            return False
        self._requests.append(request)
        return True

    def _oldest(self) -> Request | None:
        """What waits longest for its answer."""
        with self._lock:
            return self._requests[0] if self._requests else None

    def _answered(self) -> Request | None:
        """That, and it waits no more."""
        with self._lock:
            return self._requests.popleft() if self._requests else None

    def _refuse(self, why: str) -> bool:
        """What waits longest will not be had; False if nothing waits.

        The face is told before others can see that nothing waits any more: it may leave then.
        """
        with self._lock:
            request = self._requests.popleft() if self._requests else None
            if request is not None and request.renewed is not None:
                request.renewed.set_exception(DownloadError(why))
            elif request is not None and not request.cancels:
                self._put_event(DownloadFailed(request.name, why))
        self._check_idle()
        return request is not None

    def _grant(self, name: str, ready: dict[str, Any]) -> Grant:
        """Read the server's answer. Raises ValueError, KeyError, TypeError where it is none."""
        size, udp_port, token = int(ready["size"]), int(ready["udp_port"]), str(ready["token"])
        if not (
            0 <= size < LARGEST_SIZE
            and 0 < udp_port < 65_536
            and len(token) == len(bytes.fromhex(token)) * 2 == TOKEN_DIGITS
        ):
            raise ValueError("out of range")
        return Grant(
            host=self.server.rpartition(":")[0].strip("[]"),
            port=self.options.udp_port or udp_port,
            token=token,
            name=name,
            size=size,
            version=str(ready["version"]),
            server=self.server,
        )

    def _start(self, request: Request, grant: Grant) -> None:
        running = RunningDownload(grant, self.options, self._renew, self._put_event, self._ended)
        with self._lock:  # at no moment it is neither asked for nor running
            if not self._requests or self._requests[0] is not request:  # the connection was lost
                return
            self._requests.popleft()
            self._running[grant.name] = running
        running.start()

    def _ended(self, running: RunningDownload, ending: Ending) -> None:
        """A download has ended, in its thread."""
        name = running.grant.name
        with self._lock:
            del self._running[name]
            if isinstance(ending, DownloadFailed) and running.is_known_to_server:
                self._ask(Request(name, cancels=True), f"CANCEL:{running.grant.token}")
            self._put_event(ending)  # before others can see that nothing is under way any more
        self._check_idle()

    def _renew(self, running: RunningDownload) -> Grant:
        """Ask once more, in a download's thread. Raises DownloadError."""
        name = running.grant.name
        renewed: Future[Grant] = Future()
        with self._lock:
            if not self._ask(Request(name, renewed=renewed), f"DOWNLOAD:{name}"):
                raise DownloadError(CONNECTION_LOST)
        try:
            return renewed.result(RENEW_SECONDS)
        except TimeoutError:
            raise DownloadError("the server does not answer") from None

    def _check_idle(self) -> None:
        with self._lock:
            wanted = [request for request in self._requests if not request.cancels]
            if wanted or self._running or self.when_idle is None:
                return
            then, self.when_idle = self.when_idle, None
        then()
