"""The console client at a terminal: the prompt stays whole, Ctrl+C and Ctrl+D leave."""

import os
import re
import signal
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartProgram
from tests.support.screen import Screen
from tests.support.server import Server
from tests.support.terminal import TerminalProgram
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Ctrl+C is an exception in the main thread, Ctrl+D the end of input. Neither may leave a "
        "thread behind that keeps the program from ending.",
        docs="stage1#a-clean-end",
    ),
    pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal"),
]

StartAtTerminal = Callable[[Server | FakeServer], TerminalProgram]

PROMPT_AFTER_HELLO = r"You: hello\r\n(?s:.)*> \Z"


@pytest.fixture
def start_at_terminal(stage: int, start_client: StartProgram) -> StartAtTerminal:
    """Start the client at a terminal, with a nickname where the stage would ask for one."""

    def start_one(server: Server | FakeServer) -> TerminalProgram:
        nickname = ["--nickname", f"Typist{os.urandom(4).hex()}"] if stage >= 2 else []
        client = start_client(server, *nickname, on_terminal=True)
        assert isinstance(client, TerminalProgram)
        return client

    return start_one


def test_talking_at_a_terminal(
    server: Server, connect: Connect, start_at_terminal: StartAtTerminal
) -> None:
    """What is typed at the terminal reaches the others, what they say is shown."""
    bob = connect(server, "Bob")
    client = start_at_terminal(server)
    client.type("hello\n")
    bob.expect_message("hello")
    bob.send_line("hi there")
    client.expect_output(rf"{re.escape(bob.address)}: hi there")
    client.type("exit\n")
    client.expect_exit(0)


@pytest.mark.points(1)
@pytest.mark.parametrize("key", [TerminalProgram.CTRL_C, TerminalProgram.CTRL_D])
def test_keys_that_leave(
    server: Server, connect: Connect, start_at_terminal: StartAtTerminal, key: bytes
) -> None:
    """Ctrl+C and Ctrl+D leave the chat without a traceback."""
    bob = connect(server, "Bob")
    client = start_at_terminal(server)
    client.type("hello\n")
    bob.expect_message("hello")
    client.expect_output(PROMPT_AFTER_HELLO)
    client.type(key)
    code = client.expect_exit()
    assert code in ({0} if key == TerminalProgram.CTRL_D else {0, 130})
    client.expect_no_traceback()


def test_a_polite_request_to_end(server: Server, start_at_terminal: StartAtTerminal) -> None:
    """SIGTERM ends the client with half a line typed, and the terminal shows what is typed next."""
    client = start_at_terminal(server)
    client.type("half a line")
    client.expect_output("> half a line")
    client.interrupt(signal.SIGTERM)
    client.expect_exit(0)
    assert client.is_as_found()


def test_a_polite_request_at_a_stopped_terminal(
    server: Server, start_at_terminal: StartAtTerminal
) -> None:
    """SIGTERM ends the client after Ctrl+S, too, when nothing can be written to the terminal."""
    client = start_at_terminal(server)
    client.type("half a line")
    client.expect_output("> half a line")
    client.type(TerminalProgram.CTRL_S)
    server.type("not shown\n")
    server.expect_output("not shown")
    eventually(partial(ends_when_asked, client), "SIGTERM ends the client")
    client.expect_exit(0)
    assert client.is_as_found()


def ends_when_asked(client: TerminalProgram) -> bool:
    """Send SIGTERM unless it has ended. Once is not always enough: Python doesn't see a signal that
    comes just before the write that waits."""
    if client.process.poll() is None:
        client.interrupt(signal.SIGTERM)
        return False
    return True


def test_ctrl_c_in_the_middle_of_a_line(
    server: Server, connect: Connect, start_at_terminal: StartAtTerminal
) -> None:
    """Ctrl+C leaves with half a line typed, too, and sends none of it."""
    bob, carol = connect(server, "Bob"), connect(server, "Carol")
    client = start_at_terminal(server)
    client.type("hello\n")
    bob.expect_message("hello")
    client.expect_output(PROMPT_AFTER_HELLO)
    client.type(b"half a line\x03")
    client.expect_exit()
    carol.send_line("next")
    bob.expect_line(f"MESSAGE:{carol.address} | next")


def test_the_server_goes_while_someone_types(
    fake_server: FakeServer, start_at_terminal: StartAtTerminal
) -> None:
    """When the server goes while a line is half typed, the client ends and says why."""
    client = start_at_terminal(fake_server)
    connection = fake_server.accept()
    connection.send_line("MESSAGE:Server | hello")
    client.expect_output("hello")
    client.type("half a li")
    client.expect_output("half a li")
    fake_server.close()
    connection.close()
    assert client.expect_exit() != 0
    client.expect_no_traceback()


def test_the_prompt_stays_whole(
    server: Server, connect: Connect, start_at_terminal: StartAtTerminal
) -> None:
    """A message that arrives while someone types has a line of its own; the typed text is kept."""
    bob = connect(server, "Bob")
    client = start_at_terminal(server)
    client.type("hello\n")
    bob.expect_message("hello")
    client.expect_output(PROMPT_AFTER_HELLO)
    client.type("half a ")
    client.expect_output("half a ")
    bob.send_line("interrupting")
    client.expect_output(r"interrupting\r\n(?s:.)*half a ")
    client.type("line\n")
    bob.expect_message("half a line")
    lines = Screen(client.printed()).lines
    whole = rf"\[\d\d:\d\d:\d\d\] {re.escape(bob.address)}: interrupting"
    assert any(re.fullmatch(whole, line) for line in lines), lines
