"""An image for everyone: how fast, at what cost of memory, and what it does to the chat meanwhile.

    python benchmarks/images.py [--quick] [--engine loop|threads]

Three things against a stage 3 server on 127.0.0.1: the operator sends a 10 MB image to 100 clients;
the same clients all request it at once; ten clients upload 10 MB images while two others chat. The
first two are held against a plain TCP copy of the same bytes to the same clients. Needs Pillow.
"""

import argparse
import base64
import importlib.util
import json
import os
import statistics
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the package
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.chat_beside_downloads import latencies
from benchmarks.measure import (
    FOLDER,
    BenchmarkError,
    Process,
    interruptible,
    machine,
    percentile,
    spread,
    table,
    write_results,
    write_section,
)

CROWD = str(FOLDER / "image_crowd.py")
CLIENTS, UPLOADERS = 100, 10
WIDTH, HEIGHT = 1_850, 1_830  # noise: 10.2 MB as PNG, 3.4 megapixels
PATIENCE = 120.0  # seconds
PLAIN_COPY = """
import socket, sys, threading
path, count = sys.argv[1], int(sys.argv[2])
data = open(path, "rb").read()
listener = socket.create_server(("127.0.0.1", 0), backlog=count)
print("Listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
clients = [listener.accept()[0] for _ in range(count)]
sys.stdin.readline()
threads = [threading.Thread(target=client.sendall, args=(data,)) for client in clients]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.stdin.readline()
"""


def make_png(path: Path) -> int:
    """Write an image of random pixels, which no compression makes smaller; returns its bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack("!I", zlib.crc32(kind + content))
        return struct.pack("!I", len(content)) + kind + content + checksum

    rows = b"".join(b"\0" + os.urandom(3 * WIDTH) for _ in range(HEIGHT))
    header = struct.pack("!IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def start_server(folder: Path, engine: str) -> Process:
    """A stage 3 server with its folders below `folder`."""
    folders = [f"--{kind}-images={folder / kind}" for kind in ("received", "server")]
    command = [sys.executable, "-m", "stage3_images.server", "--port", "0", "--engine", engine]
    return Process([*command, *folders])


def port_of(server: Process) -> int:
    return int(server.wait_for_line("Listening on").rpartition(":")[2])


def crowd(action: str, port: int, *options: str) -> Process:
    """Many clients in one process of their own; see image_crowd.py."""
    return Process([sys.executable, CROWD, action, str(port), *options])


def copy_plainly(line: Path) -> float:
    """Seconds in which a program that does nothing else sends the line's bytes to everyone."""
    with Process([sys.executable, "-c", PLAIN_COPY, str(line), str(CLIENTS)]) as server:
        size = str(line.stat().st_size)
        with crowd("count", port_of(server), str(CLIENTS), size) as clients:
            clients.wait_for_line("ready")
            started = time.monotonic()
            server.write_line("go")
            return float(clients.wait_for_line("done", PATIENCE).split()[1]) - started


def send_to_all(server: Process, port: int, size: int, command: str) -> tuple[float, float]:
    """Seconds until the last of the clients has the image whole, and the server's memory for it."""
    with crowd("receive" if command else "request", port, str(CLIENTS), str(size)) as clients:
        clients.wait_for_line("ready", PATIENCE)
        time.sleep(0.3)
        idle = server.memory()
        server.reset_peak()
        started = time.monotonic()
        if command:
            server.write_line(command)
        else:
            clients.write_line("go")
        while not any(line.startswith("done") for line in clients.lines):
            server.sample()
            if clients.poll() is not None or time.monotonic() > started + PATIENCE:
                raise BenchmarkError(f"the clients did not get the image: {clients.lines[-2:]}")
            time.sleep(0.02)
        ended = float(clients.lines[-1].split()[1])
        return ended - started, (server.sample() - idle) / 1e6


