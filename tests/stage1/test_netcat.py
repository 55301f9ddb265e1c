"""`nc` chats with everyone: the protocol needs no program of ours."""

import shutil

import pytest

from tests.support.fixtures import Connect, StartProgram, StartServer
from tests.support.server import Server

NC = shutil.which("nc")

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "nc sends the bare lines that are typed, without any verb, and answers no ping: such lines "
        "are chat, and such a client stays.",
        docs="stage1/assignment#the-wire",
    ),
    pytest.mark.skipif(NC is None, reason="nc is not installed"),
]


def nc(server: Server, *options: str) -> list[str]:
    """The command line that connects `nc` to the server."""
    assert NC is not None
    return [NC, *options, server.host, str(server.port)]


@pytest.mark.points(1)
def test_nc_chats(server: Server, connect: Connect, run: StartProgram) -> None:
    """What is typed into `nc` reaches the others, and what they say appears there."""
    bob = connect(server, "Bob")
    netcat = run(nc(server), name="nc")
    netcat.type("hello from nc\n")
    sender = bob.expect_message("hello from nc")
    assert sender.startswith(server.host)
    bob.send_line("hello nc")
    netcat.expect_output(rf"^MESSAGE:{bob.address} \| hello nc$")


def test_nc_and_the_console_client(
    server: Server, run: StartProgram, start_client: StartProgram
) -> None:
    """`nc` and the console client chat with each other."""
    client = start_client(server)
    netcat = run(nc(server), name="nc")
    netcat.type("ping\n")
    netcat.expect_output(r"^pong$")
    client.type("hello nc\n")
    netcat.expect_output(r"^MESSAGE:\S+ \| hello nc$")
    netcat.type("hello client\n")
    client.expect_output(": hello client$")


def test_nc_with_a_file(server: Server, connect: Connect, run: StartProgram) -> None:
    """A file sent through `nc` is a message a line."""
    bob = connect(server, "Bob")
    netcat = run(nc(server), name="nc")
    netcat.type("".join(f"line {number}\n" for number in range(500)))
    netcat.close_input()
    sender = bob.expect_message("line 0")
    bob.expect_lines(*(f"MESSAGE:{sender} | line {number}" for number in range(1, 500)))


def test_nc_stays(start: StartServer, connect: Connect, run: StartProgram) -> None:
    """`nc` answers no ping, and is not dropped for it."""
    server = start("--ping-interval", "0.1")
    bob = connect(server, "Bob")
    netcat = run(nc(server), name="nc")
    netcat.expect_output(r"(ping\n){6}")
    netcat.type("still here\n")
    bob.expect_message("still here")
