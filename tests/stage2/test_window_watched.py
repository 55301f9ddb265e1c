"""The window's program from outside: it never freezes, and one thread alone touches Tk."""

import pytest

from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartProgram
from tests.support.processes import Program
from tests.support.submission import Submission
from tests.support.watched_window import (
    calls_from_other_threads,
    expect_alive,
    expect_shown,
    watched_environment,
    welcome,
)

pytestmark = [pytest.mark.stage(2), pytest.mark.window]

WORD = "tangerine"


@pytest.fixture
def window(
    stage: int,
    submission: Submission,
    run: StartProgram,
    fake_server: FakeServer,
    display: dict[str, str],
) -> Program:
    """The window of a user who joins as Alice, at a server played by the test."""
    where = (fake_server.host, "--port", str(fake_server.port), "--nickname", "Alice")
    command = submission.command(stage, "client", *where)
    return run(command, name="window", env=watched_environment(display, WORD))


@pytest.mark.points(2)
@pytest.mark.hint(
    "Only the thread that made the window may call Tk; from any other thread the program may crash "
    "or hang, on some day, on some computer. Let the thread that receives put what came into a "
    "queue, and let Tk's own thread look into it every now and then (`after`).",
    docs="stage2#how-a-window-and-a-network-live-together",
)
def test_only_one_thread_touches_tk(window: Program, fake_server: FakeServer) -> None:
    """What the network brings is shown by the window's own thread, not by the one that receives."""
    side = fake_server.accept()
    welcome(side, "Alice")
    side.send_line("JOINED:Bob")
    side.send_line(f"MESSAGE:Bob | a {WORD} for you")
    expect_shown(window, f"a {WORD} for you")
    side.close()
    expect_alive(window)
    assert calls_from_other_threads(window) == []


@pytest.mark.points(2)
@pytest.mark.hint(
    "While Tk's thread waits for something, nothing is drawn and no key is heard. Let another "
    "thread wait for the network; Tk's own only takes what is already there, and goes on at once "
    "when there is nothing.",
    docs="stage2#how-a-window-and-a-network-live-together",
)
def test_a_silent_server_does_not_freeze_the_window(
    window: Program, fake_server: FakeServer
) -> None:
    """The server says nothing: the window goes on drawing and hearing keys."""
    side = fake_server.accept()
    expect_alive(window)  # the server has not answered yet
    welcome(side, "Alice")
    side.send_line(f"MESSAGE:Bob | a {WORD} for you")
    expect_shown(window, f"a {WORD} for you")
    expect_alive(window)
