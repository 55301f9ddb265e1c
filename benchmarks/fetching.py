"""One download with any pair of programs: started, watched on both sides, its file compared."""

import contextlib
import filecmp
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.link import SERVER_ADDRESS, Conditions, Link
from benchmarks.measure import BenchmarkError, Process
from benchmarks.peers import Files, Peer, Place

PATIENCE = 180.0  # seconds for one download
PORT = 9000  # in a namespace of our own every port is free
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: sizes in MB, times in seconds."""

    runs: int = 5
    loopback_size: int = 1000
    link_sizes: tuple[int, ...] = (10, 50)
    memory_size: int = 2000
    seconds: float = 60.0  # of sharing the link
    settled: float = 10.0  # after which shares are counted
    pinned: bool = False


QUICK = Plan(1, 100, (10,), 500, 16.0, 6.0)


def say(text: str) -> None:
    """Progress, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


def make_file(files: Files, megabytes: float, empty: bool = False) -> str:
    """A file of random bytes (or, where only its length matters, a hole) to be served."""
    size = int(megabytes * MEGABYTE)
    name = f"{'hole' if empty else 'random'}-{megabytes:g}MB.bin"
    path = files.served / name
    if not path.exists():
        with path.open("wb") as file:
            if empty:
                file.truncate(size)
            while not empty and file.tell() < size:
                file.write(os.urandom(min(MEGABYTE, size - file.tell())))
    return name


def present(peers: Sequence[Peer]) -> list[Peer]:
    """The peers that this machine has; the others are named."""
    here = []
    for peer in peers:
        if why := peer.missing():
            say(f"{peer.name} is left out: {why}")
        else:
            here.append(peer)
    return here


def clean(folder: Path) -> None:
    """Empty the folder for received files, so that no download resumes an interrupted one."""
    for leftover in folder.iterdir():
        if leftover.is_file():
            leftover.unlink()


@dataclass
class Run:
    """One download: what it took and what it cost. Memory in bytes, times in seconds."""

    peer: str
    size: int
    seconds: float  # from the request to the verified file
    whole: float  # the client's process from its start to its end
    server_cpu: float
    client_cpu: float
    server_memory: int
    client_memory: int
    wire_bytes: int = 0  # IP bytes that the server put on the link
    dropped: int = 0  # packets that found the queue full
    ended_at: float = 0.0  # time.monotonic() when the client had ended

    @property
    def mbit(self) -> float:
        """Goodput in Mbit/s from the request to the verified file."""
        return self.size * 8e-6 / self.seconds

    @property
    def whole_mbit(self) -> float:
        return self.size * 8e-6 / self.whole

    @property
    def megabytes(self) -> float:
        """Goodput in MB/s (10^6 bytes)."""
        return self.size / 1e6 / self.seconds


@contextlib.contextmanager
def serving(peer: Peer, files: Files, place: Place) -> Iterator[Process]:
    """The peer's server, ready to be asked."""
    command = peer.server(files, place)
    with Process(command, prefix=place.server_prefix, cpu=place.server_cpu) as server:
        if peer.ready:
            server.wait_for_line(peer.ready)
        else:
            time.sleep(0.3)  # it says nothing; this is ample
        yield server


def asking(peer: Peer, files: Files, place: Place, name: str) -> Process:
    """The peer's client, started."""
    command = peer.client(files, place, name)
    return Process(command, prefix=place.client_prefix, cpu=place.client_cpu)


def fetch(peer: Peer, files: Files, place: Place, name: str, timeout: float = PATIENCE) -> Run:
    """One download, both sides measured, the result compared byte by byte."""
    source, arrived = files.served / name, files.arrived(name)
    clean(files.received)
    warm_memory(arrived, source.stat().st_size)
    with serving(peer, files, place) as server:
        before = server.cpu_seconds()
        with asking(peer, files, place, name) as client:
            client.must_succeed(timeout)
        server.sample()
        if not filecmp.cmp(source, arrived, shallow=False):
            raise BenchmarkError(f"{peer.name} delivered another file")
        arrived.unlink()
        return Run(
            peer=peer.name,
            size=source.stat().st_size,
            seconds=_own_seconds(client) or client.seconds,
            whole=client.seconds,
            server_cpu=server.cpu_seconds() - before,
            client_cpu=client.cpu_seconds(),
            server_memory=server.peak_rss,
            client_memory=client.peak_rss,
            ended_at=client.ended_at,
        )


def warm_memory(file: Path, size: int) -> None:
    """Write so many bytes and delete them: whoever comes first must not pay for fetching memory."""
    block = b"\xff" * 1_000_000
    with file.open("wb") as stream:
        for _ in range(0, size, len(block)):
            stream.write(block)
    file.unlink()


def _own_seconds(client: Process) -> float | None:
    """The seconds that the client measured itself, from its request to the verified file."""
    if client.lines and client.lines[-1].startswith("{"):
        seconds: float = json.loads(client.lines[-1])["seconds"]
        return seconds
    return None


def fetch_over_link(peer: Peer, files: Files, conditions: Conditions, name: str) -> Run:
    """One download over a fresh link. A client without a clock counts from its first packet."""
    with Link(conditions) as link:
        place = Place(SERVER_ADDRESS, PORT, link.server, link.client)
        run = fetch(peer, files, place, name)
        report = link.report()
    if run.seconds == run.whole:
        run.seconds = run.ended_at - report["up"]["first_at"]
    run.wire_bytes = report["down"]["bytes"]
    run.dropped = report["down"]["dropped"]
    return run


def runs_of(results: dict[str, Any]) -> dict[str, list[Run]]:
    """The runs of a section's results, by peer, in the order of their first runs."""
    by_peer: dict[str, list[Run]] = {}
    for fields in results["runs"]:
        fields = {key: value for key, value in fields.items() if key not in {"loss", "base"}}
        by_peer.setdefault(fields["peer"], []).append(Run(**fields))
    return by_peer


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a self-signed certificate for the TLS peers, good for two days."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    out = ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"]
    with contextlib.suppress(FileNotFoundError):  # its peer will be left out and named
        subprocess.run(["openssl", "req", "-x509", *kind, *out], check=True, capture_output=True)
    return key, certificate
