"""The console client with pipes in place of keyboard and screen."""

import sys
from pathlib import Path

import pytest

from tests.support.console import TIME, client_command, console_line, target
from tests.support.fixtures import Connect, StartProgram
from tests.support.server import Server
from tests.support.submission import Submission, environment, in_shell

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "The client waits for two things at once, keyboard and network: one thread each, and a "
        "queue between them. Whatever arrives is a line of the wire, to be read as carefully as "
        "in the server.",
        docs="stage1/messages#threads-and-a-queue",
    ),
]


@pytest.mark.points(1)
@pytest.mark.parametrize("goodbye", ["exit", "/quit"])
def test_what_is_typed_reaches_the_others(
    server: Server, connect: Connect, start_client: StartProgram, goodbye: str
) -> None:
    """Typed lines reach the others, `exit` or `/quit` leaves, and the exit code is 0."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type(f"hello\nGrüße 🎉\n{goodbye}\n")
    sender = bob.expect_message("hello")
    bob.expect_line(f"MESSAGE:{sender} | Grüße 🎉")
    client.expect_exit(0)


@pytest.mark.points(1)
def test_messages_are_shown(server: Server, connect: Connect, start_client: StartProgram) -> None:
    """What others say is shown as `[HH:MM:SS] sender: text`."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("ready\n")
    bob.expect_message("ready")
    bob.send_line("hello there")
    server.type("and from the operator\n")
    client.expect_output(console_line(bob.address, "hello there"))
    client.expect_output(console_line("Server", "and from the operator"))


@pytest.mark.points(1)
def test_own_messages_are_shown_as_you(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """What the user says is shown once, as `You: text`."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("my own words\n")
    bob.expect_message("my own words")
    client.expect_output(console_line("You", "my own words"))
    client.type("exit\n")
    client.expect_exit(0)
    assert client.printed().count("my own words") == 1


@pytest.mark.stage(1, until=1)
def test_notices_are_shown(server: Server, connect: Connect, start_client: StartProgram) -> None:
    """Who joins and leaves is shown as a line of System's."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("ready\n")
    bob.expect_message("ready")
    carol = connect(server, "Carol")
    client.expect_output(console_line("System", f"{carol.address} joined"))
    carol.leave()
    client.expect_output(console_line("System", f"{carol.address} left"))


@pytest.mark.points(1)
def test_the_end_of_input_sends_everything(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """When its input ends, everything is sent before the client leaves with exit code 0."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("".join(f"line {number}\n" for number in range(2_000)))
    client.close_input()
    sender = bob.expect_message("line 0")
    bob.expect_lines(*(f"MESSAGE:{sender} | line {number}" for number in range(1, 2_000)))
    client.expect_exit(0)


def test_a_last_line_without_its_end(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """The last line of the input counts even without a newline (`printf hello | client`)."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("hello")
    client.close_input()
    bob.expect_message("hello")
    client.expect_exit(0)


def test_input_that_is_not_utf8(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """Bytes that are not text are replaced, and the client goes on."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type(b"caf\xe9 \x1b[2J\nstill here\n")
    sender = bob.expect_message("caf\ufffd \ufffd[2J")
    bob.expect_line(f"MESSAGE:{sender} | still here")


@pytest.mark.parametrize(
    "locale",
    [
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="C"),
        pytest.param({"PYTHONIOENCODING": "cp1252"}, id="cp1252"),
    ],
)
def test_a_screen_of_few_characters(
    server: Server, connect: Connect, start_client: StartProgram, locale: dict[str, str]
) -> None:
    """A console that can't show a character gets a replacement; the client goes on."""
    bob = connect(server, "Bob")
    client = start_client(server, env=environment(**locale))
    client.type("ready\n")
    bob.expect_message("ready")
    bob.send_line("日本 🎉 done")
    client.expect_output(rf"{TIME} .*: .* done")
    client.type("exit\n")
    client.expect_exit(0)


def test_a_long_line_is_sent_whole(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """A line of 60,000 bytes is sent whole."""
    bob = connect(server, "Bob")
    client = start_client(server)
    client.type("x" * 60_000 + "\n")
    bob.expect_message("x" * 60_000)


def test_started_by_its_path(
    server: Server,
    connect: Connect,
    stage: int,
    submission: Submission,
    run: StartProgram,
    tmp_path: Path,
) -> None:
    """`python …/client.py` works from any folder."""
    path = str(submission.program_path(stage, "client"))
    by_module = client_command(submission, stage, *target(server))
    bob = connect(server, "Bob")
    client = run([sys.executable, path, *by_module[3:]], cwd=tmp_path, name="client")
    client.type("hello\n")
    bob.expect_message("hello")


@pytest.mark.stage(1, until=1)
def test_raw_lines(server: Server, connect: Connect, start_client: StartProgram) -> None:
    """`--raw` sends bare protocol lines and shows what the server sends as it comes."""
    bob = connect(server, "Bob")
    client = start_client(server, "--raw")
    client.type("WHATISTHIS:x\nCLIENT:hello\n")
    client.expect_output(r"^ERROR:WHATISTHIS: this server does not know it$")
    bob.expect_message("hello")
    bob.send_line("hi")
    client.expect_output(rf"^MESSAGE:{bob.address} \| hi$")
    client.close_input()
    client.expect_exit(0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_output_that_is_refused(
    server: Server, submission: Submission, stage: int, run: StartProgram
) -> None:
    """A client that can show nothing any more says so in one line, and ends."""
    command = client_command(submission, stage, *target(server))
    client = run(in_shell('"$@" >/dev/full', command))
    client.type("hello\n")
    client.expect_exit(1)
    assert len(client.complaints().splitlines()) == 1
