"""The programs that a download is measured with: ours and its peers, each a server and a client.

A peer says how its two programs are started and what it lacks on this machine; what is done with
them is in `fetching.py`.
"""

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import FOLDER, free_port

TCP_FILE, OWN_DOWNLOAD = str(FOLDER / "tcp_file.py"), str(FOLDER / "own_download.py")
TFTP_SERVER = (
    "import sys, tftpy; tftpy.TftpServer(sys.argv[1]).listen('127.0.0.1', int(sys.argv[2]))"
)
TFTP_CLIENT = (
    "import sys, tftpy; c = tftpy.TftpClient('127.0.0.1', int(sys.argv[1]), {'blksize': 1468}); "
    "c.download(sys.argv[2], sys.argv[3])"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair of programs runs: an address, a port, and what puts each on its computer."""

    host: str
    port: int
    server_prefix: Sequence[str] = ()
    client_prefix: Sequence[str] = ()
    server_cpu: int | None = None
    client_cpu: int | None = None


def loopback(pinned: bool) -> Place:
    """Both programs here; when pinned, the server on processor 0 and the client on 1."""
    cpus = (0, 1) if pinned else (None, None)
    return Place("127.0.0.1", free_port(), server_cpu=cpus[0], client_cpu=cpus[1])


@dataclass(frozen=True, slots=True)
class Files:
    """A folder to serve from, one to download into, and what a TLS server needs."""

    served: Path
    received: Path
    key: Path
    certificate: Path

    def arrived(self, name: str) -> Path:
        return self.received / name


class Peer:
    """One way to fetch a file. `ready` is what its server prints once it serves, if anything."""

    name = ""
    ready = ""

    def missing(self) -> str | None:
        """What this peer lacks on this machine, or None."""
        return None

    def server(self, files: Files, place: Place) -> list[str]:
        raise NotImplementedError

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        raise NotImplementedError

    @staticmethod
    def _lacks(*programs: str) -> str | None:
        gone = [program for program in programs if shutil.which(program) is None]
        return f"not installed: {', '.join(gone)}" if gone else None


@dataclass
class Ours(Peer):
    """Stage 4's server, and its download without the chat client around it."""

    congestion: str = "rate"
    offload: bool = True
    ready = "Listening on"

    def __post_init__(self) -> None:
        self.name = "ours" if self.congestion == "rate" else f"ours, {self.congestion}"
        self.name += "" if self.offload else ", without offload"

    def server(self, files: Files, place: Place) -> list[str]:
        address = ["--host", place.host, "--port", str(place.port)]
        folders = ["--files", str(files.served)]
        images = [
            f"--{kind}={files.received.parent / kind}"
            for kind in ("received-images", "server-images")
        ]
        module = "stage4_udp_files.server" if self.offload else "benchmarks.server_without_offload"
        return [sys.executable, "-m", module, *address, *folders, *images]

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        where = [place.host, str(place.port), name, "--into", str(files.received)]
        options = ["--congestion", self.congestion, *([] if self.offload else ["--no-offload"])]
        return [sys.executable, OWN_DOWNLOAD, *where, *options]


class OursWhole(Ours):
    """Stage 4's whole client with `--get`, as a user starts it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.name = "ours, `client --get`"

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        program = [sys.executable, "-m", "stage4_udp_files.client", place.host]
        folders = ["--downloads", str(files.received), f"--received={files.received}"]
        options = ["--port", str(place.port), "--congestion", self.congestion]
        return [*program, *options, *folders, "--get", name]


@dataclass
class Ngtcp2(Peer):
    """The example programs of ngtcp2 (QUIC in C, encrypted); their integrity check is TLS's."""

    congestion: str = "bbr"

    def __post_init__(self) -> None:
        self.name = f"ngtcp2 {self.congestion}"

    def missing(self) -> str | None:
        return self._lacks("gtlsserver", "gtlsclient", "openssl")

    def server(self, files: Files, place: Place) -> list[str]:
        options = ["-q", "-d", str(files.served), f"--cc={self.congestion}"]
        tls = [str(files.key), str(files.certificate)]
        return ["gtlsserver", *options, place.host, str(place.port), *tls]

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        quiet = ["-q", "--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close"]
        into = f"--download={files.received}"
        where = [place.host, str(place.port), f"https://{place.host}:{place.port}/{name}"]
        return ["gtlsclient", *quiet, into, f"--cc={self.congestion}", *where]


class Http(Peer):
    """Python's own web server, fetched by curl, checked by sha256sum."""

    name = "http.server + curl + sha256sum"
    ready = "Serving HTTP"

    def missing(self) -> str | None:
        return self._lacks("curl", "sha256sum")

    def server(self, files: Files, place: Place) -> list[str]:
        options = ["--bind", place.host, "--directory", str(files.served), str(place.port)]
        return [sys.executable, "-m", "http.server", *options]

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        script = 'curl -sSf -o "$1" "$2" && sha256sum "$1"'
        url = f"http://{place.host}:{place.port}/{name}"
        return ["sh", "-c", script, "fetch", str(files.arrived(name)), url]


class Tftpy(Peer):
    """TFTP in Python, blocks of 1,468 bytes; no check of the content."""

    name = "tftpy"

    def missing(self) -> str | None:
        return None if importlib.util.find_spec("tftpy") else "not installed: tftpy (pip)"

    def server(self, files: Files, place: Place) -> list[str]:
        return [sys.executable, "-c", TFTP_SERVER, str(files.served), str(place.port)]

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        command = [sys.executable, "-c", TFTP_CLIENT]
        return [*command, str(place.port), name, str(files.arrived(name))]


@dataclass
class KernelTcp(Peer):
    """A file over a kernel TCP connection, its SHA-256 compared."""

    congestion: str = "bbr"
    ready = "Listening on"

    def __post_init__(self) -> None:
        self.name = f"kernel TCP {self.congestion}"

    def missing(self) -> str | None:
        offered = Path("/proc/sys/net/ipv4/tcp_available_congestion_control").read_text().split()
        return None if self.congestion in offered else f"this kernel has no {self.congestion}"

    def server(self, files: Files, place: Place) -> list[str]:
        options = ["--host", place.host, "--folder", str(files.served)]
        congestion = ["--congestion", self.congestion]
        return [sys.executable, TCP_FILE, "serve", str(place.port), *options, *congestion]

    def client(self, files: Files, place: Place, name: str) -> list[str]:
        into = ["--into", str(files.arrived(name))]
        return [sys.executable, TCP_FILE, "get", place.host, str(place.port), name, *into]