def measure_fan_out(folder: Path, runs: int, engine: str) -> dict[str, Any]:
    """Image to everyone, by the operator and on request, and the plain copy, in turns."""
    (folder / "server").mkdir()
    size = make_png(folder / "server" / "noise.png")
    encoded = base64.b64encode((folder / "server" / "noise.png").read_bytes())
    line = folder / "line"
    line_size = line.write_bytes(b"SERVER_IMAGE:noise.png|" + encoded + b"\n")
    found: dict[str, Any] = {
        "bytes": size,
        "operator": [],
        "request": [],
        "plain": [],
        "memory": [],
    }
    for _ in range(runs):
        found["plain"].append(copy_plainly(line))
        for way, command in (("operator", "send noise.png"), ("request", "")):
            with start_server(folder, engine) as server:
                port = port_of(server)
                seconds, memory = send_to_all(server, port, line_size, command)
            found[way].append(seconds)
            found["memory"].append(memory)
    return found


def measure_chat(folder: Path, seconds: float, engine: str) -> dict[str, Any]:
    """A chat message's latency without and with ten uploading clients."""
    picture = folder / "server" / "noise.png"
    with start_server(folder / "chat", engine) as server:
        port = port_of(server)
        idle = latencies(port, seconds / 2)
        with crowd("upload", port, str(UPLOADERS), str(picture), str(seconds)) as clients:
            clients.wait_for_line("ready")
            busy = latencies(port, seconds)
            clients.must_succeed(PATIENCE)
            stored = json.loads(clients.lines[-1])
    return {"latencies_ms": {"no uploads": idle, f"{UPLOADERS} uploads": busy}, "stored": stored}


def show(results: dict[str, Any]) -> str:
    found = results["fan_out"]
    megabytes = found["bytes"] / 1e6
    plain = found["plain"]
    rows: list[list[object]] = [["plain TCP copy, a thread a client", spread(plain, 2), "1.00"]]
    for way, name in (("operator", "operator's `send`"), ("request", "all request it at once")):
        ratio = statistics.median(a / b for a, b in zip(found[way], plain, strict=True))
        rows.append([name, spread(found[way], 2), f"{ratio:.2f}"])
    fan_out = table([f"{megabytes:.1f} MB to {CLIENTS} clients", "seconds", "× plain copy"], rows)
    chat = [
        [name, len(values), *(f"{percentile(values, part):.2f}" for part in (50, 99, 100))]
        for name, values in results["chat"]["latencies_ms"].items()
    ]
    return (
        f"### Images\n`python benchmarks/images.py`, engine `{results['engine']}`. Until the last "
        f"of the clients has the whole line.\n\n{fan_out}\n\nMemory above the idle server's: at "
        f"most {max(found['memory']):.0f} MB (aim: under 60).\n\nA chat message, beside "
        f"{UPLOADERS} clients that upload such images one after the other "
        f"({results['chat']['stored']} were stored; aim: p99 under 30 ms; the chat clients have "
        "real-time priority, so that only the server's delay is counted):\n\n"
        f"{table(['beside', 'messages', 'p50 ms', 'p99 ms', 'longest ms'], chat)}\n\n"
        f"{results['machine']}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one run, 4 s of chat, no page")
    parser.add_argument("--engine", choices=("loop", "threads"), default="loop")
    chosen = parser.parse_args()
    memory_disk = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with interruptible(), tempfile.TemporaryDirectory(dir=memory_disk) as name:
        if not importlib.util.find_spec("PIL"):
            raise BenchmarkError("stage 3 needs Pillow to check images: pip install Pillow")
        folder = Path(name)
        results = {
            "machine": machine(),
            "engine": chosen.engine,
            "fan_out": measure_fan_out(folder, 1 if chosen.quick else 5, chosen.engine),
            "chat": measure_chat(folder, 4.0 if chosen.quick else 12.0, chosen.engine),
        }
    print(show(results))
    if not chosen.quick:
        write_results("images", results)
        write_section("images", show(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
