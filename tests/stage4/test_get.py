"""Downloads by the client program, with `--get` and on the console."""

import hashlib
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stage4.harness import lossy_link
from tests.stage4.wire import files_of, get_command, size_of
from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartProgram, StartServer
from tests.support.ports import quiet_port
from tests.support.processes import Program
from tests.support.report import Transcript
from tests.support.server import Server, start_server
from tests.support.submission import Submission
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.stage(4),
    pytest.mark.hint(
        "A download ends in one of two ways: the whole, verified file under its final name, "
        "or a clear word and nothing under that name. Look at what remains when either side "
        "goes.",
        docs="stage4/many_packets#a-whole-file-in-the-end",
    ),
]

Get = Callable[..., Program]

SLOW = "4"  # Mbit/s: a file of 3 MB takes six seconds, so none is done before it is interrupted


@pytest.fixture
def files(server: Server) -> Iterator[Path]:
    """The server's files: made for a test, and removed after it."""
    folder = files_of(server)
    (folder / "notes.txt").write_bytes(b"some notes\n" * 30_000)  # too much without an ACK
    (folder / "empty").write_bytes(b"")
    (folder / "Grüße 🎉.bin").write_bytes(os.urandom(300_000))
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture
def get(submission: Submission, run: StartProgram, downloads: Path) -> Get:
    """Start a client that downloads: `get(server, "--get", "notes.txt")`."""

    def start(server: Server | FakeServer, *arguments: str) -> Program:
        return run(get_command(submission, server, downloads, *arguments), name="client")

    return start


def same(one: Path, other: Path) -> bool:
    return hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def packets(client: Program) -> tuple[int, int]:
    """What a client says of its packets: how many were sent again, and how many came."""
    found = re.search(r"([\d,]+) of ([\d,]+) packets were sent again", client.printed())
    assert found is not None
    again, all_that_came = (int(number.replace(",", "")) for number in found.groups())
    return again, all_that_came


