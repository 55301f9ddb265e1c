"""The matrix: each client of each stage with each server of each stage, for what both know."""

import os

import pytest

from tests.support.console import client_command, console_line, target
from tests.support.fixtures import Connect, StartProgram
from tests.support.processes import Program
from tests.support.server import Server
from tests.support.submission import Submission

pytestmark = pytest.mark.stage(1)


@pytest.fixture
def client(server: Server, client_stage: int, submission: Submission, run: StartProgram) -> Program:
    """The console client of one stage at the server of another."""
    command = client_command(submission, client_stage, *target(server))
    return run(command, name=f"stage {client_stage} client")


def test_clients_and_servers_of_all_stages(
    server: Server, client: Program, connect: Connect
) -> None:
    """A client of any stage chats at a server of any stage, and neither shows the other's verbs."""
    netcat = connect(server, "Netcat")
    client.type("hello from the console\n")
    sender = netcat.expect_message("hello from the console")
    assert sender.startswith(server.host)
    netcat.send_line("hello from nc 🎉")
    client.expect_output(console_line(netcat.address, "hello from nc 🎉"))
    server.type("hello from the operator\n")
    client.expect_output(console_line("Server", "hello from the operator"))
    netcat.expect_line("MESSAGE:Server | hello from the operator")
    client.type("exit\n")
    client.expect_exit(0)
    netcat.send_line("ping")
    netcat.expect_line("pong")


@pytest.mark.stage(1, clients=2)
def test_nicknames_between_stages(
    server: Server,
    stage: int,
    client_stage: int,
    submission: Submission,
    run: StartProgram,
    connect: Connect,
) -> None:
    """A client asked for a nickname has it where the server knows nicknames; else it chats on."""
    netcat = connect(server, "Netcat")
    nickname = f"Ann{os.urandom(4).hex()}"
    command = client_command(submission, client_stage, *target(server), "--nickname", nickname)
    client = run(command, name=f"stage {client_stage} client")
    client.type("hello\n")
    sender = netcat.expect_message("hello")
    assert sender == nickname if stage >= 2 else sender.startswith(server.host)


@pytest.mark.slow
def test_two_clients_of_different_stages(
    server: Server, client: Program, submission: Submission, run: StartProgram, connect: Connect
) -> None:
    """The newest client and a client of any stage talk to each other at a server of any stage."""
    newest = submission.stages()[-1]
    other = run(client_command(submission, newest, *target(server)), name="newest client")
    netcat = connect(server, "Netcat")
    client.type("ready\n")
    first = netcat.expect_message("ready")
    other.type("hello\n")
    second = netcat.expect_message("hello")
    client.expect_output(console_line(second, "hello"))
    client.type("hello back\n")
    other.expect_output(console_line(first, "hello back"))


@pytest.mark.stage(1, until=2, clients=3)
@pytest.mark.parametrize("command", ["/images", "/image nothing.png", "/request x.png"])
def test_a_server_without_images(
    server: Server, client: Program, connect: Connect, command: str
) -> None:
    """A client whose server knows no images tells its user, and the room hears nothing of it."""
    expect_user_is_told(server, client, connect, command)


@pytest.mark.stage(1, until=3, clients=4)
@pytest.mark.parametrize("command", ["/files", "/download x.bin"])
def test_a_server_without_files(
    server: Server, client: Program, connect: Connect, command: str
) -> None:
    """A client whose server knows no files tells its user, and the room hears nothing of it."""
    expect_user_is_told(server, client, connect, command)


def expect_user_is_told(server: Server, client: Program, connect: Connect, command: str) -> None:
    """The command has an answer on the screen, and nobody else sees anything."""
    netcat = connect(server, "Netcat")
    client.type("ready\n")
    sender = netcat.expect_message("ready")
    client.expect_output(console_line("You", "ready"))
    client.mark()
    client.type(f"{command}\nafter it\n")
    netcat.expect_line(f"MESSAGE:{sender} | after it")
    client.expect_output(r"(?s:.)+You: after it")
    assert len(client.printed().splitlines()) >= 2, "the user is told nothing"
