"""Downloads over real sockets of this computer, from a file server in a process of its own."""

import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from stage4_udp_files.download import (
    CancelledError,
    Download,
    DownloadError,
    Grant,
    WrongContentError,
)
from stage4_udp_files.file_writer import FileWriter
from stage4_udp_files.trace import TraceFile
from tests.stage4.harness import FileServer, RunningDownload, lossy_link
from tests.support.processes import Deadline
from tests.support.submission import PROJECT, environment

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

MakeFile = Callable[..., Path]
SLOW = ("--rate", "20")


def start_packet(token: str, size: int = 1400) -> bytes:
    """A START as the docs lay it out: everything from byte 0, a window of 100, no wish."""
    body = struct.pack("!I16s", 100, b"").ljust(size, b"\0")
    checked = struct.pack("!BB2x8sQQ", 1, 0, bytes.fromhex(token), 0, 0) + body
    return struct.pack("!I", zlib.crc32(checked)) + checked


def udp_socket(host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.settimeout(Deadline.default)
    return sock


@pytest.mark.parametrize("offload", [True, False], ids=["trains", "one by one"])
@pytest.mark.parametrize("size", [0, 1, 1399, 1400, 1401, 63_000, 63_001, 3_000_000])
def test_sizes(
    file_server: FileServer, make_file: MakeFile, downloads: Path, size: int, offload: bool
) -> None:
    """A file of any size arrives, gets its name, and nothing else is left in the folder."""
    file = make_file(size)
    path = Download(file_server.grant(file), downloads, offload=offload).run()
    assert path == downloads / "file.bin"
    assert path.read_bytes() == file.read_bytes()
    assert list(downloads.iterdir()) == [path]


def test_one_datagram_a_system_call(make_file: MakeFile, downloads: Path) -> None:
    """Where the kernel has no segmentation, the server sends one by one."""
    server = FileServer("--no-offload")
    file = make_file(2_000_000)
    path = Download(server.grant(file), downloads, offload=False).run()
    assert path.read_bytes() == file.read_bytes()
    server.close()


@pytest.mark.parametrize("congestion", ["fixed:1", "fixed:30", "reno", "rate", "unknown"])
def test_wishes_for_congestion_control(
    file_server: FileServer, make_file: MakeFile, downloads: Path, congestion: str
) -> None:
    """Whatever the client wishes, the file arrives; what the server does not know, it ignores."""
    file = make_file(100_000)
    path = Download(file_server.grant(file), downloads, congestion=congestion).run()
    assert path.read_bytes() == file.read_bytes()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6(make_file: MakeFile, downloads: Path) -> None:
    """The same over IPv6."""
    server = FileServer("--host", "::1")
    file = make_file(500_000)
    path = Download(server.grant(file, peer="::1"), downloads).run()
    assert path.read_bytes() == file.read_bytes()
    server.close()


def test_ten_downloads_of_one_file(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """Ten clients at once: each gets the whole file, under names that do not collide."""
    file = make_file(2_000_000)
    running = [RunningDownload(file_server.grant(file), downloads) for _ in range(10)]
    paths = {download.wait().path for download in running}
    assert len(paths) == 10
    assert all(path and path.read_bytes() == file.read_bytes() for path in paths)


def test_through_a_link_that_loses_a_fifth(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """Loss of 20 %, duplicates, reordering and damage, both ways: the file is identical."""
    file = make_file(1_000_000)
    trouble = ("--loss", "20", "--duplicate", "5", "--reorder", "5", "--corrupt", "5")
    with lossy_link(file_server.port, *trouble, "--delay", "2") as port:
        running = RunningDownload(file_server.grant(file, port=port), downloads).wait()
    assert running.error is None
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()
    assert running.progress[-1].repeated > 50
    assert running.progress[-1].received == 1_000_000


def test_strangers_get_nothing(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """Garbage of any length, wrong tokens, the right token from elsewhere: not one byte back."""
    file = make_file(200_000)
    elsewhere = file_server.grant(file, peer="127.0.0.99")
    damaged = bytearray(start_packet(elsewhere.token))
    damaged[500] ^= 1
    with udp_socket() as stranger:
        stranger.connect(("127.0.0.1", file_server.port))
        for length in range(0, 1500, 7):
            stranger.send(os.urandom(length))
        stranger.send(start_packet("00" * 8))
        stranger.send(start_packet(elsewhere.token))
        stranger.send(bytes(damaged))
        stranger.send(start_packet(elsewhere.token, size=30))
        path = Download(file_server.grant(file), downloads).run()
        assert path.read_bytes() == file.read_bytes()
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2000)
    file_server.order(do="cancel", token=elsewhere.token)


def test_the_first_start_fixes_the_address(file_server: FileServer, make_file: MakeFile) -> None:
    """A token that is in use is worth nothing to anyone else, even on the same computer."""
    grant = file_server.grant(make_file(200_000))
    with udp_socket() as first, udp_socket() as second:
        server = ("127.0.0.1", file_server.port)
        first.sendto(start_packet(grant.token), server)
        assert len(first.recv(2000)) == 1432
        second.sendto(start_packet(grant.token), server)
        file_server.order(do="cancel", token=grant.token)
        file_server.grant(make_file(0, "next"))  # answered after all that
        second.setblocking(False)
        with pytest.raises(BlockingIOError):
            second.recv(2000)


def test_a_cancelled_download_goes_on_where_it_ended(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """Cancel keeps what has come; the next download of the same file begins there."""
    file = make_file(3_000_000)
    with lossy_link(file_server.port, *SLOW) as port:
        grant = file_server.grant(file, port=port)
        running = RunningDownload(grant, downloads)
        running.wait_until_under_way()
        running.download.cancel()
        assert isinstance(running.wait().error, CancelledError)
        file_server.order(do="cancel", token=grant.token)
    kept = (downloads / "file.bin.part").stat().st_size
    assert 0 < kept < 3_000_000
    again = RunningDownload(file_server.grant(file), downloads).wait()
    assert again.progress[-1].resumed_at == kept
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()
    assert [path.name for path in downloads.iterdir()] == ["file.bin"]


CLIENT = """
import json, sys
from pathlib import Path
from stage4_udp_files.download import Download, Grant
grant = Grant(**json.loads(sys.argv[1]))
Download(grant, Path(sys.argv[2]), on_progress=lambda p: print(p.received, flush=True)).run()
"""


@pytest.mark.parametrize("after", [1, 300_000, 1_500_000])
def test_kill_9_of_the_client(
    file_server: FileServer, make_file: MakeFile, downloads: Path, after: int
) -> None:
    """The client dies at some moment: nothing has the final name, and the next one goes on."""
    file = make_file(3_000_000)
    with lossy_link(file_server.port, *SLOW) as port:
        grant = file_server.grant(file, port=port)
        fields = json.dumps({name: getattr(grant, name) for name in grant.__slots__})
        process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, fields, str(downloads)],
            cwd=PROJECT,
            env=environment(),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        while int(process.stdout.readline()) < after:
            pass
        process.kill()
        process.wait()
        process.stdout.close()
        file_server.order(do="cancel", token=grant.token)
    assert not (downloads / "file.bin").exists()
    again = RunningDownload(file_server.grant(file), downloads).wait()
    assert again.error is None
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()


def test_kill_9_of_the_server(make_file: MakeFile, downloads: Path) -> None:
    """The server dies: the client is told by the chat, and goes on with the next server."""
    file = make_file(3_000_000)
    first, second = FileServer(), FileServer()
    with lossy_link(first.port, *SLOW) as port:
        running = RunningDownload(first.grant(file, port=port), downloads)
        running.wait_until_under_way()
        first.process.send_signal(signal.SIGKILL)
        running.download.fail("the connection to the server is lost")
        assert str(running.wait().error) == "the connection to the server is lost"
    first.close()
    again = RunningDownload(second.grant(file), downloads).wait()
    assert again.progress[-1].resumed_at > 0
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()
    second.close()


@pytest.mark.parametrize("change", ["grown", "shorter", "rewritten"])
def test_a_file_that_changes_while_it_is_sent(
    file_server: FileServer, make_file: MakeFile, downloads: Path, change: str
) -> None:
    """The server notices and says so; the client never gives the mixture a final name."""
    file = make_file(4_000_000)
    with lossy_link(file_server.port, *SLOW) as port:
        grant = file_server.grant(file, port=port)
        running = RunningDownload(grant, downloads)
        running.wait_until_under_way()
        if change == "grown":
            with file.open("ab") as more:
                more.write(b"more")
        elif change == "shorter":
            os.truncate(file, 1_000_000)
        else:
            file.write_bytes(b"x" * 4_000_000)
        failed = file_server.wait_for("failed", grant.token)
        assert "changed" in failed["why"]
        running.download.fail(failed["why"])
        assert "changed" in str(running.wait().error)
    assert not (downloads / "file.bin").exists()
    other_version = RunningDownload(file_server.grant(file), downloads).wait()
    assert other_version.progress[-1].resumed_at == 0
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be removed there")
def test_a_file_that_is_removed_while_it_is_sent(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """It was granted, it is open: it arrives whole."""
    file = make_file(2_000_000)
    content = file.read_bytes()
    with lossy_link(file_server.port, *SLOW) as port:
        running = RunningDownload(file_server.grant(file, port=port), downloads)
        running.wait_until_under_way()
        file.unlink()
        assert running.wait().error is None
    assert (downloads / "file.bin").read_bytes() == content


def test_a_full_disk(
    file_server: FileServer,
    make_file: MakeFile,
    downloads: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing more can be written: a clear message, no final name, and what came is kept."""
    original = FileWriter._write

    def write(self: FileWriter, piece: memoryview) -> None:
        if self._file.tell() > 500_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(self, piece)

    file = make_file(3_000_000)
    with monkeypatch.context() as patch:
        patch.setattr(FileWriter, "_write", write)
        with pytest.raises(DownloadError, match="No space left on device"):
            Download(file_server.grant(file), downloads).run()
    assert not (downloads / "file.bin").exists()
    again = RunningDownload(file_server.grant(file), downloads).wait()
    assert again.progress[-1].resumed_at > 500_000
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()


def test_no_folder(file_server: FileServer, make_file: MakeFile, tmp_path: Path) -> None:
    """A missing folder is named."""
    grant = file_server.grant(make_file(10))
    with pytest.raises(DownloadError, match="nowhere"):
        Download(grant, tmp_path / "nowhere").run()
    file_server.order(do="cancel", token=grant.token)


def damage(part: Path) -> None:
    """Change what an earlier download has left."""
    content = bytearray(part.read_bytes())
    content[100] ^= 1
    part.write_bytes(content)


def interrupted(file_server: FileServer, file: Path, downloads: Path) -> Path:
    """Leave a part of a file in the folder."""
    with lossy_link(file_server.port, *SLOW) as port:
        running = RunningDownload(file_server.grant(file, port=port), downloads)
        running.wait_until_under_way()
        running.download.cancel()
        running.wait()
    return downloads / "file.bin.part"


def test_wrong_content_starts_over_once(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """A damaged part shows in the SHA-256; the second attempt begins at the first byte."""
    file = make_file(2_000_000)
    damage(interrupted(file_server, file, downloads))
    grant = file_server.grant(file)
    again = RunningDownload(grant, downloads, renew=lambda: file_server.grant(file)).wait()
    assert again.error is None
    assert again.progress[-1].resumed_at == 0
    assert (downloads / "file.bin").read_bytes() == file.read_bytes()


def test_wrong_content_never_gets_the_final_name(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """Without a second attempt the download fails, and the damaged part is thrown away."""
    file = make_file(2_000_000)
    part = interrupted(file_server, file, downloads)
    damage(part)
    with pytest.raises(WrongContentError, match="SHA-256"):
        Download(file_server.grant(file), downloads).run()
    assert not (downloads / "file.bin").exists()
    assert part.stat().st_size == 0


def test_nothing_is_overwritten(
    file_server: FileServer, make_file: MakeFile, downloads: Path
) -> None:
    """A file of that name is there already: the new one gets a number."""
    file = make_file(5000)
    (downloads / "file.bin").write_text("mine")
    (downloads / "file (2).bin.part").write_text("mine too, whatever it is")
    path = Download(file_server.grant(file), downloads).run()
    assert path.name == "file (3).bin"
    assert (downloads / "file.bin").read_text() == "mine"
    assert (downloads / "file (2).bin.part").read_text() == "mine too, whatever it is"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "a\\b", "..", ".", "", "..\\x"])
def test_a_server_that_names_files_with_paths(downloads: Path, name: str) -> None:
    """Only bare names are taken, whatever the server says."""
    with pytest.raises(DownloadError, match="no file name"):
        Download(Grant("127.0.0.1", 9, "00" * 8, name, 1, "1"), downloads).run()
    assert list(downloads.parent.rglob("*evil*")) == []


def test_traces_tell_the_whole_story(make_file: MakeFile, downloads: Path, tmp_path: Path) -> None:
    """Both sides' traces are JSON lines; what one side has received the other has sent."""
    server = FileServer("--trace", str(tmp_path / "server.jsonl"))
    file = make_file(60_000)
    client_trace = TraceFile(tmp_path / "client.jsonl")
    with lossy_link(server.port, "--loss", "20") as port:
        Download(server.grant(file, port=port), downloads, trace=client_trace).run()
    client_trace.close()
    server.close()
    sides = [
        [json.loads(line) for line in (tmp_path / f"{side}.jsonl").read_text().splitlines()]
        for side in ("server", "client")
    ]
    sent = {e["number"] for e in sides[0] if e["event"] == "sent" and e["kind"] == "DATA"}
    received = {e["number"] for e in sides[1] if e["event"] == "received" and e["kind"] == "DATA"}
    assert sent == received == set(range(43))
    assert {e["why"] for e in sides[0] if e["event"] == "sent"} <= {
        "new",
        "lost",
        "probe",
        "timeout",
    }
    assert all(e["time"] > 0 and e["side"] == "server" for e in sides[0])
    assert any(e["event"] == "window" for e in sides[0])


def test_the_file_server_ends_with_its_pipe(make_file: MakeFile) -> None:
    """When the chat server is gone, so is the file server: exit code 0."""
    server = FileServer()
    server.grant(make_file(10))
    server.close()
    assert server.process.returncode == 0


def test_a_port_that_is_taken() -> None:
    """One line says so and what to do, exit code 1."""
    with udp_socket() as taken:
        command = [sys.executable, "-m", "stage4_udp_files.file_server", "--port"]
        done = subprocess.run(
            [*command, str(taken.getsockname()[1])],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    report = json.loads(done.stdout)
    assert report["event"] == "error"
    assert "in use" in report["why"]
    assert "--udp-port" in report["why"]
    assert done.returncode == 1


def test_a_file_that_can_not_be_opened(file_server: FileServer, tmp_path: Path) -> None:
    """The chat server gets the reason, to pass it on."""
    file_server.order(do="grant", token="ab" * 8, path=str(tmp_path / "gone"), peer="127.0.0.1")
    assert "No such file" in file_server.wait_for("failed", "ab" * 8)["why"]
