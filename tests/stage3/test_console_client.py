"""Images on the console client: sent, announced, fetched, and never trusted."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stage3.hints import CONTENT_DECIDES, SERVERS_ARE_STRANGERS
from tests.stage3.pictures import bmp, gif, jpeg, photo, png
from tests.stage3.wire import fetch, files_in, join, needs_pillow, upload, welcome
from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartProgram
from tests.support.processes import Program
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(3),
    needs_pillow,
    SERVERS_ARE_STRANGERS,
]

StartImageClient = Callable[..., Program]


@pytest.fixture
def received(tmp_path: Path) -> Path:
    """Where the client saves images."""
    return tmp_path / "received"


@pytest.fixture
def start_image_client(start_client: StartProgram, received: Path) -> StartImageClient:
    """Start the stage's console client, which saves images in `received`."""

    def start_one(server: Server | FakeServer, *arguments: str, **options: object) -> Program:
        return start_client(server, "--received", str(received), *arguments, **options)

    return start_one


@pytest.fixture
def hostile(
    fake_server: FakeServer, start_image_client: StartImageClient
) -> tuple[Conversation, Program]:
    """A client, and the server that it has come to, which is played by the test."""
    client = start_image_client(fake_server)
    server = fake_server.accept()
    welcome(server)
    return server, client


def server_image(name: bytes, content: bytes) -> bytes:
    """The line with which a server sends an image."""
    return b"SERVER_IMAGE:" + name + b"|" + base64.b64encode(content) + b"\n"


def still_well(server: Conversation, client: Program) -> None:
    """The client shows what comes next."""
    __tracebackhide__ = True
    server.send_line("MESSAGE:Bob | the end of the test")
    client.expect_output("Bob: the end of the test")
    client.expect_no_traceback()


# With an honest server


@pytest.mark.points(2)
def test_an_image_is_sent(
    server: Server, connect: Connect, start_image_client: StartImageClient, tmp_path: Path
) -> None:
    """`/image FILE` sends it: everyone is told, and gets the very bytes of the file."""
    bob = connect(server, "Bob")
    path = tmp_path / "my holiday.jpg"
    path.write_bytes(jpeg())
    client = start_image_client(server, "--nickname", "Ann")
    client.type(f"/image {path}\n")
    stored = bob.expect_start("MESSAGE:IMAGE_RECEIVED:Ann|").partition("|")[2]
    assert stored.endswith("_Ann_my holiday.jpg")
    assert fetch(bob, stored) == jpeg()
    client.expect_output(rf"You: .*my holiday\.jpg.*{re.escape(stored)}")


@pytest.mark.points(2)
def test_an_announced_image_is_fetched(
    server: Server, connect: Connect, start_image_client: StartImageClient, received: Path
) -> None:
    """The console prints the line that fetches an image; it is saved, and its path printed."""
    bob = connect(server, "Bob")
    join(bob, "Bob")
    client = start_image_client(server, "--nickname", "Ann")
    client.expect_output("you are Ann")
    stored = upload(bob, "cat.gif", gif(3))
    client.expect_output(rf"System: Bob .*/request {re.escape(stored)}")
    client.type(f"/request {stored}\n")
    client.expect_output(rf"saved: {re.escape(str(received / stored))}")
    assert (received / stored).read_bytes() == gif(3)


def test_the_list_is_shown(
    server: Server, connect: Connect, start_image_client: StartImageClient
) -> None:
    """`/images` shows the names."""
    stored = upload(connect(server, "Bob"), "cat.png", png())
    client = start_image_client(server)
    client.type("/images\n")
    client.expect_output(rf"System:   {re.escape(stored)}\r?$")


def test_the_end_of_input_waits_for_images(
    server: Server,
    connect: Connect,
    start_image_client: StartImageClient,
    received: Path,
    tmp_path: Path,
) -> None:
    """Input from a pipe ends right after the commands: all is sent, fetched and saved first."""
    bob = connect(server, "Bob")
    stored = upload(bob, "cat.bmp", bmp())
    large = tmp_path / "large.png"
    large.write_bytes(photo(3_000_000))
    client = start_image_client(server, "--nickname", "Ann")
    client.type(f"/image {large}\n/request {stored}\nhello\n")
    client.close_input()
    client.expect_exit(0)
    assert (received / stored).read_bytes() == bmp()
    bob.expect_line("JOINED:Ann")
    said, announced = sorted(bob.expect_start("MESSAGE:") for _ in range(2))  # in either order
    assert said == "MESSAGE:Ann | hello"
    assert fetch(bob, announced.partition("|")[2]) == large.read_bytes()


