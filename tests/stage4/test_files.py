"""Files in the conversation: listed, granted, refused, cancelled, by whatever client."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage3.hints import BARE_NAMES
from tests.stage4.harness import RunningDownload, lossy_link
from tests.stage4.test_download import start_packet, udp_socket
from tests.stage4.wire import files_of, grant, granted, listed
from tests.support.fixtures import Connect
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(4),
    pytest.mark.hint(
        "A download is granted over TCP: for a plain name in the folder, with a secret "
        "token, to the address that asked. UDP serves nobody else.",
        docs="stage4/one_packet#who-may-ask",
    ),
]

CONTENT = os.urandom(10_000)
SLOW = ("--rate", "20")


@pytest.fixture(autouse=True)
def files(server: Server) -> Iterator[Path]:
    """The server's files: made for a test, and removed after it."""
    folder = files_of(server)
    (folder / "notes.txt").write_bytes(CONTENT)
    yield folder
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


@pytest.fixture
def large(files: Path) -> Path:
    """A file that takes seconds over a slow link."""
    path = files / "large.bin"
    path.write_bytes(os.urandom(2_500_000))
    return path


def is_answered(token: str, port: int, host: str = "127.0.0.1", *, decoy: str) -> bool:
    """Whether the server answers START with a token, which it does for the `decoy`, later."""
    with udp_socket(host) as sock, udp_socket() as other:
        sock.sendto(start_packet(token), ("127.0.0.1", port))
        other.sendto(start_packet(decoy), ("127.0.0.1", port))
        assert other.recv(2000)
        sock.setblocking(False)
        try:
            return bool(sock.recv(2000))
        except BlockingIOError:
            return False


@pytest.mark.points(1)
def test_the_list(server: Server, connect: Connect, files: Path) -> None:
    """Each file with its size; what was put there a moment ago is there, what was removed not."""
    ann = connect(server, "Ann")
    assert listed(ann) == {"notes.txt": 10_000}
    (files / "Grüße 🎉.txt").write_bytes(b"")
    assert listed(ann) == {"notes.txt": 10_000, "Grüße 🎉.txt": 0}
    (files / "notes.txt").unlink()
    assert listed(ann) == {"Grüße 🎉.txt": 0}


def test_a_download(server: Server, connect: Connect, downloads: Path) -> None:
    """What DOWNLOAD_READY grants can be fetched over UDP, and the server's log tells of it."""
    ann = connect(server, "Ann")
    ready = granted(ann, "notes.txt")
    assert (ready["name"], ready["size"]) == ("notes.txt", 10_000)
    assert ready["udp_port"] == server.port
    path = RunningDownload(grant(ann, server, "notes.txt"), downloads).wait().path
    assert path is not None
    assert path.read_bytes() == CONTENT
    server.expect_output(r"has downloaded notes\.txt: 10\.0 KB")


@pytest.mark.points(1)
def test_answers_come_in_order(server: Server, connect: Connect) -> None:
    """Each request gets one answer, in the order of the requests."""
    ann = connect(server, "Ann")
    ann.send_raw(b"DOWNLOAD:notes.txt\nFILES\nDOWNLOAD:none\nCANCEL:none\nping\nDOWNLOAD:none\n")
    for beginning in (
        *("DOWNLOAD_READY:", "FILE_LIST:", "FILE_ERROR:none|", "ERROR:CANCEL: ", "pong"),
        "FILE_ERROR:none|",
    ):
        ann.expect_start(beginning)


@BARE_NAMES
@pytest.mark.points(2)
@pytest.mark.parametrize(
    "name",
    [
        *("../notes.txt", "..", ".", "", "/etc/passwd", "folder", "folder/../notes.txt"),
        *("..\\notes.txt", "C:\\notes.txt", "\\\\host\\share\\notes.txt", "C:notes.txt"),
        *("notes.txt\0", "\0", "notes.txt.", "notes.txt ", "CON", "con.txt", "COM1.txt", "a:b"),
        *("link", "dangling", "pipe", "x" * 300, "🎉" * 100, "server_files-private/secret"),
        "../server_files-private/secret",
    ],
)
def test_names_from_strangers(server: Server, connect: Connect, files: Path, name: str) -> None:
    """Only files that lie in the folder itself are listed and granted, by their plain names."""
    private = files.with_name("server_files-private")
    private.mkdir(exist_ok=True)
    (private / "secret").write_text("secret")
    (files / "folder").mkdir()
    (files / "link").symlink_to(private / "secret")
    (files / "dangling").symlink_to(files / "nothing")
    os.mkfifo(files / "pipe")
    (files / "con.txt").write_text("a device on Windows")
    (files / "a:b").write_text("a stream on Windows")
    ann = connect(server, "Ann")
    assert listed(ann) == {"notes.txt": 10_000}
    ann.send_line(f"DOWNLOAD:{name}")
    ann.expect_start("FILE_ERROR:")
    granted(ann, "notes.txt")


def test_a_name_in_another_case_or_form(server: Server, connect: Connect) -> None:
    """A name either is the name of a file here, or it is refused: no guessing."""
    ann = connect(server, "Ann")
    for name in ("notes", "note*", "notes.tx?", "notes.txt/", "./notes.txt", "%2e%2e/notes.txt"):
        ann.send_line(f"DOWNLOAD:{name}")
        ann.expect_start("FILE_ERROR:")


