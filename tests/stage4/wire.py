"""What the tests of files on the wire have in common."""

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.server import Server
from tests.support.submission import Submission

if TYPE_CHECKING:
    from stage4_udp_files.download import Grant


def files_of(server: Server) -> Path:
    """The folder of a server's files, from its command line."""
    return Path(server.command[server.command.index("--files") + 1])


def listed(client: Conversation) -> dict[str, int]:
    """Ask for the files; their sizes by name."""
    __tracebackhide__ = True
    client.send_line("FILES:")
    files = json.loads(client.expect_start("FILE_LIST:").partition(":")[2])
    return {file["name"]: file["size"] for file in files}


def granted(client: Conversation, name: str) -> dict[str, Any]:
    """Ask for a file, which must be granted; what DOWNLOAD_READY says."""
    __tracebackhide__ = True
    client.send_line(f"DOWNLOAD:{name}")
    ready: dict[str, Any] = json.loads(client.expect_start("DOWNLOAD_READY:").partition(":")[2])
    return ready


def grant(client: Conversation, server: Server, name: str, port: int = 0) -> "Grant":
    """The same, as a download takes it; `port` is that of a link in between."""
    __tracebackhide__ = True
    from stage4_udp_files.download import Grant  # not needed by those who test other folders

    ready = granted(client, name)
    return Grant(
        server.host,
        port or ready["udp_port"],
        ready["token"],
        ready["name"],
        ready["size"],
        ready["version"],
    )


def get_command(
    submission: Submission, server: Server | FakeServer, folder: Path, *arguments: str
) -> list[str]:
    """The command line of a client that downloads into a folder and leaves."""
    return submission.command(
        4, "client", server.host, "--port", str(server.port), "--downloads", str(folder), *arguments
    )


def size_of(path: Path) -> int:
    """How long a file is by now; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def udp_port_is_free(port: int) -> bool:
    """Whether a UDP port of this computer can be had."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
