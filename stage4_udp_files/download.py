"""The client's side of a download: from the server's grant to a verified file under its final name.

Strategy: one thread moves datagrams between the socket and the `Receiver`; another writes and
hashes. What has come lies in order in `name.part`, so a later download goes on where this one
ends, however it ends.
"""

import contextlib
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stage4_udp_files.datagrams import DatagramSocket, connected_socket
from stage4_udp_files.file_writer import FileWriter
from stage4_udp_files.part_file import PartFile
from stage4_udp_files.receiver import Receiver
from stage4_udp_files.trace import Trace, TraceFile
from stage4_udp_files.trains import Train

TRAINS_AN_ACK = 8
"""At most so many receiving calls are answered by one ACK."""
DATAGRAMS_AN_ACK = 64
PROGRESS_INTERVAL = 0.1
LONGEST_WAIT = 0.1
"""Seconds; how soon a cancel is noticed."""
LINGER_TIME = 1.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What `DOWNLOAD_READY` says. `host` and `port` are where the file server listens on UDP."""

    host: str
    port: int
    token: str  # 16 hexadecimal digits
    name: str  # a bare file name
    size: int  # bytes
    version: str
    server: str = ""  # what tells this server from others, for resuming; "" is host and port


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is, in bytes; of `packets` that came, `repeated` were sent again."""

    received: int
    size: int
    resumed_at: int
    packets: int
    repeated: int


class DownloadError(Exception):
    """The download has failed; the message says why. What has come is kept in `name.part`."""


class CancelledError(DownloadError):
    """The user wanted it so."""


class WrongContentError(DownloadError):
    """The whole file has come, but it is not what the server has: it was thrown away."""


class Download:
    """One download. `run` it in a thread of its own; `cancel` and `fail` end it from any other."""

    def __init__(
        self,
        grant: Grant,
        folder: Path,
        *,
        congestion: str = "",
        renew: Callable[[], Grant] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        trace: TraceFile | None = None,
        offload: bool = True,
    ) -> None:
        """`congestion` "" leaves the choice to the server.

        `renew` asks the server for a new grant, in the thread that runs the download; it is called
        when the content was wrong, for the one attempt more. `on_progress` is called there too.
        """
        self._grant = grant
        self._folder = folder
        self._congestion = congestion
        self._renew = renew
        self._on_progress = on_progress
        self._trace_file = trace
        self._offload = offload
        self._end: DownloadError | None = None
        self._next_progress = 0.0
        self._resumed_at = 0
        self._digest = b""

    def cancel(self) -> None:
        """End the download; `run` raises CancelledError soon. What has come is kept."""
        self._end = CancelledError("cancelled")

    def fail(self, why: str) -> None:
        """End the download because the server said so over TCP; `run` raises DownloadError(why)."""
        self._end = DownloadError(why)

    def run(self) -> Path:
        """Download; returns the verified file. Raises DownloadError, with a message for people."""
        try:
            try:
                return self._attempt(self._grant)
            except WrongContentError:
                if self._renew is None:
                    raise
                return self._attempt(self._renew())
        except OSError as error:
            raise DownloadError(in_plain_words(error)) from error

    def _attempt(self, grant: Grant) -> Path:
        if not is_bare_name(grant.name):
            raise DownloadError(f"the server named the file {grant.name!r}: that is no file name")
        server = grant.server or f"{grant.host}:{grant.port}"
        with contextlib.closing(PartFile(self._folder, grant.name, server, grant.version)) as part:
            sock = connected_socket(grant.host, grant.port)
            datagrams = DatagramSocket(sock, offload=self._offload)
            try:
                receiver = self._fill(part, datagrams, grant)
                if self._digest != receiver.digest:
                    part.begin_anew()
                    raise WrongContentError(
                        "what came is not what the server has (SHA-256 differs)"
                    )
                path = part.finish()
            except BaseException:
                datagrams.close()
                raise
        start_lingering(receiver, datagrams)
        return path

    def _fill(self, part: PartFile, datagrams: DatagramSocket, grant: Grant) -> Receiver:
        """Receive what is missing."""
        if part.length > grant.size:
            part.begin_anew()
        self._resumed_at = part.length
        receiver = Receiver(
            bytes.fromhex(grant.token),
            grant.size,
            start=self._resumed_at,
            congestion=self._congestion,
            now=time.monotonic(),
            trace=Trace(self._trace_file, "client", bytes.fromhex(grant.token)),
        )
        writer = FileWriter(part.file)
        try:
            self._receive_all(receiver, datagrams, writer)
            self._digest = writer.finish()
        finally:
            writer.stop()
        return receiver

    def _receive_all(
        self, receiver: Receiver, datagrams: DatagramSocket, writer: FileWriter
    ) -> None:
        """Run the receiver until it is complete. Raises DownloadError, or OSError from writing."""
        with selectors.SelectSelector() as selector:
            selector.register(datagrams.sock, selectors.EVENT_READ)
            while True:
                now = time.monotonic()
                answer(receiver, datagrams, now)
                self._report(receiver, now)
                if receiver.is_complete:
                    return
                if self._end:
                    raise self._end
                if receiver.failed:
                    raise DownloadError(receiver.failed)
                selector.select(min(max(receiver.next_timer() - now, 0), LONGEST_WAIT))
                receive_some(receiver, datagrams, writer)

    def _report(self, receiver: Receiver, now: float) -> None:
        """Tell how far it is, a few times a second and at the end."""
        if self._on_progress is None or (now < self._next_progress and not receiver.is_complete):
            return
        self._next_progress = now + PROGRESS_INTERVAL
        received = min(self._resumed_at + receiver.bytes_in_order, receiver.size)
        self._on_progress(
            Progress(
                received,
                receiver.size,
                self._resumed_at,
                receiver.packets_received,
                receiver.packets_repeated,
            )
        )


def is_bare_name(name: str) -> bool:
    """Whether a name can't lead out of the folder that it is put in."""
    return Path(name).name == name and name not in {"", ".", ".."} and "\\" not in name


def receive_some(receiver: Receiver, datagrams: DatagramSocket, writer: FileWriter) -> None:
    """Take in what is there now, a few trains at most, so that one ACK answers them together."""
    for _ in range(TRAINS_AN_ACK if datagrams.can_merge else DATAGRAMS_AN_ACK):
        received = datagrams.receive()
        if received is None:
            return
        train, _ = received
        now = time.monotonic()
        receiver.train_received(train, now)
        writer.put(receiver.take())


def answer(receiver: Receiver, datagrams: DatagramSocket, now: float) -> None:
    """Send what the receiver has to say."""
    datagrams.flush()
    for datagram in receiver.datagrams_to_send(now):
        datagrams.send(Train(datagram, len(datagram)))


def start_lingering(receiver: Receiver, datagrams: DatagramSocket) -> None:
    """Answer repeated FINs for a while, in a thread of its own: the last ACK may have been lost."""
    threading.Thread(
        target=linger, args=[receiver, datagrams], name="lingering", daemon=True
    ).start()


def linger(receiver: Receiver, datagrams: DatagramSocket) -> None:
    """Answer what still comes, until nothing has come for LINGER_TIME seconds; then close."""
    with contextlib.closing(datagrams), selectors.SelectSelector() as selector:
        selector.register(datagrams.sock, selectors.EVENT_READ)
        while selector.select(LINGER_TIME):
            while received := datagrams.receive():
                for datagram in received[0]:
                    receiver.datagram_received(datagram, time.monotonic())
            answer(receiver, datagrams, time.monotonic())


def in_plain_words(error: OSError) -> str:
    """What the system says, and about which file."""
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
