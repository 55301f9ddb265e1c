"""The server program with its second process: ports, and how both of them end."""

import os
import random
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.stage4.wire import (
    files_of,
    granted,
    listed,
    udp_port_is_free,
)
from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.ports import quiet_port
from tests.support.server import Server
from tests.support.submission import Submission
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.stage(4),
    pytest.mark.hint(
        "The chat server starts the file server as a process of its own, and neither may "
        "outlive or block the other.",
        docs="stage4/many_packets#a-process-of-its-own",
    ),
]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def taken_udp_port() -> Iterator[int]:
    """A UDP port that another program has, while the TCP port of that number is free.

    It lies below those that systems give to clients: one of another test could have it for TCP.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for port in random.sample(range(20_000, 32_000), 100):
            with suppress(OSError):
                socket.create_server(("127.0.0.1", port)).close()
                sock.bind(("127.0.0.1", port))
                break
        yield sock.getsockname()[1]


def with_a_file(server: Server) -> Server:
    (files_of(server) / "notes.txt").write_bytes(b"notes")
    return server


def children_of(server: Server) -> list[int]:
    """The processes that a server has started and that still run."""
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_udp_and_tcp_have_one_number(start: StartServer, connect: Connect) -> None:
    """Without `--udp-port`, the number of the TCP port is that of the UDP port too."""
    server = with_a_file(start())
    assert not udp_port_is_free(server.port)
    assert granted(connect(server, "Ann"), "notes.txt")["udp_port"] == server.port


def test_a_port_of_its_own(start: StartServer, connect: Connect) -> None:
    """`--udp-port` names another one."""
    port = quiet_port()
    server = with_a_file(start("--udp-port", str(port)))
    assert not udp_port_is_free(port)
    assert granted(connect(server, "Ann"), "notes.txt")["udp_port"] == port


@pytest.mark.points(1)
@pytest.mark.parametrize("option", ["--udp-port", "--port"])
def test_a_udp_port_that_is_taken(
    submission: Submission,
    run: StartProgram,
    tmp_path: Path,
    engine: str,
    taken_udp_port: int,
    stage: int,
    option: str,
) -> None:
    """One line says which port, and the way out; the TCP port is not kept."""
    ports = [option, str(taken_udp_port)]
    if option == "--udp-port":
        ports += ["--port", "0"]
    command = submission.command(stage, "server", *ports, "--engine", engine)
    server = run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(submission.root)})
    server.expect_exit(1)
    assert server.printed() == ""
    (line,) = server.complaints().splitlines()
    assert str(taken_udp_port) in line
    assert "--udp-port" in line


def test_two_servers(start: StartServer, connect: Connect, tmp_path: Path) -> None:
    """Two servers on one computer each have their own ports and files."""
    first, second = with_a_file(start()), start("--files", str(tmp_path / "other files"))
    assert first.port != second.port
    assert listed(connect(first, "Ann")) == {"notes.txt": 5}
    assert listed(connect(second, "Bob")) == {}


@pytest.mark.points(1)
def test_the_folder_is_made(start: StartServer, tmp_path: Path, connect: Connect) -> None:
    """A missing folder is made and named; an empty one has an empty list."""
    server = start()
    server.expect_output("Your files for download go to the new folder .*server_files")
    assert (tmp_path / "server_files").is_dir()
    assert listed(connect(server, "Ann")) == {}


def test_the_folder_is_removed(start: StartServer, connect: Connect) -> None:
    """A folder that is gone has no files; the chat goes on."""
    server = start()
    files_of(server).rmdir()
    ann = connect(server, "Ann")
    assert listed(ann) == {}
    ann.send_line("DOWNLOAD:notes.txt")
    ann.expect_start("FILE_ERROR:notes.txt|")


@pytest.mark.points(1)
@pytest.mark.parametrize("end", ["quit", "SIGTERM", "SIGINT"])
def test_the_end_of_both_processes(start: StartServer, connect: Connect, end: str) -> None:
    """However the server is asked to end, its UDP port is free when it has ended."""
    server = with_a_file(start())
    granted(connect(server, "Ann"), "notes.txt")
    if end == "quit":
        server.type("quit\n")
    else:
        server.interrupt(signal.Signals[end])
    server.expect_exit(0)
    assert udp_port_is_free(server.port)
    assert "file server" not in server.printed()


@pytest.mark.points(1)
def test_the_sudden_end_of_the_server(start: StartServer, connect: Connect) -> None:
    """A server that is killed leaves no process behind."""
    server = with_a_file(start())
    granted(connect(server, "Ann"), "notes.txt")
    server.kill()
    eventually(lambda: udp_port_is_free(server.port), "the UDP process ends")


@on_linux
def test_the_sudden_end_of_the_file_server(start: StartServer, connect: Connect) -> None:
    """Should the UDP process die, who waits for a file is told, and the chat goes on."""
    server = with_a_file(start())
    ann, bob = connect(server, "Ann"), connect(server, "Bob")
    granted(ann, "notes.txt")
    (child,) = children_of(server)
    os.kill(child, signal.SIGKILL)
    ann.expect_start("FILE_ERROR:notes.txt|the file server has ended")
    server.expect_output("there are no downloads any more")
    eventually(lambda: children_of(server) == [], "the dead process is buried")
    ann.send_line("DOWNLOAD:notes.txt")
    ann.expect_start("FILE_ERROR:notes.txt|the file server has ended")
    assert listed(ann) == {"notes.txt": 5}
    ann.send_line("still here")
    bob.expect_message("still here")
    server.type("quit\n")
    server.expect_exit(0)


def test_a_trace_that_cannot_be_written(
    submission: Submission, run: StartProgram, tmp_path: Path, stage: int, engine: str
) -> None:
    """One line says so."""
    file = tmp_path / "no such folder" / "trace"
    options = ["--port", "0", "--engine", engine, "--trace", str(file)]
    server = run(
        submission.command(stage, "server", *options),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(submission.root)},
    )
    server.expect_exit(1)
    (line,) = server.complaints().splitlines()
    assert "no such folder" in line


def test_an_unknown_congestion_control(
    submission: Submission, run: StartProgram, stage: int, engine: str
) -> None:
    """One line names what there is."""
    options = ["--port", "0", "--engine", engine, "--congestion", "warp"]
    server = run(submission.command(stage, "server", *options))
    assert server.expect_exit() != 0
    assert "warp" in server.complaints()
    assert "reno" in server.complaints()
