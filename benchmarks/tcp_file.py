"""A file over kernel TCP, its SHA-256 compared: the plainest program to be measured against.

    python benchmarks/tcp_file.py serve PORT --folder FOLDER [--host ADDRESS] [--congestion bbr]
    python benchmarks/tcp_file.py get HOST PORT NAME --into FILE
    python benchmarks/tcp_file.py flood HOST PORT SECONDS

The client sends one line, `get NAME` or `flood SECONDS`. The answer to `get` is 8 bytes of size,
the content, 32 bytes of SHA-256; to `flood` it is zeros for so many seconds. Each client prints
its figures as one line of JSON.
"""

import argparse
import hashlib
import json
import socket
import struct
import sys
import threading
import time
from pathlib import Path

CHUNK = 256 * 1024
LONGEST_FLOOD = 120.0  # seconds


def _send_file(connection: socket.socket, path: Path) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        connection.sendall(struct.pack("!Q", path.stat().st_size))
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            connection.sendall(chunk)
    connection.sendall(digest.digest())


def _flood(connection: socket.socket, seconds: float) -> None:
    end = time.monotonic() + min(seconds, LONGEST_FLOOD)
    while time.monotonic() < end:
        connection.sendall(bytes(16 * 1024))


def _answer(connection: socket.socket, folder: Path) -> None:
    with connection, connection.makefile("rb") as lines:
        request, _, argument = lines.readline(1000).decode().rstrip("\n").partition(" ")
        try:
            if request == "flood":
                _flood(connection, float(argument))
            elif request == "get":
                _send_file(connection, folder / Path(argument).name)
        except OSError as error:
            print(f"tcp_file: {error}", file=sys.stderr)


def serve(host: str, port: int, congestion: str | None, folder: Path) -> None:
    """Answer every client in a thread of its own, until the program is ended."""
    with socket.create_server((host, port)) as listener:
        if congestion:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
        print(f"Listening on {host}:{listener.getsockname()[1]}", flush=True)
        while True:
            connection = listener.accept()[0]
            threading.Thread(target=_answer, args=(connection, folder), daemon=True).start()


def get(host: str, port: int, name: str, into: Path) -> bool:
    """Fetch a file, print seconds from connecting to the verified file, say whether it is whole."""
    started = time.monotonic()
    digest = hashlib.sha256()
    with socket.create_connection((host, port)) as connection, into.open("wb") as file:
        connection.sendall(f"get {name}\n".encode())
        (size,) = struct.unpack("!Q", connection.recv(8, socket.MSG_WAITALL))
        left: int = size
        while left and (chunk := connection.recv(min(CHUNK, left))):
            digest.update(chunk)
            file.write(chunk)
            left -= len(chunk)
        verified = connection.recv(32, socket.MSG_WAITALL) == digest.digest()
    seconds = time.monotonic() - started
    print(json.dumps({"seconds": seconds, "bytes": size, "verified": verified}))
    return verified


def flood(host: str, port: int, seconds: float) -> bool:
    """Take bytes for so many seconds and print how many came."""
    started, total = time.monotonic(), 0
    with socket.create_connection((host, port)) as connection:
        connection.sendall(f"flood {seconds}\n".encode())
        while time.monotonic() < started + seconds and (data := connection.recv(CHUNK)):
            total += len(data)
    print(json.dumps({"seconds": time.monotonic() - started, "bytes": total}))
    return total > 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("serve")
    action.add_argument("port", type=int)
    action.add_argument("--host", default="127.0.0.1")
    action.add_argument("--folder", type=Path, default=Path.cwd())
    action.add_argument("--congestion")
    for kind in ("get", "flood"):
        action = actions.add_parser(kind)
        action.add_argument("host")
        action.add_argument("port", type=int)
        if kind == "get":
            action.add_argument("name")
            action.add_argument("--into", type=Path, required=True)
        else:
            action.add_argument("seconds", type=float)
    chosen = parser.parse_args()
    if chosen.action == "serve":
        serve(chosen.host, chosen.port, chosen.congestion, chosen.folder)
        return 0
    if chosen.action == "get":
        return 0 if get(chosen.host, chosen.port, chosen.name, chosen.into) else 1
    return 0 if flood(chosen.host, chosen.port, chosen.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
