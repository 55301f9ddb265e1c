"""Many image clients in one process, so that they cost the machine little beside the server.

    image_crowd.py count   PORT CLIENTS BYTES       take so many bytes each, whatever they are
    image_crowd.py receive PORT CLIENTS BYTES       take one SERVER_IMAGE line of so many bytes
    image_crowd.py request PORT CLIENTS BYTES       the same, asked for by each on a line on stdin
    image_crowd.py upload  PORT CLIENTS FILE SECONDS   send the image again and again

Prints `ready`, then `done` with time.monotonic() when the last client has all; `upload` prints the
number of images that the server has stored.
"""

import base64
import selectors
import socket
import sys
import threading
import time
from pathlib import Path

CHUNK = 1 << 20
UPLOADS_EACH = 8  # the server keeps at most 1 GiB


def connect(port: int, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]


def take_all(clients: list[socket.socket], size: int) -> None:
    """Read until every client has had `size` bytes; what they are is not looked at."""
    buffer = bytearray(CHUNK)
    left = dict.fromkeys(clients, size)
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ, client)
        while left:
            for client in [key.data for key, _ in selector.select()]:
                count = client.recv_into(buffer)
                left[client] -= count
                if left[client] <= 0:
                    selector.unregister(client)
                    del left[client]
                elif not count:
                    raise SystemExit("the server closed a connection")


def drain_notices(clients: list[socket.socket]) -> None:
    """Take the small lines (joined, ping) that came before the image was asked for."""
    time.sleep(0.5)
    for client in clients:
        client.setblocking(False)
        try:
            while client.recv(CHUNK):
                pass
        except BlockingIOError:
            client.setblocking(True)


def upload(client: socket.socket, line: bytes, seconds: float, stored: list[int]) -> None:
    """Send the image, wait for the answer, and again, until the time is over."""
    end = time.monotonic() + seconds
    with client.makefile("rb") as lines:
        for _ in range(UPLOADS_EACH):
            if time.monotonic() > end:
                return
            client.sendall(line)
            for answer in lines:
                if answer.startswith((b"IMAGE_OK:", b"IMAGE_ERROR:")):
                    stored.append(answer.startswith(b"IMAGE_OK:"))
                    break


def upload_all(clients: list[socket.socket], picture: Path, seconds: float) -> None:
    line = b"IMAGE:noise.png|" + base64.b64encode(picture.read_bytes()) + b"\n"
    stored: list[int] = []
    threads = [
        threading.Thread(target=upload, args=(client, line, seconds, stored)) for client in clients
    ]
    print("ready", flush=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(stored), flush=True)


def main() -> int:
    action, port, count, *rest = sys.argv[1:]
    clients = connect(int(port), int(count))
    if action == "upload":
        upload_all(clients, Path(rest[0]), float(rest[1]))
        return 0
    drain_notices(clients)
    print("ready", flush=True)
    if action == "request":
        sys.stdin.readline()
        for client in clients:
            client.sendall(b"REQUEST_IMAGE:noise.png\n")
    take_all(clients, int(rest[0]))
    print(f"done {time.monotonic()}", flush=True)
    sys.stdin.readline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
