"""What strangers try on a server with images. Nothing of it is stored, and nobody else notices."""

import base64
import json
import os
import signal
import sys
from array import array
from functools import partial
from pathlib import Path

import pytest

from tests.stage3.hints import (
    BARE_NAMES,
    BELIEVE_NOTHING,
    CONTENT_DECIDES,
    ONE_LINE_FOR_ALL,
    STRICT_BASE64,
)
from tests.stage3.pictures import bmp, gif, jpeg, photo, png
from tests.stage3.wire import (
    fetch,
    files_in,
    image_line,
    images_of,
    join,
    needs_pillow,
    upload,
    upload_refused,
)
from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server
from tests.support.submission import Submission
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.stage(3),
    needs_pillow,
    BELIEVE_NOTHING,
]

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


# Contents


@CONTENT_DECIDES
@pytest.mark.points(3)
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"just text", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
        (png()[:-1], "damaged PNG"),
        (png()[: len(png()) // 2], "damaged PNG"),
        (jpeg()[:-1], "damaged JPEG"),
        (gif(5)[:-1], "damaged GIF"),
        (bmp()[:-1], "damaged BMP"),
        (png(30_000, 30_000, b""), "megapixels"),
        (gif(1_001), "frames"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 1000, "damaged PNG"),
        (photo(10 * 1024 * 1024 + 50_000), "larger than 10 MiB"),
    ],
    ids=[
        "empty", "text", "svg", "png cut by one", "png cut in half", "jpeg cut", "gif cut",
        "bmp cut", "bomb", "too many frames", "garbage", "too large",
    ],
)  # fmt: skip
def test_bad_images_are_refused(server: Server, connect: Connect, content: bytes, why: str) -> None:
    """The sender is told why, nothing is stored, the others hear nothing of it."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    before = files_in(images_of(server)[0])
    assert why in upload_refused(ann, "cat.png", content)
    assert files_in(images_of(server)[0]) == before
    ann.send_line("still here")
    bob.expect_line(f"MESSAGE:{ann.address} | still here")


@STRICT_BASE64
@pytest.mark.points(1)
@pytest.mark.parametrize("base64_text", ["%%%", "QUJ", "QU JD", "QUJD=", "=QUJD", "QUJDé"])
def test_bad_base64_is_refused(server: Server, connect: Connect, base64_text: str) -> None:
    """Whatever is not base64 to the letter is damage, and damage is refused."""
    ann = connect(server, "Ann")
    before = files_in(images_of(server)[0])
    ann.send_line(f"IMAGE:cat.png|{base64_text}")
    ann.expect_line("IMAGE_ERROR:cat.png|bad base64")
    assert files_in(images_of(server)[0]) == before


@pytest.mark.points(1)
@pytest.mark.parametrize("line", ["IMAGE:", "IMAGE:|", "IMAGE:cat.png", "IMAGE:cat.png|"])
def test_unfinished_uploads_are_refused(server: Server, connect: Connect, line: str) -> None:
    """A name without an image, an image without a name, neither: each gets one refusal."""
    ann = connect(server, "Ann")
    ann.send_line(line)
    ann.expect_start("IMAGE_ERROR:")
    ann.send_line("ping")
    ann.expect_line("pong")


@pytest.mark.points(1)
def test_an_overlong_image_line(server: Server, connect: Connect) -> None:
    """More than 14 MiB: the error arrives, then the connection ends; the others go on."""
    ann, bob, carol = connect(server, "Ann"), connect(server, "Bob"), connect(server, "Carol")
    ann.send_raw(b"IMAGE:x|" + b"A" * (14 * 1024 * 1024) + b"\n")
    assert "14,680,064" in ann.expect_start("ERROR:IMAGE: ")
    ann.expect_end()
    carol.send_line("next")
    bob.expect_line(f"MESSAGE:{carol.address} | next")


def test_only_image_lines_may_be_long(server: Server, connect: Connect) -> None:
    """The long limit is for `IMAGE:` alone; every other line ends at 65,536 bytes."""
    for beginning in (b"CLIENT:", b"image:", b" IMAGE:", b"REQUEST_IMAGE:"):
        ann = connect(server)
        ann.send_raw(beginning + b"A" * 66_000 + b"\n")
        ann.expect_start("ERROR:")
        ann.expect_end()


# Names


@pytest.mark.points(3)
@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "C:\\x.png", "\\\\host\\x.png",
        "..", ".", "", "a/b/", "CON.png", "COM\N{SUPERSCRIPT ONE}.png", "nul", "x.png.", "x.png ",
        "a:b.png", ".hidden", "\x1b[2Jx.png", "a\x00b.png", "gnp\u202e.exe", "🎉" * 100 + ".png",
        "x" * 300 + ".png", "a|b|c.png", "MESSAGE:Server | x.png", "x" * 60_000 + ".png",
    ],
)  # fmt: skip
def test_no_name_is_refused_or_dangerous(server: Server, connect: Connect, name: str) -> None:
    """Every image is taken whatever it is called; its stored name is bare and can be fetched."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    folder = images_of(server)[0]
    outside = files_in(folder.parent)
    before = set(files_in(folder))
    stored = upload(ann, name, png())
    assert set(files_in(folder)) - before == {stored}
    assert files_in(folder.parent) == outside
    assert len(stored.encode()) <= 200
    assert not set(stored) & set('/\\:*?"<>|')
    assert stored.isprintable()
    bob.expect_line(f"MESSAGE:IMAGE_RECEIVED:{ann.address}|{stored}")
    assert fetch(bob, stored) == png()
    server.type("list\n")
    server.expect_output("images")
    assert "\x1b" not in server.printed()


