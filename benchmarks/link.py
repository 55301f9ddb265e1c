"""A slow, lossy link on one machine, for programs that know nothing of it.

Two network namespaces, each with a TUN device, stand for two computers; a small loop moves the IP
packets between them with a rate, a delay, a queue that drops at its tail, and random loss. A
packet's whole way is computed when it arrives (when the line will be free, plus its own time on the
line, plus the delay), so one event is left for each: handing it over when its time has come.
Needs Linux, root and the command `ip`.
"""

import argparse
import contextlib
import fcntl
import gc
import json
import os
import random
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

if __package__ in {None, ""}:  # started by its path: let Python find the package
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measure import BenchmarkError, Process, interruptible

SERVER_ADDRESS, CLIENT_ADDRESS = "10.77.0.1", "10.77.0.2"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
LARGEST_PACKET = 65_535
DEVICE_QUEUE = 20_000  # packets; so long that only our own queue ever drops
REST = 0.000_25  # seconds between two rounds: packets gather, as behind a card's interrupt delay
EARLY = 0.000_15  # seconds before its time that a packet may come out: evens out late wake-ups
BUCKET = 0.25  # seconds that one figure of the report covers
NAME = re.compile(r"^link-(\d+)-(server|client)\b")


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the link treats packets, the same in both directions."""

    rate: float = 100.0  # Mbit/s of IP packets, headers included
    delay: float = 20.0  # milliseconds one way, on top of the time on the line
    queue: int = 500_000  # bytes that may wait for the line
    loss: float = 0.0  # percent, at random, after the line: a lost packet has taken its time there
    seed: int = 1


class Direction:
    """One way of the link: bytes in, and the times at which they come out."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self._bytes_per_second = conditions.rate * 1e6 / 8
        self._delay = conditions.delay / 1000
        self._queue_limit = conditions.queue / self._bytes_per_second  # seconds of line time
        self._loss = conditions.loss / 100
        self._random = random.Random(seed).random
        self._line_free_at = 0.0
        self.in_flight: deque[tuple[float, bytes]] = deque()  # (when it comes out, packet)
        self._first_at: float | None = None  # time.monotonic() of the first packet
        self.counts = {"packets": 0, "bytes": 0, "dropped": 0, "lost": 0}
        self.flow_bytes: Counter[tuple[int, bytes]] = Counter()  # handed over: (bucket, flow)
        self.queue_delay: dict[int, list[float]] = {}  # bucket: [packets, sum, longest] in seconds

    def take(self, packet: bytes, now: float) -> None:
        """Let a packet enter the queue, or drop it when the queue is full."""
        counts, length = self.counts, len(packet)
        if self._first_at is None:
            self._first_at = now
        counts["packets"] += 1
        counts["bytes"] += length
        wait = max(0.0, self._line_free_at - now)
        line_time = length / self._bytes_per_second
        if wait + line_time > self._queue_limit:
            counts["dropped"] += 1
            return
        self._note_wait(int(now / BUCKET), wait)
        self._line_free_at = now + wait + line_time
        if self._random() < self._loss:
            counts["lost"] += 1
            return
        self.in_flight.append((self._line_free_at + self._delay, packet))

    def _note_wait(self, bucket: int, wait: float) -> None:
        noted = self.queue_delay.setdefault(bucket, [0, 0.0, 0.0])
        noted[0] += 1
        noted[1] += wait
        if wait > noted[2]:
            noted[2] = wait

    def hand_over(self, device: int, now: float) -> None:
        """Write every packet whose time has come to the device at the far end."""
        in_flight, bucket = self.in_flight, int(now / BUCKET)
        while in_flight and in_flight[0][0] <= now:
            packet = in_flight.popleft()[1]
            self.flow_bytes[bucket, packet[9:10] + packet[20:24]] += len(packet)
            with contextlib.suppress(OSError):  # the far end has just gone
                os.write(device, packet)

    def report(self) -> dict[str, Any]:
        """What went through so far. Times are those of time.monotonic(), at a bucket's start."""
        return {
            **self.counts,
            "first_at": self._first_at,
            "flows": [
                [bucket * BUCKET, _flow_name(flow), count]
                for (bucket, flow), count in sorted(self.flow_bytes.items())
            ],
            "queue_delay": [
                [bucket * BUCKET, total / number, longest]
                for bucket, (number, total, longest) in sorted(self.queue_delay.items())
            ],
        }


def _flow_name(flow: bytes) -> str:
    """`tcp 80 50000` for the protocol byte and the two ports of an IPv4 packet."""
    if flow[0] == 1 or len(flow) < 5:
        return "icmp"
    protocol = {6: "tcp", 17: "udp"}.get(flow[0], str(flow[0]))
    return "{} {} {}".format(protocol, *struct.unpack("!HH", flow[1:5]))


