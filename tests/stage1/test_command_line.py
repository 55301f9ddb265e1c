"""How a server is started, from where, and what it says when it can't start."""

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.processes import Program
from tests.support.server import Server
from tests.support.submission import Submission, environment

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Catch the error of resolving, binding or connecting where it happens, say in one line "
        "what was wrong and what to do, and end with an exit code that is not 0.",
        docs="stage1/assignment#what-must-hold",
    ),
]

REFUSALS = {
    "no port": ("--port", "nonsense"),
    "port too high": ("--port", "70000"),
    "port below zero": ("--port=-1",),
    "no such engine": ("--engine", "steam"),
    "no such host": ("--host", "no.such.host.invalid", "--port", "0"),
    "not our address": ("--host", "192.0.2.1", "--port", "0"),
    "no such option": ("--nonsense",),
    "no time": ("--ping-interval", "soon"),
}


def has_ipv6() -> bool:
    """Whether this computer has the address ::1."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def expect_refusal(program: Program) -> str:
    """The program ends with an error and a readable word on stderr; the word."""
    __tracebackhide__ = True
    code = program.expect_exit()
    lines = program.complaints().splitlines()
    if code == 0 or not lines or "Traceback" in program.complaints():
        raise program.mismatch("a readable line on stderr, and an exit code that is not 0", "this")
    return lines[-1]


@pytest.mark.points(1)
@pytest.mark.parametrize("arguments", REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_is_said(
    submission: Submission, stage: int, run: StartProgram, tmp_path: Path, arguments: list[str]
) -> None:
    """A command line that can't work is one readable line on stderr, never a traceback."""
    command = submission.command(stage, "server", *arguments)
    program = run(command, env=from_anywhere(submission), cwd=tmp_path)
    assert expect_refusal(program)


def from_anywhere(submission: Submission) -> dict[str, str]:
    """An environment in which `-m` finds the submission from another folder."""
    return environment(PYTHONPATH=str(submission.root))


@pytest.mark.points(1)
def test_two_servers_never_share_a_port(
    server: Server, stage: int, submission: Submission, run: StartProgram, tmp_path: Path
) -> None:
    """A second server at the same port says in one line that the port is in use."""
    command = submission.command(stage, "server", "--port", str(server.port))
    line = expect_refusal(run(command, env=from_anywhere(submission), cwd=tmp_path))
    assert str(server.port) in line
    assert "in use" in line


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="POSIX ports below 1024")
def test_a_reserved_port(
    stage: int, submission: Submission, run: StartProgram, tmp_path: Path
) -> None:
    """A port that only administrators may use is named in one line."""
    if os.geteuid() == 0 or sys.platform == "darwin":
        pytest.skip("this account may use every port")
    command = submission.command(stage, "server", "--port", "1")
    line = expect_refusal(run(command, env=from_anywhere(submission), cwd=tmp_path))
    assert "1" in line


@pytest.mark.parametrize("program", ["server", "client"])
def test_help_names_the_options(
    stage: int, submission: Submission, run: StartProgram, program: str
) -> None:
    """`--help` explains the options, and the exit code is 0."""
    running = run(submission.command(stage, program, "--help"))
    running.expect_exit(0)
    assert "--port" in running.printed()


def test_started_by_its_path(
    start: StartServer, connect: Connect, stage: int, submission: Submission, tmp_path: Path
) -> None:
    """`python …/server.py` works from any folder."""
    path = submission.program_path(stage, "server")
    server = start(command=[sys.executable, str(path)], cwd=tmp_path)
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


@pytest.mark.parametrize("by_path", [False, True], ids=["by -m", "by path"])
def test_a_folder_with_blanks_and_umlauts(
    start: StartServer,
    connect: Connect,
    stage: int,
    submission: Submission,
    tmp_path: Path,
    by_path: bool,
) -> None:
    """It works from a folder whose path has blanks and letters beyond ASCII."""
    moved = Submission(tmp_path / "Übung 1 – チャット")
    for folder in submission.root.glob("stage*"):
        ignored = shutil.ignore_patterns("__pycache__", "received_*", "downloads", "server_files")
        shutil.copytree(folder, moved.root / folder.name, ignore=ignored)
    path = [sys.executable, "server.py"]
    options = {"command": path, "cwd": moved.program_path(stage, "server").parent}
    server = start(submission=moved, **(options if by_path else {}))
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


@pytest.mark.skipif(not has_ipv6(), reason="this computer has no IPv6")
def test_ipv6(start: StartServer, connect: Connect) -> None:
    """`--host ::1` listens there; addresses are shown in brackets."""
    server = start("--host", "::1")
    assert server.output.text().startswith(f"Listening on [::1]:{server.port}")
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:[::1]:{alice.address.rpartition(':')[2]} | hello")


def test_a_host_name(start: StartServer, connect: Connect) -> None:
    """`--host localhost` works: hosts may be names."""
    server = start("--host", "localhost")
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


def test_open_to_the_network(start: StartServer) -> None:
    """`--host 0.0.0.0` says that anyone on this network can now read and write."""
    server = start("--host", "0.0.0.0")
    assert server.host == "0.0.0.0"
    server.expect_output(r"(?i)anyone .*network")


def test_only_this_computer_by_default(start: StartServer) -> None:
    """Without `--host` only programs on this computer can connect."""
    assert start().host == "127.0.0.1"
