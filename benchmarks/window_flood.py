"""Whether the window stays alive while 1,000 messages a second arrive.

    python benchmarks/window_flood.py [--seconds 60] [--rate 1000] [--quick]

A stage 2 server, one client that talks, and the real window on a screen of its own (Xvfb). A timer
of the window's fires every 5 ms; how late it comes is how long the turn of the Tk loop was that it
had to wait for: events, inserting, drawing. Run as root, the window has real-time priority over
the machine's other work. Stays on 127.0.0.1; ends all it started.
"""

import argparse
import contextlib
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the packages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measure import machine, percentile, table, write_results, write_section
from benchmarks.processes import Process, interruptible
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow
from tests.support.display import virtual_display

BEAT = 5  # milliseconds
REAL_TIME = os.sched_param(10)  # as on a desktop that is not busy with other things
PORTION = 0.02  # seconds between two portions of messages
AIM = 50.0  # ms that a turn may take
TEXT = "The quick brown fox jumps over the lazy dog, and over message number"


class Heartbeat:
    """A timer of Tk's that measures how long everything else kept it waiting."""

    def __init__(self, window: ChatWindow) -> None:
        self._root = window.root
        self.turns: list[float] = []  # ms of wall-clock time
        self.busy: list[float] = []  # ms of the processor's time in the same turns
        self._last = (0.0, 0.0)

    def start(self) -> None:
        """Begin to beat."""
        self._last = (time.perf_counter(), time.thread_time())
        self._root.after(BEAT, self._beat)

    def _beat(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.turns.append((now[0] - self._last[0]) * 1_000 - BEAT)
        self.busy.append((now[1] - self._last[1]) * 1_000)
        self._last = now
        self._root.after(BEAT, self._beat)


def talk(port: int, rate: int, seconds: float) -> int:
    """Say `rate` messages a second for so long; how many were said."""
    said = 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        threading.Thread(target=drain, args=(sock,), daemon=True).start()
        sock.sendall(b"NICK:Flood\n")
        start = time.monotonic()
        while (elapsed := time.monotonic() - start) < seconds:
            due = int(elapsed * rate)
            lines = (f"{TEXT} {number}\n" for number in range(said, due))
            sock.sendall("".join(lines).encode())
            said = max(said, due)
            time.sleep(PORTION)
        sock.sendall(b"the end\n")
        sock.shutdown(socket.SHUT_WR)
        time.sleep(PORTION)
    return said


def drain(sock: socket.socket) -> None:
    """Read and forget."""
    while sock.recv(65_536):
        pass


def when_shown(window: ChatWindow, text: str, then: Callable[[], None]) -> None:
    """Call `then` once the end of the conversation has this text."""
    if text in window.conversation.text.get("end-9l", "end"):
        then()
    else:
        window.root.after(50, when_shown, window, text, then)


def flood_window(port: int, rate: int, seconds: float) -> dict[str, Any]:
    """Open the window, let the other client talk, and measure until its last word is shown."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, REAL_TIME)
    window = ChatWindow(lambda put_event: Session(put_event, ""))
    heartbeat = Heartbeat(window)
    command = [sys.executable, __file__, "--talk", str(port), str(rate), str(seconds)]
    start = time.process_time()
    with Process(command) as talker:
        window.root.after(500, heartbeat.start)
        when_shown(window, "the end", window.close)
        window.run("127.0.0.1", port, "Reader")
        talker.must_succeed(10)
        said = int(talker.lines[-1])
    if window.failures:
        raise SystemExit(f"a callback failed: {window.failures[0]!r}")
    return {
        "messages": said,
        "seconds": seconds,
        "turns": len(heartbeat.turns),
        "clock_ms": summary(heartbeat.turns),
        "busy_ms": summary(heartbeat.busy),
        "cpu_percent": round((time.process_time() - start) / seconds * 100),
    }


def show(results: dict[str, Any]) -> str:
    rows = [
        [what, *(f"{value:.1f}" for value in figures)]
        for what, figures in (
            ("the clock", results["clock_ms"]),
            ("processor time of the window's thread", results["busy_ms"]),
        )
    ]
    headers = ["a turn of the Tk loop, by", "p50 ms", "p99 ms", "longest ms"]
    return (
        "### The window in a flood\n`python benchmarks/window_flood.py`. "
        f"{results['messages']:,} messages in {results['seconds']:.0f} s, all shown; aim: no turn "
        f"over {AIM:.0f} ms. The window's process used {results['cpu_percent']} % of one core. "
        "The window has real-time priority, so that other programs do not count.\n\n"
        f"{table(headers, rows)}\n\n{machine()}"
    )


def summary(turns: list[float]) -> tuple[float, float, float]:
    """Median, 99th percentile, longest."""
    return statistics.median(turns), percentile(turns, 99), max(turns)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=1_000, help="messages a second")
    parser.add_argument("--quick", action="store_true", help="5 s, and no page")
    parser.add_argument("--talk", nargs=3, metavar=("PORT", "RATE", "SECONDS"), help="(internal)")
    arguments = parser.parse_args()
    if arguments.talk:
        port, rate, seconds = arguments.talk
        print(talk(int(port), int(rate), float(seconds)))
        return 0
    server = [sys.executable, "-m", "stage2_gui.server", "--port", "0"]
    with interruptible(), virtual_display() as variables, Process(server) as process:
        os.environ.update(variables)
        port = int(process.wait_for_line("Listening").rpartition(":")[2])
        seconds = 5.0 if arguments.quick else arguments.seconds
        results = flood_window(port, arguments.rate, seconds)
    print(show(results))
    if not arguments.quick:
        write_results("window_flood", results)
        write_section("window_flood", show(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
