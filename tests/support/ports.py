"""Ports that stay free: for a server that is started twice at one port, or for none at all.

The system hands out its free ports (port 0) all the time, from 32768 or 49152 on. One of those that
was free a moment ago may be somebody's now; those below are only used by who asks for them.
"""

import random
import socket

CHOICE = range(10_000, 32_000)


def quiet_port() -> int:
    """A port that is free for TCP and UDP, and stays so."""
    while True:
        port = random.SystemRandom().choice(CHOICE)
        if all(is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port


def is_free(port: int, kind: socket.SocketKind) -> bool:
    """Whether nobody has a port of this computer now."""
    with socket.socket(socket.AF_INET, kind) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
