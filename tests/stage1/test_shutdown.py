"""How a server ends: clients are told, everything is closed, exit code 0."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.ports import quiet_port
from tests.support.submission import Submission, environment, in_shell
from tests.support.wire_client import WireClient

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "However the server is asked to end, it goes the same way: stop accepting, tell everyone, "
        "send what is queued for a moment, close, exit code 0.",
        docs="stage1#a-clean-end",
    ),
]

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def expect_goodbye(client: WireClient) -> None:
    """The client is told that the server closes, and then the connection ends."""
    lines = client.read_to_end()
    notices = [line for line in lines if line.startswith(("MESSAGE:System | ", "MESSAGE:Server |"))]
    assert notices, f"no word of the server's end, only {lines}"
    client.close()


@pytest.mark.points(1)
@pytest.mark.parametrize("command", ["quit", "exit"])
def test_quit_ends_the_server(start: StartServer, connect: Connect, command: str) -> None:
    """`quit` or `exit`: every client is told and let go, and the server ends with exit code 0."""
    server = start()
    clients = [connect(server, name) for name in ("Alice", "Bob")]
    server.type(f"{command}\n")
    for client in clients:
        expect_goodbye(client)
    server.expect_exit(0)


@pytest.mark.points(1)
@posix_only
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.hint(
    "A bare `except:` or `except BaseException` swallows the KeyboardInterrupt of Ctrl+C. Catch "
    "only the errors that you know what to do about.",
    docs="stage1#a-clean-end",
)
def test_a_signal_ends_the_server(start: StartServer, connect: Connect, name: str) -> None:
    """Ctrl+C (SIGINT) and SIGTERM end the server as `quit` does, without a traceback."""
    server = start()
    alice = connect(server, "Alice")
    server.interrupt(signal.Signals[name])
    expect_goodbye(alice)
    server.expect_exit(0)


@posix_only
def test_ctrl_c_on_the_terminal(start: StartServer, connect: Connect) -> None:
    """Ctrl+C typed at the prompt ends the server with exit code 0."""
    server = start(on_terminal=True)
    server.expect_output(r"server> ")
    alice = connect(server, "Alice")
    server.type(b"half a line\x03")
    expect_goodbye(alice)
    server.expect_exit(0)


@pytest.mark.parametrize("program", ["server", "client"])
def test_ctrl_c_while_it_starts(
    submission: Submission, stage: int, run: StartProgram, tmp_path: Path, program: str
) -> None:
    """Ctrl+C while the program still looks up an address ends it without a traceback."""
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, socket\nlook_up = socket.getaddrinfo\n"
        "def interrupted(*arguments, **options):\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    return look_up(*arguments, **options)\n"
        "socket.getaddrinfo = interrupted\n"
    )
    console = ["--console"] if program == "client" and stage > 1 else []
    command = [sys.executable, str(submission.program_path(stage, program)), "--port", "1"]
    started = run([*command, *console], cwd=tmp_path, env=environment(PYTHONPATH=str(tmp_path)))
    started.expect_exit(0)
    assert started.complaints() == ""


@posix_only
def test_nobody_hears_where_it_listens(
    submission: Submission, stage: int, run: StartProgram, tmp_path: Path
) -> None:
    """A server whose output was closed before it said a word serves all the same."""
    command = [sys.executable, str(submission.program_path(stage, "server")), "--port", "0"]
    shell = run(in_shell('("$@"; echo "code $?" >&2) | true', command), cwd=tmp_path)
    shell.type("quit\n")
    shell.expect_output("^code 0$", stream="errors")
    shell.expect_exit(0)
    assert shell.complaints() == "code 0\n"


@posix_only
def test_a_signal_without_input(start: StartServer) -> None:
    """A server whose standard input has ended still ends on SIGTERM."""
    server = start()
    server.close_input()
    server.interrupt(signal.SIGTERM)
    server.expect_exit(0)


@pytest.mark.points(1)
def test_slow_clients_do_not_hold_it_up(start: StartServer, connect: Connect) -> None:
    """Clients that never read, with their queues full, do not keep the server from ending."""
    server = start()
    sleeper = connect(server, "Sleeper", receive_buffer=4096)
    half_open = connect(server, "Half open", greets=False)
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    text = "x" * 60_000
    for _ in range(100):
        alice.send_line(text)
        bob.expect_line(f"MESSAGE:{alice.address} | {text}")
    server.type("quit\n")
    server.expect_exit(0)
    assert sleeper.socket.fileno() >= 0
    assert half_open.socket.fileno() >= 0


@pytest.mark.points(1)
def test_its_port_is_free_at_once(start: StartServer, connect: Connect) -> None:
    """A server that ended with clients connected can be started again at the same port at once."""
    server = start("--port", str(quiet_port()))
    alice = connect(server, "Alice")
    server.type("quit\n")
    expect_goodbye(alice)
    server.expect_exit(0)
    again = start("--port", str(server.port))
    assert again.port == server.port
    alice, bob = connect(again, "Alice"), connect(again, "Bob")
    alice.send_line("back again")
    bob.expect_line(f"MESSAGE:{alice.address} | back again")


# A terminal that stopped


@pytest.mark.points(1)
@pytest.mark.hint(
    "print blocks when nobody reads what was printed. A server writes its log in a thread of its "
    "own, from a queue that may overflow.",
    docs="stage1#the-log",
)
def test_a_full_pipe_does_not_stop_the_chat(start: StartServer, connect: Connect) -> None:
    """When nobody reads the server's output any more, the chat goes on, and `quit` works."""
    server = start(reads_output=False)
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    text = "x" * 1_000
    for number in range(1_000):
        alice.send_line(f"{number} {text}")
    for number in range(1_000):
        bob.expect_line(f"MESSAGE:{alice.address} | {number} {text}")
    alice.close()
    server.type("quit\n")
    expect_goodbye(bob)
    server.expect_exit(0)


@posix_only
def test_a_closed_pipe_does_not_stop_the_chat(
    start: StartServer, connect: Connect, stage: int, submission: Submission
) -> None:
    """When the reader of the server's output is gone (`server | head -1`), the chat goes on."""
    command = submission.command(stage, "server")
    server = start(command=in_shell('"$@" | head -n 1', command))
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    for number in range(20):
        alice.send_line(f"line {number}")
        bob.expect_line(f"MESSAGE:{alice.address} | line {number}")
    alice.close()
    server.type("quit\n")
    expect_goodbye(bob)
    server.expect_exit()


@posix_only
@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
    ids=["C", "cp1252"],
)
def test_a_terminal_of_few_characters(
    start: StartServer, connect: Connect, locale: dict[str, str]
) -> None:
    """A console that can't show a character (`LANG=C`, cp1252) gets a replacement, not an error."""
    server = start(env=environment(**locale))
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("日本 🎉 done")
    bob.expect_line(f"MESSAGE:{alice.address} | 日本 🎉 done")
    server.expect_output("done")
    alice.close()
    bob.close()
    server.type("quit\n")
    server.expect_exit(0)
