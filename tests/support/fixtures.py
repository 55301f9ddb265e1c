"""The fixtures: a server of each stage and engine, clients to talk with it, programs to start.

`stage` and `engine` are parameters (see `conftest.py`), so a test that uses `server` runs once for
each stage since its own and for each engine.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.console import client_command, target
from tests.support.display import XVFB, virtual_display
from tests.support.fake_server import FakeServer
from tests.support.grading import part_of
from tests.support.observer import Observer
from tests.support.parts import root_of_part
from tests.support.processes import Program
from tests.support.report import Transcript
from tests.support.server import Server, ServerPool, start_server
from tests.support.submission import Submission
from tests.support.terminal import TerminalProgram
from tests.support.wire_client import WireClient

if TYPE_CHECKING:
    from tests.support.windows import Screen

StartServer = Callable[..., Server]
Connect = Callable[..., WireClient]
StartProgram = Callable[..., Program]


@pytest.fixture(scope="session")
def submission(pytestconfig: pytest.Config) -> Submission:
    """The folder under test."""
    return Submission(Path(pytestconfig.getoption("submission")).resolve())


_OBSERVER = pytest.StashKey[Observer]()


@pytest.fixture(scope="session")
def observer(
    submission: Submission, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observer]:
    """Calls parts of the submission in a child process: `observer.observe(function, …)`."""

    def root_of(part: str | None) -> Path:
        return root_of_part(part, submission, pytestconfig, tmp_path_factory)

    observer = pytestconfig.stash[_OBSERVER] = Observer(root_of)
    yield observer
    observer.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Let the observer look at the part that the test is about."""
    if _OBSERVER in item.config.stash:
        item.config.stash[_OBSERVER].part = part_of(item)
        item.config.stash[_OBSERVER].asked.clear()


@pytest.fixture
def transcript() -> Transcript:
    """What happens in this test."""
    return Transcript()


@pytest.fixture(scope="session")
def server_pool(submission: Submission) -> Iterator[ServerPool]:
    """The servers that serve one test after another."""
    folder = Path(tempfile.mkdtemp(prefix="servers-"))
    pool = ServerPool(submission, folder)
    yield pool
    pool.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(
    stage: int,
    engine: str,
    server_pool: ServerPool,
    transcript: Transcript,
    request: pytest.FixtureRequest,
) -> Iterator[Server]:
    """A running server of the stage and engine, for a test that leaves it as it found it."""
    server = server_pool.lend(stage, engine, transcript)
    failed = request.session.testsfailed
    yield server
    code = server.process.poll()
    has_failed = request.session.testsfailed > failed
    if server.unclean or code is not None or has_failed or not server.shared:
        server_pool.discard(stage, engine)
    server.expect_no_traceback()
    if code is not None:
        raise server.mismatch("the server still runs after the test", f"exit code {code}")


@pytest.fixture
def start(
    stage: int, engine: str, submission: Submission, transcript: Transcript, tmp_path: Path
) -> Iterator[StartServer]:
    """Start servers with a test's own arguments; the test may end them."""
    servers: list[Server] = []

    def start_one(*arguments: str, **options: Any) -> Server:
        __tracebackhide__ = True
        options.setdefault("working_directory", tmp_path)
        options.setdefault("engine", engine)
        server = start_server(
            options.pop("submission", submission),
            stage,
            options.pop("engine"),
            *arguments,
            transcript=transcript,
            **options,
        )
        servers.append(server)
        return server

    yield start_one
    for server in servers:
        server.end()
    for server in servers:
        server.expect_no_traceback()


@pytest.fixture
def connect(transcript: Transcript) -> Iterator[Connect]:
    """Connect raw clients: `connect(server, "Alice")`. Their server has taken them in on return."""
    clients: list[tuple[WireClient, Server]] = []

    def connect_one(server: Server, name: str = "", *, greets: bool = True, **options: Any) -> Any:
        __tracebackhide__ = True
        name = name or f"client {len(clients) + 1}"
        client = WireClient(server.host, server.port, name, transcript, **options)
        clients.append((client, server))
        if greets:
            client.send_line("ping")
            client.expect_line("pong")
        return client

    yield connect_one
    for client, server in clients:
        if server.shared and not server.unclean:  # else it serves no other test anyway
            server.unclean = not client.leave()
        else:
            client.close()


@pytest.fixture
def run(submission: Submission, transcript: Transcript) -> Iterator[StartProgram]:
    """Start any program: `run(command, cwd=…, env=…, on_terminal=True)`; ended with the test."""
    programs: list[Program] = []

    def run_one(command: list[str], *, on_terminal: bool = False, **options: Any) -> Program:
        options.setdefault("cwd", submission.root)
        options.setdefault("name", "program")
        kind = TerminalProgram if on_terminal else Program
        program = kind(command, transcript=transcript, **options)
        programs.append(program)
        return program

    yield run_one
    for program in programs:
        program.end()
    for program in programs:
        program.expect_no_traceback()


@pytest.fixture
def fake_server(transcript: Transcript) -> Iterator[FakeServer]:
    """A server played by the test, for the client under test."""
    with FakeServer(transcript) as fake:
        yield fake


@pytest.fixture
def start_client(stage: int, submission: Submission, run: StartProgram) -> StartProgram:
    """Start the stage's console client: `start_client(server, "--nickname", "Ann")`."""

    def start_one(server: Server | FakeServer, *arguments: str, **options: Any) -> Program:
        command = client_command(submission, stage, *target(server), *arguments)
        options.setdefault("name", "client")
        return run(command, **options)

    return start_one


@pytest.fixture(scope="session")
def display(pytestconfig: pytest.Config) -> Iterator[dict[str, str]]:
    """What a program with a window needs in its environment; an Xvfb of the tests' own."""
    if pytestconfig.getoption("window"):
        yield {}
    elif XVFB:
        with virtual_display() as variables:
            yield variables
    elif os.environ.get("CI") and sys.platform == "linux":
        pytest.fail("no Xvfb: on CI the window tests must run")
    else:
        pytest.skip("opens windows: needs Xvfb, or --window to use your own screen")


@pytest.fixture
def screen(display: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> "Iterator[Screen]":
    """Opens windows in the tests' own process; all are closed at the end."""
    from tests.support.windows import Screen  # needs tkinter

    for name, value in display.items():
        monkeypatch.setenv(name, value)
    screen = Screen()
    yield screen
    screen.close()
