"""The console client when there is no server, when it goes, and whatever a server sends."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.support.console import client_command, console_line
from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartProgram
from tests.support.ports import quiet_port
from tests.support.submission import Submission

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "What a server sends is a line of the wire, to be read as carefully as a client's lines; "
        "and a server may go at any moment: say so in one line, and end.",
        docs="stage1#text-from-strangers",
    ),
]


@pytest.mark.points(1)
def test_nobody_listens(stage: int, submission: Submission, run: StartProgram) -> None:
    """Without a server the client says in one line which command starts one."""
    port = quiet_port()
    client = run(client_command(submission, stage, "--port", str(port)), name="client")
    assert client.expect_exit() != 0
    client.expect_no_traceback()
    (line,) = client.complaints().splitlines()
    assert "server" in line
    assert str(port) in line


@pytest.mark.skipif(os.name == "nt", reason="takes the command apart as a POSIX shell does")
def test_the_advised_command_works_here(
    stage: int, submission: Submission, run: StartProgram, tmp_path: Path
) -> None:
    """The command that starts a server works in the folder in which the user is."""
    port = str(quiet_port())
    program = [sys.executable, str(submission.program_path(stage, "client"))]
    console = ["--console"] if stage >= 2 else []
    client = run([*program, "--port", port, *console], cwd=tmp_path)
    advice = client.expect_output(r"(python3 .*)$", stream="errors")[1].strip()
    client.expect_exit()
    server = run([sys.executable, *shlex.split(advice)[1:]], cwd=tmp_path, name="server")
    server.expect_output(f"Listening on 127.0.0.1:{port}$")


def test_no_such_host(stage: int, submission: Submission, run: StartProgram) -> None:
    """A host that does not exist is one readable line, and the exit code is not 0."""
    client = run(client_command(submission, stage, "no.such.host.invalid"), name="client")
    assert client.expect_exit() != 0
    (line,) = client.complaints().splitlines()
    assert "no.such.host.invalid" in line


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--port", "70000"], ["--nonsense"]])
def test_a_wrong_command_line(
    stage: int, submission: Submission, run: StartProgram, arguments: list[str]
) -> None:
    """A wrong command line is explained on stderr, and the exit code is not 0."""
    client = run(client_command(submission, stage, *arguments), name="client")
    assert client.expect_exit() != 0
    assert client.complaints()


@pytest.mark.points(1)
@pytest.mark.parametrize("abruptly", [False, True], ids=["orderly", "abruptly"])
def test_the_server_goes(
    start_client: StartProgram, fake_server: FakeServer, abruptly: bool
) -> None:
    """When the server goes, the client says so in one line and ends with an exit code not 0."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_line("MESSAGE:Server | hello")
    client.expect_output("hello")
    fake_server.close()
    if abruptly:
        connection.reset()
    else:
        connection.close()
    assert client.expect_exit() != 0
    assert len(client.complaints().splitlines()) == 1


def test_a_server_that_falls_silent(start_client: StartProgram, fake_server: FakeServer) -> None:
    """After two pings, three intervals without a byte mean that the connection is lost."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_line("ping")
    connection.wait_for("the answer", lambda line: line == "pong")
    connection.send_line("ping")
    connection.wait_for("the answer", lambda line: line == "pong")
    assert client.expect_exit() != 0
    assert len(client.complaints().splitlines()) == 1


def test_pings_are_answered(start_client: StartProgram, fake_server: FakeServer) -> None:
    """A server's `ping` is answered with `pong` and not shown."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_line("ping")
    connection.wait_for("the answer", lambda line: line == "pong")
    connection.send_line("MESSAGE:Server | after it")
    client.expect_output("after it")
    assert "ping" not in client.printed()


@pytest.mark.points(1)
def test_a_hostile_server(start_client: StartProgram, fake_server: FakeServer) -> None:
    """No control character that a server sends reaches the user's terminal."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_line("MESSAGE:mal\x1b]0;x\x07 | a\x1b[2J\rb\x9bc\u202ed")
    connection.send_line("ERROR:\x1b[31mred")
    connection.send_line("MESSAGE:Server | the end")
    client.expect_output("the end")
    printed = client.printed().replace("\r\n", "\n")
    assert not {"\x1b", "\x07", "\r", "\x9b", "\u202e"} & set(printed)


@pytest.mark.points(1)
def test_lines_in_pieces(start_client: StartProgram, fake_server: FakeServer) -> None:
    """Lines that arrive in pieces, a letter cut in two, are shown whole."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    for byte in "MESSAGE:Ann | Grüße 🎉\r\nMESSAGE:Ben | zwei\n".encode():
        connection.send_raw(bytes([byte]))
    client.expect_output(console_line("Ann", "Grüße 🎉"))
    client.expect_output(console_line("Ben", "zwei"))


def test_unknown_verbs_are_ignored(start_client: StartProgram, fake_server: FakeServer) -> None:
    """Verbs that the client does not know, blank lines and what is not UTF-8 do no harm."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_raw(b"FROM_THE_FUTURE:x\n\nMESSAGE\nMESSAGE:\n:\n\xff\xfe\nMESSAGE:no bar\n")
    connection.send_line("MESSAGE:Server | after it")
    client.expect_output("after it")
    assert "FROM_THE_FUTURE" not in client.printed()


def test_errors_are_shown(start_client: StartProgram, fake_server: FakeServer) -> None:
    """The text of an `ERROR:` is shown to the user."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_line("ERROR:server full")
    client.expect_output("server full")


@pytest.mark.slow
def test_a_line_beyond_every_limit(start_client: StartProgram, fake_server: FakeServer) -> None:
    """A line of more than 14 MiB is skipped to its newline; a shorter one is read as usual."""
    client = start_client(fake_server)
    connection = fake_server.accept()
    connection.send_raw(b"MESSAGE:big | " + b"x" * (20 * 1024 * 1024) + b"\n")
    connection.send_line("MESSAGE:Server | after it")
    client.expect_output("after it")
    assert "xxx" not in client.printed()