def test_a_name_that_is_not_utf8(server: Server, connect: Connect) -> None:
    """Bytes that are no UTF-8 are replaced, in names too."""
    ann = connect(server, "Ann")
    ann.send_raw(b"IMAGE:\xff\xfe.png|" + base64.b64encode(png()) + b"\n")
    assert ann.expect_start("IMAGE_OK:").endswith("__.png")


@BARE_NAMES
@pytest.mark.points(3)
@pytest.mark.parametrize(
    "name",
    [
        "../secret.png", "/etc/passwd", "..", ".", "", "inner", "inner/deep.png",
        "inner/../cat.png", "..\\secret.png", "C:\\Windows\\win.ini", "\\\\host\\share\\x.png",
        "cat.png\x00", "../server_images-private/key.png", "none.png", "x" * 5000, "cat.png|x",
        "link.png", "linked/cat.png", "pipe.png",
    ],
)  # fmt: skip
@posix_only
def test_nothing_outside_is_fetched(start: StartServer, connect: Connect, name: str) -> None:
    """No request leads out of the two folders; it gets an error, and the connection stays."""
    server = start()
    library = images_of(server)[1]
    private = library.with_name("server_images-private")
    for folder in (library / "inner", private):
        folder.mkdir()
    for path in (
        library / "cat.png", library.parent / "secret.png", private / "key.png",
        library / "inner" / "deep.png",
    ):  # fmt: skip
        path.write_bytes(png())
    (library / "link.png").symlink_to(library.parent / "secret.png")
    (library / "linked").symlink_to(library.parent)
    os.mkfifo(library / "pipe.png")
    ann = connect(server, "Ann")
    ann.send_line(f"REQUEST_IMAGE:{name}")
    ann.expect_start("IMAGE_ERROR:")
    ann.send_line("REQUEST_LIST:")
    ann.expect_line('IMAGE_LIST:["cat.png"]')


def test_a_file_that_is_no_image_is_not_sent(start: StartServer, connect: Connect) -> None:
    """What lies in the operator's folder and is no image, or too large, gets a refusal."""
    server = start()
    library = images_of(server)[1]
    (library / "notes.txt").write_text("text")
    (library / "large.png").write_bytes(png() + bytes(11 * 1024 * 1024))
    ann = connect(server, "Ann")
    ann.send_line("REQUEST_IMAGE:notes.txt")
    assert "not an image" in ann.expect_start("IMAGE_ERROR:notes.txt|")
    ann.send_line("REQUEST_IMAGE:large.png")
    assert "larger than 10 MiB" in ann.expect_start("IMAGE_ERROR:large.png|")