def new_packets(client: Program) -> int:
    """How many packets brought something new."""
    again, all_that_came = packets(client)
    return all_that_came - again


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.points(2)
def test_one_file(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """The verified path is printed, and the exit code is 0."""
    client = get(server, "--get", "notes.txt")
    client.expect_exit(0)
    assert client.printed().startswith(str(downloads / "notes.txt"))
    assert "SHA-256 verified" in client.printed()
    assert client.complaints() == ""
    assert names_in(downloads) == ["notes.txt"]
    assert same(downloads / "notes.txt", files / "notes.txt")


@pytest.mark.points(2)
@pytest.mark.hint(
    "Write down for files of 0, 1,399, 1,400 and 2,800 bytes how many packets each has, which one "
    "is the last, and by what the receiver knows that nothing more comes.",
    docs="stage4/many_packets#a-whole-file-in-the-end",
)
def test_several_files(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """Several names, an empty file and a long list among them: each gets its line."""
    more = [f"{number}.bin" for number in range(10)]
    for number, name in enumerate(more):
        (files / name).write_bytes(os.urandom(1400 * number))
    names = ["notes.txt", "empty", "Grüße 🎉.bin", *more]
    client = get(server, "--get", *names)
    client.expect_exit(0)
    assert len(client.printed().splitlines()) == len(names)
    assert names_in(downloads) == sorted(names)
    assert all(same(downloads / name, files / name) for name in names)


@pytest.mark.points(1)
def test_a_name_that_is_not_there(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """What is not to be had is said on stderr, the rest comes, and the exit code is not 0."""
    client = get(server, "--get", "none.txt", "../notes.txt", "notes.txt")
    assert client.expect_exit() == 1
    assert re.search(r"^none\.txt: not downloaded: ", client.complaints(), re.MULTILINE)
    assert re.search(r"^\.\./notes\.txt: not downloaded: ", client.complaints(), re.MULTILINE)
    assert names_in(downloads) == ["notes.txt"]
    assert same(downloads / "notes.txt", files / "notes.txt")


@pytest.mark.points(3)
@pytest.mark.hint(
    "A file that is there is not yours to touch, neither when a download begins nor when it ends. "
    "While it is under way it has a name of its own; in the end it takes a name that is free.",
    docs="stage4/many_packets#a-whole-file-in-the-end",
)
def test_nothing_is_overwritten(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """A file of that name stays as it is; the download gets another name."""
    (downloads / "notes.txt").write_text("my own notes")
    get(server, "--get", "notes.txt").expect_exit(0)
    assert (downloads / "notes.txt").read_text() == "my own notes"
    assert same(downloads / "notes (2).txt", files / "notes.txt")


@pytest.mark.points(3)
def test_a_lossy_link(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """A fifth of all packets is lost, some come twice: the file is identical."""
    (files / "large.bin").write_bytes(os.urandom(300_000))
    with lossy_link(server.port, "--loss", "20", "--duplicate", "5", "--seed", "1") as port:
        client = get(server, "--udp-port", str(port), "--get", "large.bin")
        client.expect_exit(0)
    assert same(downloads / "large.bin", files / "large.bin")
    assert packets(client)[0] > 10


@pytest.mark.parametrize("host", ["::1", "localhost", "0.0.0.0"])
def test_other_hosts(start: StartServer, downloads: Path, get: Get, host: str) -> None:
    """Files come over UDP by the address family of the conversation."""
    server = start("--host", host)
    (files_of(server) / "notes.txt").write_bytes(b"some notes\n")
    get(server, "--get", "notes.txt").expect_exit(0)
    assert (downloads / "notes.txt").read_bytes() == b"some notes\n"


@pytest.mark.points(1)
@pytest.mark.parametrize("older", [1, 2, 3])
def test_a_server_without_files(
    submission: Submission, transcript: Transcript, tmp_path: Path, get: Get, older: int
) -> None:
    """A server of an earlier stage has none: one line, exit code 1."""
    server = start_server(
        submission, older, "loop", transcript=transcript, working_directory=tmp_path
    )
    client = get(server, "--get", "notes.txt")
    assert client.expect_exit() == 1
    assert "no files" in client.complaints()
    assert len(client.complaints().splitlines()) == 1
    server.end()


@pytest.mark.points(1)
def test_nobody_is_listening(get: Get, fake_server: FakeServer) -> None:
    """One line, with the command that starts a server."""
    fake_server.close()
    client = get(fake_server, "--get", "notes.txt")
    assert client.expect_exit() == 1
    (line,) = client.complaints().splitlines()
    assert "stage4_udp_files.server" in line


@pytest.mark.slow
def test_nothing_answers_over_udp(server: Server, files: Path, get: Get, downloads: Path) -> None:
    """Where a firewall swallows UDP, that is said after a bounded time."""
    assert files
    with lossy_link(server.port, "--loss", "100") as port:
        client = get(server, "--udp-port", str(port), "--get", "notes.txt")
        assert client.expect_exit() == 1
    assert "firewall" in client.complaints()
    assert not (downloads / "notes.txt").exists()


@pytest.mark.points(1)
def test_ctrl_c(server: Server, files: Path, downloads: Path, get: Get) -> None:
    """Ctrl+C ends a download with a word and exit code 1; the same command goes on from there."""
    (files / "large.bin").write_bytes(os.urandom(3_000_000))
    with lossy_link(server.port, "--rate", SLOW) as port:
        client = get(server, "--udp-port", str(port), "--get", "large.bin")
        part = downloads / "large.bin.part"
        eventually(lambda: size_of(part) > 200_000, "a part of the file has come")
        client.interrupt()
        assert client.expect_exit() == 1
    assert "cancelled" in client.complaints()
    get(server, "--get", "large.bin").expect_exit(0)
    assert same(downloads / "large.bin", files / "large.bin")
    assert names_in(downloads) == ["large.bin"]


@pytest.mark.points(2)
def test_resume_after_the_client_was_killed(
    server: Server, files: Path, downloads: Path, get: Get
) -> None:
    """kill -9 of the client: nothing has the final name, and what came is not sent again."""
    (files / "large.bin").write_bytes(os.urandom(3_000_000))
    part = downloads / "large.bin.part"
    with lossy_link(server.port, "--rate", SLOW) as port:
        client = get(server, "--udp-port", str(port), "--get", "large.bin")
        eventually(lambda: size_of(part) > 500_000, "a part of the file has come")
        client.kill()
    kept = size_of(part)
    assert not (downloads / "large.bin").exists()
    client = get(server, "--get", "large.bin")
    client.expect_exit(0)
    assert same(downloads / "large.bin", files / "large.bin")
    assert new_packets(client) <= (3_000_000 - kept) / 1400 + 3  # FIN, a shorter last one
    assert names_in(downloads) == ["large.bin"]


@pytest.mark.points(1)
@pytest.mark.stage(4, until=4)
def test_resume_after_the_server_was_killed(
    start: StartServer, tmp_path: Path, downloads: Path, get: Get
) -> None:
    """kill -9 of the server: the client says so at once; with the next server it goes on."""
    server = start("--port", str(quiet_port()))
    large = files_of(server) / "large.bin"
    large.write_bytes(os.urandom(3_000_000))
    part = downloads / "large.bin.part"
    with lossy_link(server.port, "--rate", SLOW) as port:
        client = get(server, "--udp-port", str(port), "--get", "large.bin")
        eventually(lambda: size_of(part) > 500_000, "a part of the file has come")
        server.kill()
        assert client.expect_exit() == 1
    assert "connection" in client.complaints()
    kept = size_of(part)
    again = start("--port", str(server.port), working_directory=tmp_path)
    client = get(again, "--get", "large.bin")
    client.expect_exit(0)
    assert new_packets(client) <= (3_000_000 - kept) / 1400 + 3  # FIN, a shorter last one
    assert same(downloads / "large.bin", large)


@pytest.mark.slow
def test_ten_clients_fetch_one_file(
    server: Server, files: Path, submission: Submission, run: StartProgram, tmp_path: Path
) -> None:
    """All at once; each gets the identical file."""
    (files / "large.bin").write_bytes(os.urandom(2_000_000))
    clients = []
    for number in range(10):
        folder = tmp_path / str(number)
        clients.append(run(get_command(submission, server, folder, "--get", "large.bin")))
    for client in clients:
        client.expect_exit(0)
    for number in range(10):
        assert same(tmp_path / str(number) / "large.bin", files / "large.bin")


@pytest.mark.points(1)
@pytest.mark.parametrize(
    ("list_command", "download_command"),
    [("/files", "/download notes.txt"), ("files", "download,notes.txt")],
)
def test_the_console(
    server: Server,
    files: Path,
    start_client: StartProgram,
    tmp_path: Path,
    list_command: str,
    download_command: str,
) -> None:
    """Both forms: the list with sizes; the download, whose path and cost are shown."""
    assert files
    folders = ("--downloads", str(tmp_path / "here"), "--received", str(tmp_path / "images"))
    client = start_client(server, *folders)
    client.type(f"{list_command}\n")
    client.expect_output(r"System: +notes\.txt \(330\.0 KB\)")
    client.type(f"{download_command}\n")
    client.expect_output(r"System: file saved: .*notes\.txt \(.*SHA-256 verified\)")
    assert same(tmp_path / "here" / "notes.txt", files / "notes.txt")
    client.type("/download none.txt\n")
    client.expect_output(r"Error: none\.txt: not downloaded: ")
    client.type("exit\n")
    client.expect_exit(0)


def test_the_end_of_stdin_waits_for_downloads(
    server: Server, files: Path, start_client: StartProgram, downloads: Path
) -> None:
    """`echo /download NAME | client`: the file is here before the client leaves."""
    (files / "large.bin").write_bytes(os.urandom(1_000_000))
    with lossy_link(server.port, "--rate", "20") as port:
        folders = ("--downloads", str(downloads), "--received", str(downloads))
        client = start_client(server, *folders, "--udp-port", str(port))
        client.type("/download large.bin\n")
        client.close_input()
        client.expect_exit(0)
    assert same(downloads / "large.bin", files / "large.bin")


def test_sigterm_during_a_download(server: Server, files: Path, get: Get, downloads: Path) -> None:
    """A client that is asked to end leaves nothing under the final name."""
    (files / "large.bin").write_bytes(os.urandom(3_000_000))
    with lossy_link(server.port, "--rate", SLOW) as port:
        client = get(server, "--udp-port", str(port), "--get", "large.bin")
        part = downloads / "large.bin.part"
        eventually(lambda: size_of(part) > 200_000, "a part of the file has come")
        client.interrupt(signal.SIGTERM)
        assert client.expect_exit() != 0
    assert not (downloads / "large.bin").exists()
