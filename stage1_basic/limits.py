"""How much one server takes on, whatever its clients do: clients, bytes, seconds."""

import sys

PARTIAL_LIMIT = 256 * 1024 * 1024
"""The most bytes that all unfinished lines may hold together."""

UNSENT_LIMIT = 512 * 1024 * 1024
"""The most bytes that may wait for all clients together; what they share counts once."""

LINGER = 1.0
"""Seconds that a client has to read our last words."""

TICKS_AN_INTERVAL = 5
"""How often the room hears that time passes, each ping interval."""

SERVER_FULL = b"ERROR:server full\n"

RESERVED_DESCRIPTORS = 64
"""For files, pipes, and clients that are only told that the server is full."""

SELECT_LIMIT = 512
"""How many sockets `select` can watch on Windows."""

RESERVED_SOCKETS = 12
"""How many of them are for the listener, the call queue, and clients that are turned away."""


def client_limit() -> int:
    """How many clients the system allows. Where it can, this first raises the limit of open
    files."""
    if sys.platform == "win32":
        return SELECT_LIMIT - RESERVED_SOCKETS
    import resource  # POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):  # macOS says "unlimited", and refuses it
            soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return sys.maxsize
    return soft - min(RESERVED_DESCRIPTORS, soft // 2)
