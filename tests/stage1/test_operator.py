"""The operator's console on the server's standard input, and what the operator may type."""

import os
import re

import pytest

from tests.support.fixtures import Connect, StartServer
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "The operator's lines are read by a thread of their own and handed to the room; a command "
        "is a whole line, everything else is text for everyone.",
        docs="stage1/assignment#what-must-hold",
    ),
]

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")


@pytest.mark.points(1)
def test_text_is_broadcast(server: Server, connect: Connect) -> None:
    """Whatever the operator types goes to everyone, from `Server`."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    server.type("dinner is ready\n")
    for client in (alice, bob):
        client.expect_line("MESSAGE:Server | dinner is ready")


def test_clients_lists_who_is_connected(server: Server, connect: Connect) -> None:
    """`clients` lists everyone connected to the operator, and tells the clients nothing."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    server.mark()
    server.type("clients\n")
    server.expect_output(re.escape(alice.address))
    server.expect_output(re.escape(bob.address))
    server.type("after it\n")
    alice.expect_line("MESSAGE:Server | after it")


def test_help_lists_the_commands(server: Server, connect: Connect) -> None:
    """`help` names every command, and tells the clients nothing."""
    alice = connect(server, "Alice")
    server.mark()
    server.type("help\n")
    for command in ("clients", "help", "say", "quit", "exit"):
        server.expect_output(rf"\b{command}\b")
    server.type("after it\n")
    alice.expect_line("MESSAGE:Server | after it")


@pytest.mark.parametrize("text", ["clients are welcome", "help yourselves", "quit it", "exits"])
def test_commands_match_whole_lines(server: Server, connect: Connect, text: str) -> None:
    """Text that only begins like a command is text."""
    alice = connect(server, "Alice")
    server.type(f"{text}\n")
    alice.expect_line(f"MESSAGE:Server | {text}")


@pytest.mark.parametrize("text", ["quit", "clients", "say it", "hello"])
def test_say_broadcasts_anything(server: Server, connect: Connect, text: str) -> None:
    """`say TEXT` broadcasts the text, even if it is a command."""
    alice = connect(server, "Alice")
    server.type(f"say {text}\n")
    alice.expect_line(f"MESSAGE:Server | {text}")


def test_blank_lines_say_nothing(server: Server, connect: Connect) -> None:
    """Pressing Enter sends nothing."""
    alice = connect(server, "Alice")
    server.type("\n  \n\nafter them\n")
    alice.expect_line("MESSAGE:Server | after them")


def test_the_operator_cannot_inject_lines(server: Server, connect: Connect) -> None:
    """Control characters in the operator's text become U+FFFD: one line stays one line."""
    alice = connect(server, "Alice")
    server.type("say a\x1b[31mb\x0bMESSAGE:System | c\n")
    alice.expect_line("MESSAGE:Server | a\ufffd[31mb\ufffdMESSAGE:System | c")


def test_operator_input_that_is_not_utf8(server: Server, connect: Connect) -> None:
    """Bytes that are not text do not end the console."""
    alice = connect(server, "Alice")
    server.type(b"caf\xe9\nafter it\n")
    alice.expect_start("MESSAGE:Server | caf")
    alice.expect_line("MESSAGE:Server | after it")


def test_the_end_of_input_ends_nothing(start: StartServer, connect: Connect) -> None:
    """When its standard input ends (`server < /dev/null`), the server serves on."""
    server = start()
    server.close_input()
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("still served")
    bob.expect_line(f"MESSAGE:{alice.address} | still served")


@posix_only
def test_a_prompt_on_a_terminal(start: StartServer, connect: Connect) -> None:
    """On a terminal the operator sees the prompt `server> `, and types as through a pipe."""
    server = start(on_terminal=True)
    server.expect_output(r"server> ")
    alice = connect(server, "Alice")
    server.type("hello\n")
    alice.expect_line("MESSAGE:Server | hello")
    alice.close()
    server.type("quit\n")
    server.expect_exit(0)


@posix_only
def test_ctrl_d_leaves_the_server_serving(start: StartServer, connect: Connect) -> None:
    """Ctrl+D at the prompt ends the console, not the chat."""
    server = start(on_terminal=True)
    server.expect_output(r"server> ")
    server.close_input()
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("still served")
    bob.expect_line(f"MESSAGE:{alice.address} | still served")


def test_no_prompt_through_a_pipe(server: Server, connect: Connect) -> None:
    """Without a terminal there is no prompt in the output."""
    alice = connect(server, "Alice")
    server.type("hello\n")
    alice.expect_line("MESSAGE:Server | hello")
    assert "server> " not in server.output.text()