@pytest.mark.points(1)
def test_eight_at_a_time(server: Server, connect: Connect) -> None:
    """The ninth download of a client is refused; cancelled ones make room; others are free."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    tokens = [granted(ann, "notes.txt")["token"] for _ in range(8)]
    ann.send_line("DOWNLOAD:notes.txt")
    ann.expect_start("FILE_ERROR:notes.txt|at most 8")
    granted(bob, "notes.txt")
    ann.send_line(f"CANCEL:{tokens[3]}")
    ann.expect_line("FILE_ERROR:notes.txt|cancelled")
    granted(ann, "notes.txt")


def test_cancel_by_a_stranger(
    server: Server, connect: Connect, large: Path, downloads: Path
) -> None:
    """Only its owner may cancel a download: it goes on, and arrives."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    with lossy_link(server.port, *SLOW) as port:
        permit = grant(ann, server, "large.bin", port)
        download = RunningDownload(permit, downloads)
        download.wait_until_under_way()
        bob.send_line(f"CANCEL:{permit.token}")
        bob.expect_start("ERROR:CANCEL: ")
        path = download.wait().path
    assert path is not None
    assert path.read_bytes() == large.read_bytes()


def test_cancelled_tokens_are_worth_nothing(server: Server, connect: Connect) -> None:
    """After CANCEL, and after its owner has left, a token is answered no more."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    cancelled, left = (granted(ann, "notes.txt")["token"] for _ in range(2))
    ann.send_line(f"CANCEL:{cancelled}")
    ann.expect_start("FILE_ERROR:notes.txt|cancelled")
    ann.leave()
    server.expect_output(r"\[-\] " + ann.address.replace(".", r"\."))
    decoy = granted(bob, "notes.txt")["token"]
    assert not is_answered(cancelled, server.port, decoy=decoy)
    assert not is_answered(left, server.port, decoy=granted(bob, "notes.txt")["token"])


@pytest.mark.points(1)
def test_tokens_are_for_one_address(server: Server, connect: Connect) -> None:
    """A token is no use at another address than its owner's, nor once it has been used."""
    ann = connect(server, "Ann")
    first, second, third = (granted(ann, "notes.txt")["token"] for _ in range(3))
    assert not is_answered(first, server.port, "127.0.0.2", decoy=second)
    assert is_answered(first, server.port, decoy=third)
    assert not is_answered(first, server.port, decoy=granted(ann, "notes.txt")["token"])


@pytest.mark.points(1)
def test_nothing_for_strangers(server: Server, connect: Connect) -> None:
    """Garbage and guessed tokens get no answer at all, and the server goes on."""
    ann = connect(server, "Ann")
    with udp_socket() as sock:
        for length in (0, 1, 31, 32, 33, 1431, 1432, 1433, 9000):
            sock.sendto(os.urandom(length), ("127.0.0.1", server.port))
    assert not is_answered("00" * 8, server.port, decoy=granted(ann, "notes.txt")["token"])


@pytest.mark.slow
def test_the_end_of_the_connection_ends_downloads(
    server: Server, connect: Connect, large: Path, downloads: Path
) -> None:
    """Who leaves the chat gets no more of a file; what has come is kept."""
    ann = connect(server, "Ann")
    with lossy_link(server.port, *SLOW) as port:
        download = RunningDownload(grant(ann, server, "large.bin", port), downloads)
        download.wait_until_under_way()
        ann.leave()
        assert "nothing came" in str(download.wait().error)
    assert 0 < (downloads / "large.bin.part").stat().st_size < large.stat().st_size
    assert not (downloads / "large.bin").exists()


@pytest.mark.parametrize("change", ["grows", "is cut", "is written to"])
def test_a_file_that_changes_while_it_is_sent(
    server: Server, connect: Connect, large: Path, downloads: Path, change: str
) -> None:
    """FILE_ERROR says so; nothing gets the final name."""
    ann = connect(server, "Ann")
    with lossy_link(server.port, *SLOW) as port:
        download = RunningDownload(grant(ann, server, "large.bin", port), downloads)
        download.wait_until_under_way()
        with large.open("r+b") as file:
            if change == "is cut":
                file.truncate(1000)
            else:
                file.seek(0, os.SEEK_END if change == "grows" else os.SEEK_SET)
                file.write(b"something new")
        line = ann.expect_start("FILE_ERROR:large.bin|")
        download.download.fail(line.partition("|")[2])
        assert "changed" in str(download.wait().error)
    assert not (downloads / "large.bin").exists()


def test_a_file_that_is_removed_while_it_is_sent(
    server: Server, connect: Connect, large: Path, downloads: Path
) -> None:
    """Whoever has it already on its way gets it whole; who asks later is refused."""
    content = large.read_bytes()
    ann = connect(server, "Ann")
    with lossy_link(server.port, *SLOW) as port:
        download = RunningDownload(grant(ann, server, "large.bin", port), downloads)
        download.wait_until_under_way()
        large.unlink()
        ann.send_line("DOWNLOAD:large.bin")
        ann.expect_start("FILE_ERROR:large.bin|")
        path = download.wait().path
    assert path is not None
    assert path.read_bytes() == content


def test_chat_goes_on_beside_downloads(
    server: Server, connect: Connect, large: Path, downloads: Path
) -> None:
    """While files are on their way, people talk."""
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    with lossy_link(server.port, "--rate", "4") as port:
        permits = [grant(ann, server, large.name, port) for _ in range(3)]
        running = [RunningDownload(permit, downloads) for permit in permits]
        running[0].wait_until_under_way()
        for number in range(50):
            ann.send_line(f"number {number}")
            bob.expect_message(f"number {number}")
        assert all(download.path is None for download in running)
        for download in running:
            download.download.cancel()
            download.wait()
