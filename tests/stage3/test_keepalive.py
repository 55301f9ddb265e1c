"""Long images and the keepalive: who is busy with an image is alive, and gets no flood of pings."""

import base64
import sys
import time

import pytest

from tests.stage3.hints import BYTES_ARE_LIFE
from tests.stage3.pictures import photo
from tests.stage3.wire import files_in, image_line, images_of, needs_pillow, welcome
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartProgram, StartServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.stage(3),
    needs_pillow,
    BYTES_ARE_LIFE,
]

PING_INTERVAL = 1.2  # seconds; a client is dropped after three of them without a sign of life
SLOW = 6.0  # seconds that the image takes


@pytest.fixture
def often() -> tuple[str, str]:
    """The arguments of a server that asks for life all the time."""
    return ("--ping-interval", str(PING_INTERVAL))


def test_a_slow_upload(start: StartServer, connect: Connect, often: tuple[str, str]) -> None:
    """An image that comes in slowly keeps its sender alive, though it cannot answer pings."""
    server = start(*often)
    ann = connect(server, "Ann")
    ann.send_line("pong")  # from now on it is expected to answer
    line = image_line("slow.png", photo(300_000))
    pieces = 30
    size = len(line) // pieces + 1
    for start_of_piece in range(0, len(line), size):
        ann.send_raw(line[start_of_piece : start_of_piece + size])
        time.sleep(SLOW / pieces)
    ann.expect_start("IMAGE_OK:")


def test_a_slow_download(start: StartServer, connect: Connect, often: tuple[str, str]) -> None:
    """An image that leaves slowly keeps its reader alive; pings do not pile up behind it."""
    server = start(*often)
    content = photo(9_000_000)
    (images_of(server)[1] / "large.png").write_bytes(content)
    ann = connect(server, "Ann", receive_buffer=65_536)
    ann.send_line("pong")
    ann.send_line("REQUEST_IMAGE:large.png")
    began = time.monotonic()
    received = bytearray()
    while b"\n" not in received.partition(b"SERVER_IMAGE")[2]:
        received += ann.socket.recv(60_000)  # reads, but slowly, and says nothing
        time.sleep(0.03)
    seconds = time.monotonic() - began
    lines = [line for line in received.split(b"\n") if line.startswith(b"SERVER_IMAGE:")]
    assert base64.b64decode(lines[0].rpartition(b"|")[2]) == content
    pings = received.count(b"\nping")  # a few, behind what the system has taken already
    assert pings < seconds / PING_INTERVAL - 1
    ann.send_line("ping")
    ann.expect_line("pong")


def test_pings_that_were_held_up(fake_server: FakeServer, start_client: StartProgram) -> None:
    """Pings that come all at once do not make the client believe that they always come so."""
    client = start_client(fake_server)
    server = fake_server.accept()
    welcome(server)
    for count in (1, 1, 20):
        server.send_raw(b"ping\n" * count)
        server.expect_lines(*["pong"] * count)
        time.sleep(1.2)
    server.send_line("MESSAGE:Bob | still here")
    client.expect_output("Bob: still here")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_server_killed_over_uploads(
    start: StartServer, connect: Connect, often: tuple[str, str]
) -> None:
    """Whenever the server is killed, each file under a final name is whole."""
    content = photo(4_000_000)
    for delay in (0.0, 0.05, 0.1, 0.2):
        server = start(*often)
        ann = connect(server, "Ann")
        for _ in range(3):
            ann.send_raw(image_line("cat.png", content))
        time.sleep(delay)
        server.kill()
        received = images_of(server)[0]
        stored = [name for name in files_in(received) if not name.startswith(".incoming-")]
        assert all((received / name).read_bytes() == content for name in stored)
