"""How long a chat message takes from one client to another, sent at a steady pace.

    python benchmarks/chat_probe.py PORT SECONDS [--every MS] [--ordinary]

Prints the latencies in milliseconds as one line of JSON. The probe asks for real-time priority, so
that its own waiting for a processor is not counted; with --ordinary it stays a program like others.
A message that has not come within 10 seconds after the last was sent counts as those 10 seconds.
"""

import argparse
import contextlib
import json
import os
import select
import socket
import sys
import time

PATIENCE = 10.0  # seconds


class Probe:
    """Two connections to one server: one that talks, one that listens for it."""

    def __init__(self, port: int) -> None:
        self._talker = socket.create_connection(("127.0.0.1", port))
        self._listener = socket.create_connection(("127.0.0.1", port))
        self._talker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._mark = f"probe-{os.getpid()}-".encode()
        self._partial = b""
        self._sent_at: dict[int, float] = {}
        self.latencies: list[float] = []  # seconds

    def run(self, seconds: float, every: float) -> None:
        """Send at the given pace, then wait for what is still on its way."""
        time.sleep(0.2)  # both are in the room
        start = next_at = time.monotonic()
        while (now := time.monotonic()) < start + seconds:
            if now >= next_at:
                self._say(len(self._sent_at) + len(self.latencies))
                next_at += every
            self._listen(max(0.0, next_at - time.monotonic()))
        while self._sent_at and time.monotonic() < start + seconds + PATIENCE:
            self._listen(0.1)
        self.latencies += [PATIENCE] * len(self._sent_at)

    def _say(self, number: int) -> None:
        self._sent_at[number] = time.monotonic()
        self._talker.sendall(b"CLIENT:%b%d\n" % (self._mark, number))

    def _listen(self, seconds: float) -> None:
        if not select.select([self._listener], [], [], seconds)[0]:
            return
        data = self._listener.recv(1 << 20)
        if not data:
            raise SystemExit("the server closed the connection")
        now = time.monotonic()
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            if self._mark in line:
                number = int(line.rpartition(b"-")[2])
                self.latencies.append(now - self._sent_at.pop(number))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--every", type=float, default=10, help="ms between two messages")
    parser.add_argument("--ordinary", action="store_true", help="no real-time priority")
    chosen = parser.parse_args()
    if not chosen.ordinary:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    probe = Probe(chosen.port)
    probe.run(chosen.seconds, chosen.every / 1000)
    print(json.dumps([latency * 1000 for latency in probe.latencies]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
