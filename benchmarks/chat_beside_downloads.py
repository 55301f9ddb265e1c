"""What becomes of a chat message's latency while four downloads run at full speed.

    python benchmarks/chat_beside_downloads.py [--quick]

A stage 4 server, two chat clients that send and receive a message every 10 ms, and four downloads
over loopback, each started anew when it is done. Stays on 127.0.0.1; ends all it started.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the package
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fetching import asking, make_file, say, serving
from benchmarks.measure import (
    FOLDER,
    Process,
    interruptible,
    machine,
    percentile,
    table,
    write_results,
    write_section,
)
from benchmarks.peers import Files, Ours, Place, loopback

DOWNLOADS = 4
FILE_SIZE = 500  # MB; long beside what starting the next one takes
AIM = 20.0  # ms at the 99th percentile


def latencies(port: int, seconds: float, *options: str) -> list[float]:
    """Latencies in milliseconds, as chat_probe.py measures them."""
    command = [sys.executable, str(FOLDER / "chat_probe.py"), str(port), str(seconds), *options]
    with Process(command) as probe:
        probe.must_succeed(seconds + 30)
        found: list[float] = json.loads(probe.lines[-1])
        return found


def keep_downloading(files: Files, place: Place, name: str, stop: threading.Event) -> int:
    """One download after the other until told to stop; returns the bytes that arrived."""
    total = 0
    with tempfile.TemporaryDirectory(dir=files.received) as own:
        into = Files(files.served, Path(own), files.key, files.certificate)
        while not stop.is_set():
            with asking(Ours(), into, place, name) as client:
                while client.poll() is None and not stop.wait(0.05):
                    pass
            for file in Path(own).iterdir():  # whole, or the part that there is
                total += file.stat().st_size
                file.unlink()
    return total


@contextlib.contextmanager
def downloads(files: Files, place: Place, name: str) -> Iterator[list[int]]:
    """Four downloads that go on until the block ends; then the list holds what each has fetched."""
    stop, fetched = threading.Event(), list[int]()
    threads = [
        threading.Thread(target=lambda: fetched.append(keep_downloading(files, place, name, stop)))
        for _ in range(DOWNLOADS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield fetched
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def measure(files: Files, seconds: float) -> dict[str, Any]:
    """The same probe beside nothing and beside the downloads."""
    name = make_file(files, FILE_SIZE, empty=True)
    place = loopback(pinned=False)
    with serving(Ours(), files, place):
        idle = latencies(place.port, seconds / 2)
        with downloads(files, place, name) as fetched:
            threading.Event().wait(1.5)  # all of them are under way
            busy = latencies(place.port, seconds)
            ordinary = latencies(place.port, seconds, "--ordinary")
    say(f"{sum(fetched) / 1e6:.0f} MB were downloaded meanwhile")
    return {
        "machine": machine(),
        "cores": os.cpu_count(),
        "latencies_ms": {
            "no downloads": idle,
            f"{DOWNLOADS} downloads": busy,
            f"{DOWNLOADS} downloads, the chat clients without priority": ordinary,
        },
        "megabytes": sum(fetched) / 1e6,
    }


def show(results: dict[str, Any]) -> str:
    rows = [
        [
            name,
            len(found),
            f"{statistics.median(found):.2f}",
            f"{percentile(found, 99):.2f}",
            f"{max(found):.1f}",
        ]
        for name, found in results["latencies_ms"].items()
    ]
    headers = ["beside", "messages", "p50 ms", "p99 ms", "longest ms"]
    return (
        "### Chat beside downloads\n`python benchmarks/chat_beside_downloads.py`. From one "
        f"client's `sendall` to another's `recv`, a message every 10 ms (aim: p99 ≤ {AIM:.0f} ms). "
        "Server, four downloads and the two chat clients share the same cores; the chat clients "
        "have real-time priority, so only the server's delay counts (not in the last row).\n\n"
        f"{table(headers, rows)}\n\n{results['machine']}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="3 s instead of 15, no page")
    quick = parser.parse_args().quick
    memory_disk = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with interruptible(), tempfile.TemporaryDirectory(dir=memory_disk) as folder:
        files = Files(Path(folder, "served"), Path(folder, "received"), Path(), Path())
        files.served.mkdir()
        files.received.mkdir()
        results = measure(files, 3.0 if quick else 15.0)
    print(show(results))
    if not quick:
        write_results("chat_beside_downloads", results)
        write_section("chat_beside_downloads", show(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