@pytest.mark.points(1)
def test_a_sender_cannot_be_forged(server: Server, connect: Connect) -> None:
    """Whatever an image is called, everyone is told who really sent it."""
    mallory, bob = connect(server, "Mallory"), connect(server, "Bob")
    join(mallory, "Mallory")
    stored = upload(mallory, "x|MESSAGE:IMAGE_RECEIVED:Bob|x.png", png())
    bob.expect_line(f"MESSAGE:IMAGE_RECEIVED:Mallory|{stored}")
    assert "_Mallory_" in stored


# Slowness, departures, accidents


@pytest.mark.points(1)
def test_who_leaves_at_once_has_still_sent(server: Server, connect: Connect) -> None:
    """An image is taken, and announced, also when its sender hangs up right behind it."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    join(ann, "Ann")
    ann.send_raw(image_line("cat.png", jpeg()))
    ann.finish_sending()
    bob.expect_start("MESSAGE:IMAGE_RECEIVED:Ann|")
    ann.expect_start("IMAGE_OK:")
    ann.expect_end()


@pytest.mark.points(1)
def test_half_an_upload_is_nothing(server: Server, connect: Connect) -> None:
    """A client that vanishes in the middle of an image leaves no file and no message."""
    ann, bob, carol = connect(server, "Ann"), connect(server, "Bob"), connect(server, "Carol")
    before = files_in(images_of(server)[0])
    ann.send_raw(image_line("cat.png", jpeg())[:-10])
    ann.reset()
    carol.send_line("next")
    bob.expect_line(f"MESSAGE:{carol.address} | next")
    assert files_in(images_of(server)[0]) == before


@ONE_LINE_FOR_ALL
@pytest.mark.points(2)
def test_who_does_not_read_delays_nobody(start: StartServer, connect: Connect) -> None:
    """Images fly to one who never reads: it is dropped, and Bob gets each of them whole."""
    server = start()
    content = photo(3_000_000)
    (images_of(server)[1] / "large.png").write_bytes(content)
    bob = connect(server, "Bob")
    connect(server, "Sloth", receive_buffer=4096)
    expected = b"SERVER_IMAGE:large.png|" + base64.b64encode(content)
    for _ in range(7):
        server.type("send large.png\n")
        bob.expect_bytes(expected)
    server.expect_output(r"\[-\] .* disconnected \(too slow")


def test_the_greedy_get_one_after_the_other(server: Server, connect: Connect) -> None:
    """A hundred requests at once are answered one by one, each with whole images."""
    ann = connect(server, "Ann")
    stored = upload(ann, "cat.png", jpeg())
    ann.send_raw(f"REQUEST_IMAGE:{stored}\n".encode() * 100)
    expected = f"SERVER_IMAGE:{stored}|".encode() + base64.b64encode(jpeg())
    for _ in range(100):
        ann.expect_bytes(expected)


def test_the_uploads_folder_fills_up(start: StartServer, connect: Connect) -> None:
    """When the uploads reach 1 GiB, further ones are refused, and nothing is stored."""
    server = start()
    received = images_of(server)[0]
    with (received / "filler.png").open("wb") as filler:
        filler.truncate(1024**3 - 100)  # a file with a hole: it takes no space
    ann = connect(server, "Ann")
    assert "full" in upload_refused(ann, "cat.png", jpeg())
    assert files_in(received) == ["filler.png"]


@posix_only
def test_a_full_disk(
    start: StartServer, connect: Connect, stage: int, submission: Submission
) -> None:
    """The file cannot be written to its end: the sender is told, nothing is left, chat goes on."""
    limited = ["bash", "-c", 'ulimit -f 16; exec "$@"', "bash"]
    server = start(command=[*limited, *submission.command(stage, "server")])
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    assert upload_refused(ann, "cat.jpg", jpeg())
    assert files_in(images_of(server)[0]) == []
    ann.send_line("still here")
    bob.expect_line(f"MESSAGE:{ann.address} | still here")


@linux_only
def test_the_checking_process_dies(start: StartServer, connect: Connect) -> None:
    """The process that decodes is killed, over an image or between two: the next one is taken."""
    server = start()
    ann = connect(server, "Ann")
    upload(ann, "cat.png", png())
    for signum in (signal.SIGKILL, signal.SIGSEGV):
        (worker,) = workers_of(server.process.pid)
        os.kill(worker, signum)
        wait_for_end_of(worker)
        upload(ann, "cat.png", png())
    (worker,) = workers_of(server.process.pid)
    stop(worker)
    ann.send_raw(image_line("cat.png", png()))
    eventually(lambda: bytes_waiting_for(worker), "the image waits to be checked")
    os.kill(worker, signal.SIGKILL)
    ann.expect_start("IMAGE_ERROR:cat.png|")
    upload(ann, "cat.png", png())


@linux_only
def test_a_killed_server_leaves_no_process(start: StartServer, connect: Connect) -> None:
    """The server is killed: the process that decodes ends by itself."""
    server = start()
    upload(connect(server, "Ann"), "cat.png", png())
    (worker,) = workers_of(server.process.pid)
    server.kill()
    wait_for_end_of(worker)


@posix_only
@pytest.mark.parametrize("way", ["quit", "SIGTERM", "SIGINT"])
def test_the_end_comes_while_an_image_is_checked(
    start: StartServer, connect: Connect, way: str
) -> None:
    """The server ends with exit code 0, and waits for nothing that is being decoded."""
    server = start()
    ann = connect(server, "Ann")
    upload(ann, "cat.png", png())
    workers = workers_of(server.process.pid)
    for worker in workers:  # as if it took for ever
        stop(worker)
    ann.send_raw(image_line("cat.png", photo(5_000_000)))
    for worker in workers:
        eventually(partial(bytes_waiting_for, worker), "the image waits to be checked")
    if way == "quit":
        server.type("quit\n")
    else:
        server.interrupt(getattr(signal, way))
    eventually(lambda: server.process.poll() is not None, "the server ends")
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
        wait_for_end_of(worker)
    server.expect_exit(0)


def workers_of(pid: int) -> list[int]:
    """The running processes that a server has started to check images."""
    text = "".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [child for child in map(int, text.split()) if checks_images(child)]


def checks_images(pid: int) -> bool:
    """Whether a process runs, and is one that checks images."""
    return is_running(pid) and b"image_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()


def wait_for_end_of(pid: int) -> None:
    """Wait until a process has ended."""
    eventually(lambda: not is_running(pid), f"process {pid} ends")


def bytes_waiting_for(pid: int) -> int:
    """How many bytes have been written to a process's standard input, a pipe, and not read yet."""
    import fcntl  # POSIX only
    import termios

    count = array("i", [0])
    with Path(f"/proc/{pid}/fd/0").open("rb", buffering=0) as pipe:
        fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def stop(pid: int) -> None:
    """Stop a process where it is; it may take a moment to notice."""
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: state_of(pid) == "T", f"process {pid} stops")


def is_running(pid: int) -> bool:
    """Whether a process is there and not just waiting to be forgotten (a zombie)."""
    return state_of(pid) not in ("", "Z", "X")


def state_of(pid: int) -> str:
    """The letter that the system has for what a process does; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


# Without Pillow


def test_a_server_without_pillow(
    start: StartServer, connect: Connect, stage: int, without_pillow: dict[str, str]
) -> None:
    """It says so with the cure, refuses uploads, and everything else works, lists included."""
    server = start(env=without_pillow)
    server.expect_output(rf"Pillow.*course\.py server {stage}")
    (images_of(server)[1] / "cat.png").write_bytes(png())
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    assert "Pillow" in upload_refused(ann, "cat.png", png())
    ann.send_line("REQUEST_LIST:")
    assert json.loads(ann.expect_start("IMAGE_LIST:").partition(":")[2]) == ["cat.png"]
    ann.send_line("hello")
    bob.expect_line(f"MESSAGE:{ann.address} | hello")
