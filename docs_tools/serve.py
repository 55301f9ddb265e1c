"""Serving the built site: a folder of files, so the standard library's server is enough."""

import contextlib
import functools
import http.server
from pathlib import Path
from typing import Any

from course_tools.errors import CourseError
from course_tools.launch import note


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and keeps the terminal quiet."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def make_server(site: Path, host: str, port: int) -> http.server.ThreadingHTTPServer:
    """A server of the folder `site`. Raises OSError."""
    handler = functools.partial(QuietHandler, directory=str(site))
    return http.server.ThreadingHTTPServer((host, port), handler)


def serve(site: Path, host: str, port: int) -> int:
    """Serve until Ctrl+C; the exit code. Raises CourseError when the port is taken."""
    try:
        server = make_server(site, host, port)
    except OSError as error:
        raise CourseError(
            f"cannot serve at {host} port {port}: {error.strerror}. Try another: --port 8001"
        ) from error
    shown = "this computer's address" if host in {"0.0.0.0", "::"} else host
    note(f"The site is at http://{shown}:{server.server_port}/ – Ctrl+C ends this.")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0
