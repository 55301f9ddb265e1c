"""What the tests of images on the wire have in common."""

import base64
import importlib.util
from pathlib import Path

import pytest

from tests.support.conversation import Conversation
from tests.support.server import Server

needs_pillow = pytest.mark.skipif(
    importlib.util.find_spec("PIL") is None, reason="images are checked with Pillow"
)


def image_line(name: str, content: bytes) -> bytes:
    """The line that uploads an image."""
    return b"IMAGE:" + name.encode() + b"|" + base64.b64encode(content) + b"\n"


def upload(client: Conversation, name: str, content: bytes) -> str:
    """Send an image, which must be taken; the name that it got."""
    __tracebackhide__ = True
    client.send_raw(image_line(name, content))
    return client.expect_start("IMAGE_OK:").partition(":")[2]


def fetch(client: Conversation, name: str) -> bytes:
    """Ask for an image; the bytes that come."""
    __tracebackhide__ = True
    client.send_line(f"REQUEST_IMAGE:{name}")
    line = client.expect_start(f"SERVER_IMAGE:{name}|")
    return base64.b64decode(line.rpartition("|")[2], validate=True)


def upload_refused(client: Conversation, name: str, content: bytes) -> str:
    """Send an image, which must be refused; why."""
    __tracebackhide__ = True
    client.send_raw(image_line(name, content))
    return client.expect_start(f"IMAGE_ERROR:{name}|").partition("|")[2]


def join(client: Conversation, nickname: str) -> None:
    """Take a nickname."""
    __tracebackhide__ = True
    client.send_line(f"NICK:{nickname}")
    client.expect_line(f"NICK_OK:{nickname}")


def welcome(server: Conversation, images: str | None = "[]") -> None:
    """Play a server that answers what a client asks on connecting. None: it knows no images."""
    __tracebackhide__ = True
    image_list = f"IMAGE_LIST:{images}"
    if images is None:
        image_list = "ERROR:REQUEST_LIST: this server does not know it"
    answers = {"REQUEST_LIST": image_list, "FILES": "FILE_LIST:[]", "ONLINE": "ONLINE_LIST:[]"}
    verb = ""
    while verb != "ONLINE":
        verb, _, rest = server.read_line().decode().partition(":")
        server.send_line(answers.get(verb, f"NICK_OK:{rest}"))


def files_in(folder: Path) -> list[str]:
    """Everything that lies in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def images_of(server: Server) -> tuple[Path, Path]:
    """The folders of uploads and of the operator's images, from a server's command line."""
    command = server.command
    received = command[command.index("--received-images") + 1]
    library = command[command.index("--server-images") + 1]
    return Path(received), Path(library)