def move_packets(server_device: int, client_device: int, conditions: Conditions) -> None:
    """Move packets between the two devices until stdin ends; `report` there asks for a report."""
    down = Direction(conditions, conditions.seed)
    up = Direction(conditions, -conditions.seed - 1)
    ways = ((server_device, down, client_device), (client_device, up, server_device))
    inputs = [0, server_device, client_device]
    monotonic, read, rest = time.monotonic, os.read, time.sleep
    while True:
        heads = [way.in_flight[0][0] for way in (down, up) if way.in_flight]
        wait = max(0.0, min(heads) - monotonic() - EARLY) if heads else None
        if 0 in select.select(inputs, [], [], wait)[0]:
            if not read(0, 100):
                return
            print(json.dumps({"down": down.report(), "up": up.report()}), flush=True)
        for _, way, far in ways:
            way.hand_over(far, monotonic() + EARLY)
        for near, way, _ in ways:
            with contextlib.suppress(BlockingIOError):
                while True:
                    way.take(read(near, LARGEST_PACKET), monotonic())
        rest(REST)


def _ip(*arguments: str) -> None:
    try:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise BenchmarkError("the link needs the command `ip` (package iproute2)") from None
    except subprocess.CalledProcessError as error:
        what = error.stderr.strip() or f"status {error.returncode}"
        raise BenchmarkError(f"`ip {' '.join(arguments)}` failed: {what}") from None


def _new_device(name: str) -> int:
    """Make a TUN device in this namespace; it lives as long as the descriptor."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BenchmarkError(f"the link needs /dev/net/tun: {error.strerror}") from None
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def _make_computer(namespace: str, device_name: str, address: str, peer: str) -> int:
    """A namespace with one device whose far end is `peer`; returns the device's descriptor."""
    _ip("netns", "add", namespace)
    device = _new_device(device_name)
    _ip("link", "set", device_name, "netns", namespace)
    inside = ("-n", namespace)
    _ip(*inside, "link", "set", device_name, "txqueuelen", str(DEVICE_QUEUE), "addrgenmode", "none")
    _ip(*inside, "address", "add", address, "peer", peer, "dev", device_name)
    _ip(*inside, "link", "set", device_name, "up")
    _ip(*inside, "link", "set", "lo", "up")
    forget = "echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save"  # no run learns from one before
    _ip("netns", "exec", namespace, "sh", "-c", forget)
    return device


def _sweep() -> None:
    """Remove the namespaces of a run that was killed before it could."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        if (found := NAME.match(line)) and not Path(f"/proc/{found[1]}").exists():
            _ip("netns", "delete", found[0])


@contextlib.contextmanager
def two_computers() -> Iterator[tuple[int, int, str, str]]:
    """Two namespaces and the descriptors of their devices; removed at the end, whatever happens."""
    if os.geteuid() != 0:
        raise BenchmarkError("the link makes network namespaces, so it must be started by root")
    _sweep()
    names = [f"link-{os.getpid()}-{role}" for role in ("server", "client")]
    try:
        server = _make_computer(names[0], f"ls{os.getpid()}", SERVER_ADDRESS, CLIENT_ADDRESS)
        client = _make_computer(names[1], f"lc{os.getpid()}", CLIENT_ADDRESS, SERVER_ADDRESS)
        yield server, client, names[0], names[1]
    finally:
        for name in names:
            if Path("/run/netns", name).exists():
                _ip("netns", "delete", name)


def serve(conditions: Conditions) -> None:
    """Be the link, until stdin ends: print the two namespaces' names, then move packets."""
    with two_computers() as (server, client, server_name, client_name):
        print(f"namespaces: {server_name} {client_name}", flush=True)
        with contextlib.suppress(OSError):  # ahead of the programs that use the link
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        gc.freeze()
        gc.disable()
        move_packets(server, client, conditions)


class Link:
    """`with Link(Conditions(loss=1)) as link:` – a link in a process of its own.

    `server` and `client` are prefixes that put a command on either computer.
    """

    def __init__(self, conditions: Conditions) -> None:
        options = [f"--{name}={value}" for name, value in asdict(conditions).items()]
        self._mover = Process([sys.executable, __file__, "--serve", *options])

    def __enter__(self) -> Self:
        try:
            _, server, client = self._mover.wait_for_line("namespaces: ", 10).split()
        except BenchmarkError:
            self._mover.end()
            raise BenchmarkError(self._mover.lines[-1].removeprefix("benchmark: ")) from None
        self.server = ["ip", "netns", "exec", server]
        self.client = ["ip", "netns", "exec", client]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._mover.end()

    def report(self) -> dict[str, Any]:
        """What went through so far, by direction: `down` is from the server to the client."""
        self._mover.write_line("report")
        report: dict[str, Any] = json.loads(self._mover.wait_for_line('{"down"'))
        return report

    def cpu_seconds(self) -> float:
        """What the link itself has cost."""
        return self._mover.cpu_seconds()


def main() -> int:
    """Make a link, say how to use it, and keep it until Enter or Ctrl+C."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in asdict(Conditions()).items():
        unit = {"rate": "Mbit/s", "delay": "ms one way", "queue": "bytes", "loss": "%%"}.get(name)
        parser.add_argument(
            f"--{name}", type=type(value), default=value, help=f"{unit or ''} (default {value})"
        )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = vars(parser.parse_args())
    as_part = chosen.pop("serve")
    with interruptible():
        if as_part:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            serve(Conditions(**chosen))
            return 0
        with Link(Conditions(**chosen)) as link:
            print(f"server ({SERVER_ADDRESS}): {' '.join(link.server)} COMMAND")
            print(f"client ({CLIENT_ADDRESS}): {' '.join(link.client)} COMMAND")
            with contextlib.suppress(EOFError):
                input("Enter ends the link. ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