def test_what_cannot_be_sent(
    server: Server, start_image_client: StartImageClient, tmp_path: Path
) -> None:
    """No such file, a folder, no image, too large: each is told in a line, and nothing is sent."""
    (tmp_path / "notes.png").write_text("no image")
    (tmp_path / "large.png").write_bytes(png() + bytes(11 * 1024 * 1024))
    client = start_image_client(server)
    for name, why in (
        ("none.png", "No such file"),
        ("", ".*"),
        ("notes.png", "not an image"),
        ("large.png", "larger than 10 MiB"),
    ):
        client.type(f"/image {tmp_path / name}\n")
        client.expect_output(rf"Error: {name or tmp_path.name}: not sent: .*{why}")
    client.type("/request none.png\n")
    client.expect_output(r"Error: none\.png: ")


def test_the_server_refuses(
    server: Server, start_image_client: StartImageClient, tmp_path: Path
) -> None:
    """What looks like an image and is none is refused by the server, and the user reads why."""
    path = tmp_path / "cut.png"
    path.write_bytes(png()[:-1])
    client = start_image_client(server)
    client.type(f"/image {path}\n")
    client.expect_output(r"Error: cut\.png: not sent: damaged PNG")


# With servers of earlier stages, and hostile ones


@pytest.mark.points(1)
def test_a_server_without_images(
    fake_server: FakeServer, start_image_client: StartImageClient, tmp_path: Path
) -> None:
    """At an older server the user is told that there are no images, and nothing is sent."""
    (tmp_path / "cat.png").write_bytes(png())
    client = start_image_client(fake_server, "--nickname", "Ann")
    server = fake_server.accept()
    welcome(server, images=None)
    for command in ("/images", f"/image {tmp_path / 'cat.png'}", "/request cat.png"):
        client.type(f"{command}\n")
    client.type("hello\n")
    server.expect_line("CLIENT:hello")
    client.expect_output("(?s)(this server has no images.*){3}")


@pytest.mark.points(2)
@pytest.mark.parametrize(
    "name",
    [
        b"../../evil.png", b"/tmp/evil.png", b"..\\..\\evil.png", b"C:\\evil.png", b"..", b"", b".",
        b"a/../../evil.png", b"CON.png", b"com1", b"x" * 5000 + b".png", b"a:b.png", b".bashrc",
        b"\x1b[2J\x07.png", b"a\x00b.png", "gnp.\u202eexe".encode(), "🎉".encode() * 90, b"\xff",
        b"a|b|c.png", b"evil.exe", b"evil.desktop", b"evil.png/", b"x.png.",
    ],
)  # fmt: skip
def test_a_server_cannot_choose_where(
    hostile: tuple[Conversation, Program], received: Path, name: bytes
) -> None:
    """Whatever name a server gives an image, one file appears, in the folder for images."""
    server, client = hostile
    around = {
        path: files_in(path) for path in (received.parent, received.parent.parent, Path.home())
    }
    server.send_raw(server_image(name, png()))
    client.expect_output("saved: ")
    (stored,) = files_in(received)
    assert stored.isprintable()
    assert Path(stored).suffix == ".png"
    assert len(stored.encode()) <= 210
    assert not stored.startswith((".", "CON", "com1"))
    assert (received / stored).read_bytes() == png()
    for path, before in around.items():
        assert set(files_in(path)) <= {*before, received.name}
    assert "\x1b" not in client.printed()
    still_well(server, client)


@CONTENT_DECIDES
@pytest.mark.points(2)
@pytest.mark.parametrize(
    "content",
    [b"", b"text", png()[:-1], jpeg()[:-1], gif(2)[:-1], png(30_000, 30_000, b""), gif(1_001)],
    ids=["empty", "text", "png cut", "jpeg cut", "gif cut", "bomb", "frames"],
)
def test_bad_images_are_not_saved(
    hostile: tuple[Conversation, Program], received: Path, content: bytes
) -> None:
    """What a server would refuse, the client refuses too; no file appears."""
    server, client = hostile
    server.send_raw(server_image(b"cat.png", content))
    client.expect_output(r"Error: cat\.png: not saved: ")
    assert files_in(received) == []
    still_well(server, client)


