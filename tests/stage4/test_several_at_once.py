"""Downloads beside one another, and ports that nobody can know beforehand."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stage4.harness import lossy_link
from tests.stage4.wire import files_of, get_command, size_of
from tests.support.fixtures import StartProgram, StartServer
from tests.support.ports import quiet_port
from tests.support.processes import Program
from tests.support.server import Server
from tests.support.submission import Submission
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.stage(4, until=4),
    pytest.mark.hint(
        "Write no address and no port into the program: where the file comes from is said in "
        "DOWNLOAD_READY and by the connection. And keep what belongs to one download (address, "
        "numbers, timers) in an object of its own, one for each token, so that they need not wait "
        "for one another.",
        docs="stage4#many-downloads-at-once",
    ),
]

Fetch = Callable[..., Program]


@pytest.fixture
def fetch(submission: Submission, run: StartProgram, tmp_path: Path) -> Fetch:
    """Start a client with a folder of its own: `fetch(server, "Ann", "--get", "notes.txt")`."""

    def start(server: Server, name: str, *arguments: str) -> Program:
        return run(get_command(submission, server, tmp_path / name, *arguments), name=name)

    return start


@pytest.mark.points(2)
def test_a_second_download_does_not_wait(start: StartServer, fetch: Fetch, tmp_path: Path) -> None:
    """While Ann's download crawls over a slow line, Bob's of the same file is done."""
    server = start()
    content = os.urandom(20_000_000)
    (files_of(server) / "large.bin").write_bytes(content)
    with lossy_link(server.port, "--rate", "8") as port:
        ann = fetch(server, "Ann", "--udp-port", str(port), "--get", "large.bin")
        eventually(lambda: size_of(tmp_path / "Ann" / "large.bin.part") > 0, "Ann gets something")
        fetch(server, "Bob", "--get", "large.bin").expect_exit(0)
        assert ann.process.poll() is None, "Ann's download was to take long, and has ended"
        before = size_of(tmp_path / "Ann" / "large.bin.part")
        eventually(
            lambda: size_of(tmp_path / "Ann" / "large.bin.part") > before, "Ann's download goes on"
        )
    assert (tmp_path / "Bob" / "large.bin").read_bytes() == content


@pytest.mark.points(2)
def test_address_and_port_are_the_servers_to_choose(
    start: StartServer, fetch: Fetch, tmp_path: Path
) -> None:
    """Another address than usual, another UDP than TCP port: the client goes where it is told."""
    host = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"  # elsewhere there is only one
    server = start("--host", host, "--udp-port", str(quiet_port()))
    (files_of(server) / "notes.txt").write_bytes(b"some notes\n")
    fetch(server, "Ann", "--get", "notes.txt").expect_exit(0)
    assert (tmp_path / "Ann" / "notes.txt").read_bytes() == b"some notes\n"
