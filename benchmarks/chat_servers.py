"""The chat servers that are compared: how each is started, and how a client talks to it.

Each runs on a port of its own, with its output (ours: the log of every message) going to a file.
"""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import PROJECT, BenchmarkError, Process, free_port

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the bytes on the wire look like: `greeting(n)` makes client n a member of the room."""

    greeting: Callable[[int], bytes]
    before_text: bytes
    after_text: bytes


@dataclass(frozen=True, slots=True)
class ChatServer:
    """A server to compare. `command` gets a folder of its own for settings, and the port.

    backlog: how many connections it lets wait. sender_mark: what stands in front of a message with
    its sender, for a server that does not say the sender of every message.
    """

    name: str
    title: str
    command: Callable[[Path, int], list[str]]
    dialect: Dialect
    needs: Path | str
    backlog: int = 50
    sender_mark: bytes = b""

    def missing(self) -> str | None:
        """What this computer lacks to run it, in a few words."""
        if isinstance(self.needs, Path):
            return None if self.needs.exists() else f"{self.needs} is not there"
        return None if shutil.which(self.needs) else f"the program {self.needs} is not installed"

    @contextlib.contextmanager
    def running(self, folder: Path, cpu: int | None) -> Iterator[tuple[Process, int]]:
        """Start it and wait until it accepts; yields the process and its port."""
        port = free_port()
        log = folder / f"{self.name}.log"
        to_file = ("/bin/sh", "-c", 'exec "$@" >"$0" 2>&1', str(log))
        with Process(self.command(folder, port), cpu=cpu, prefix=to_file) as process:
            _wait_until_listening(port, process, log)
            yield process, port


def _wait_until_listening(port: int, process: Process, log: Path) -> None:
    """Wait without connecting: ncat ends when a client goes before it was greeted."""
    wanted = f"0100007F:{port:04X} 00000000:0000 0A"  # 127.0.0.1, any peer, state LISTEN
    for _ in range(200):
        if process.poll() is not None:
            break
        if wanted in Path("/proc/net/tcp").read_text():
            return
        time.sleep(0.05)
    last_words = log.read_text(errors="replace").splitlines()[-3:]
    raise BenchmarkError(f"{process.command[4]} does not listen; it said {last_words}")


def _ours(engine: str) -> Callable[[Path, int], list[str]]:
    def command(_folder: Path, port: int) -> list[str]:
        module = [sys.executable, "-m", "stage1_basic.server"]
        return [*module, "--host", HOST, "--port", str(port), "--engine", engine]

    return command


def _relay(_folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.ideal_relay", str(port)]


def _ncat(_folder: Path, port: int) -> list[str]:
    return ["ncat", "--chat", "-l", HOST, str(port), "--max-conns", "20000"]


NGIRCD_SETTINGS = """\
[Global]
Name = irc.example.net
Listen = {host}
Ports = {port}
MotdPhrase = hello
ServerUID = 0
ServerGID = 0
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""


def _ngircd(folder: Path, port: int) -> list[str]:
    settings = folder / "ngircd.conf"
    settings.write_text(NGIRCD_SETTINGS.format(host=HOST, port=port))
    return ["ngircd", "--nodaemon", "--config", str(settings)]


def _irc_greeting(number: int) -> bytes:
    return b"NICK c%05d\r\nUSER c 0 * :c\r\nJOIN #room\r\n" % number


PLAIN = Dialect(lambda _number: b"", b"", b"\n")
VERBS = Dialect(lambda _number: b"", b"CLIENT:", b"\n")
IRC = Dialect(_irc_greeting, b"PRIVMSG #room :", b"\r\n")

STAGE_1 = PROJECT / "stage1_basic" / "server.py"
LOOP = ChatServer("loop", "stage 1, event loop", _ours("loop"), VERBS, STAGE_1)
THREADS = ChatServer("threads", "stage 1, threads", _ours("threads"), VERBS, STAGE_1)
NCAT = ChatServer("ncat", "`ncat --chat` (C)", _ncat, PLAIN, "ncat", 5, b"<user")
NGIRCD = ChatServer("ngircd", "ngircd (C)", _ngircd, IRC, "ngircd", 5)
IDEAL = ChatServer(
    "ideal",
    "*the load's own ceiling*",
    _relay,
    VERBS,
    PROJECT / "benchmarks" / "ideal_relay.py",
)
SERVERS = {server.name: server for server in (LOOP, THREADS, NCAT, NGIRCD, IDEAL)}