@pytest.mark.points(1)
def test_nothing_is_overwritten(hostile: tuple[Conversation, Program], received: Path) -> None:
    """A file that is there already stays; a new one gets a number, or the ending of its kind."""
    server, client = hostile
    (received / "cat.png").write_text("mine")
    for content, name in ((png(), "cat (2).png"), (bmp(), "cat.png.bmp")):
        server.send_raw(server_image(b"cat.png", content))
        client.expect_output(rf"saved: .*{re.escape(name)}")
    assert (received / "cat.png").read_text() == "mine"
    assert (received / "cat (2).png").read_bytes() == png()
    assert files_in(received) == ["cat (2).png", "cat.png", "cat.png.bmp"]


@pytest.mark.parametrize(
    "line",
    [
        b"SERVER_IMAGE:", b"SERVER_IMAGE:cat.png", b"SERVER_IMAGE:|", b"SERVER_IMAGE:cat.png|%%%",
        b"IMAGE_LIST:", b"IMAGE_LIST:{}", b"IMAGE_LIST:[1,null,[]]", b"IMAGE_LIST:" + b"[" * 50_000,
        b'IMAGE_LIST:["\\u001b[2J", "\\ud800", "\\u202e"]', b"IMAGE_OK:", b"IMAGE_OK:cat.png",
        b"IMAGE_ERROR:", b"IMAGE_ERROR:\x1b[2J|\x1b[2J", b"MESSAGE:IMAGE_RECEIVED:",
        b"MESSAGE:IMAGE_RECEIVED:\x1b[2J|\x1b[2J.png", b"ERROR:IMAGE: no",
        b"ERROR:REQUEST_IMAGE: no", b"ERROR:REQUEST_LIST: no",
    ],
)  # fmt: skip
def test_nonsense_from_a_server(hostile: tuple[Conversation, Program], line: bytes) -> None:
    """Lines that make no sense neither end the client nor reach the terminal as commands."""
    server, client = hostile
    server.send_raw(line + b"\nMESSAGE:Bob | after it\n")
    client.expect_output("Bob: after it")
    client.type("/images\n")
    server.expect_line("REQUEST_LIST:")
    server.send_line(r'IMAGE_LIST:["a\u001b[2Jb", "\ud800"]')
    client.expect_output("2 images")
    still_well(server, client)
    assert "\x1b" not in client.printed()
    assert "\u202e" not in client.printed()


def test_a_flood_of_images(hostile: tuple[Conversation, Program], received: Path) -> None:
    """Forty images at once: all are saved, one after the other."""
    server, client = hostile
    for number in range(40):
        server.send_raw(server_image(b"%d.png" % number, png()))
    still_well(server, client)
    client.expect_output(r"saved: .*39\.png")
    assert len(files_in(received)) == 40


# Around it


def test_a_folder_that_cannot_be_made(
    server: Server, start_client: StartProgram, tmp_path: Path
) -> None:
    """A file where the folder should be: one line on stderr, a non-zero exit code."""
    (tmp_path / "file").write_text("")
    client = start_client(server, "--received", str(tmp_path / "file" / "folder"))
    assert client.expect_exit() != 0
    assert client.complaints().count("\n") == 1
    assert str(tmp_path / "file" / "folder") in client.complaints()


def test_a_client_without_pillow(
    fake_server: FakeServer,
    start_image_client: StartImageClient,
    received: Path,
    stage: int,
    without_pillow: dict[str, str],
) -> None:
    """It names the cure, refuses images in a clear line, and text works."""
    client = start_image_client(fake_server, env=without_pillow)
    server = fake_server.accept()
    welcome(server, images='["cat.png"]')
    client.expect_output(rf"Pillow.*course\.py client {stage}")
    client.type("/image cat.png\n")
    client.expect_output("Error: .*Pillow")
    server.send_raw(server_image(b"dog.png", png()))
    client.expect_output(r"Error: dog\.png: not saved: .*Pillow")
    assert files_in(received) == []
    client.type("hello\n")
    server.expect_line("CLIENT:hello")
    still_well(server, client)
