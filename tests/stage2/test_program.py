"""The program with its window, as a user starts it."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.stage2.test_server import join
from tests.support.console import target
from tests.support.fixtures import Connect, StartProgram
from tests.support.server import Server
from tests.support.submission import Submission, environment

pytestmark = [
    pytest.mark.stage(2),
    pytest.mark.hint(
        "The window lives on the main thread, everything from the network comes to it through a "
        "queue; and its end is told to the server before the program ends.",
        docs="stage2#how-a-window-and-a-network-live-together",
    ),
]


def window_command(submission: Submission, stage: int, server: Server, *more: str) -> list[str]:
    return submission.command(stage, "client", *target(server), *more)


@pytest.mark.points(4)
@pytest.mark.window
@pytest.mark.skipif(os.name == "nt", reason="signals end programs there at once")
def test_the_window_joins_and_leaves(
    submission: Submission,
    stage: int,
    server: Server,
    connect: Connect,
    run: StartProgram,
    display: dict[str, str],
) -> None:
    """The program opens its window, joins, and Ctrl+C on its terminal closes it in good order."""
    bob = join(connect(server), "Bob")
    command = window_command(submission, stage, server, "--nickname", "Alice")
    client = run(command, env=environment(**display))
    bob.expect_line("JOINED:Alice")
    client.interrupt(signal.SIGINT)
    bob.expect_line("LEFT:Alice")
    client.expect_exit(0)
    assert client.complaints() == ""


@pytest.mark.points(1)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_no_display_is_one_line(
    submission: Submission, stage: int, server: Server, run: StartProgram
) -> None:
    """Without a display: one line with the hint --console, and a non-zero exit."""
    variables = {name: value for name, value in environment().items() if name != "DISPLAY"}
    client = run(window_command(submission, stage, server), env=variables)
    assert client.expect_exit() != 0
    (line,) = client.complaints().splitlines()
    assert "--console" in line


def test_no_tkinter_is_one_line(
    submission: Submission, stage: int, server: Server, run: StartProgram, tmp_path: Path
) -> None:
    """Without tkinter: one line that names what to install, and the hint --console."""
    (tmp_path / "tkinter.py").write_text("raise ImportError('No module named _tkinter')\n")
    client = run(
        window_command(submission, stage, server), env=environment(PYTHONPATH=str(tmp_path))
    )
    assert client.expect_exit() != 0
    (line,) = client.complaints().splitlines()
    assert "tk" in line
    assert "--console" in line
