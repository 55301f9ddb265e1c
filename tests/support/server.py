"""The server of a stage, started on a free port as a student starts it, and kept between tests.

Starting Python takes longer than most tests: a healthy server serves one test after another. One
that died, complained, or whose test failed is replaced by a new one; after some of these, each test
gets one of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.processes import Program
from tests.support.report import Transcript
from tests.support.submission import Submission
from tests.support.terminal import TerminalProgram

_LISTENING = re.compile(r"\AListening on (?P<host>\S+):(?P<port>\d+)\r?$", re.MULTILINE)
MOST_DISCARDED = 3


class Server(Program):
    """A running server; `host` and `port` are where it says that it listens."""

    host: str
    port: int
    shared = False
    """Whether it serves one test after another."""
    unclean = False
    """Whether something of the last test may still be under way in it."""

    def wait_until_listening(self) -> None:
        """Read `Listening on HOST:PORT`, which must be its first line."""
        __tracebackhide__ = True
        first_line = self.expect_output(r"^[^\n]*\n").group()
        match = _LISTENING.match(first_line)
        if match is None:
            raise self.mismatch("the first line 'Listening on HOST:PORT'", repr(first_line))
        self.host = match["host"].strip("[]")
        self.port = int(match["port"])


class TerminalServer(TerminalProgram, Server):
    """A server whose operator sits at a terminal."""


def start_server(
    submission: Submission,
    stage: int,
    engine: str,
    *arguments: str,
    transcript: Transcript,
    working_directory: Path,
    command: Sequence[str] = (),
    cwd: Path | None = None,
    on_terminal: bool = False,
    **options: Any,
) -> Server:
    """Start the server of a stage and wait until it listens.

    The folders that it fills lie in `working_directory`; the port is a free one unless `arguments`
    name one. `command` replaces the usual beginning of the command line, and `cwd` the
    submission's folder; `options` are Program's.
    """
    __tracebackhide__ = True
    kind = TerminalServer if on_terminal else Server
    beginning = command or submission.command(stage, "server")
    server = kind(
        [*beginning, *_defaults(stage, working_directory), "--engine", engine, *arguments],
        cwd=cwd or submission.root,
        name="server",
        transcript=transcript,
        **options,
    )
    try:
        server.wait_until_listening()
    except BaseException:
        server.end()
        raise
    return server


def _defaults(stage: int, folder: Path) -> list[str]:
    defaults = ["--port", "0"]
    if stage >= 3:
        defaults += ["--received-images", str(folder / "received_images")]
        defaults += ["--server-images", str(folder / "server_images")]
    if stage >= 4:
        defaults += ["--files", str(folder / "server_files")]
    return defaults


@dataclass(slots=True)
class ServerPool:
    """One well-behaved server a stage and engine, lent to one test after another."""

    submission: Submission
    folder: Path
    _running: dict[tuple[int, str], Server] = field(default_factory=dict)
    _discarded: int = 0

    def lend(self, stage: int, engine: str, transcript: Transcript) -> Server:
        """A server for one test; what it printed before does not matter to it."""
        server = self._running.get((stage, engine))
        if server is None:
            folder = self.folder / f"stage{stage}-{engine}"
            folder.mkdir(parents=True, exist_ok=True)
            server = start_server(
                self.submission, stage, engine, transcript=transcript, working_directory=folder
            )
            server.shared = self._discarded < MOST_DISCARDED
            self._running[stage, engine] = server
        else:
            server.mark()
        server.follow(transcript)
        return server

    def discard(self, stage: int, engine: str) -> None:
        """End a server that the next test shall not get."""
        server = self._running.pop((stage, engine), None)
        if server is not None:
            self._discarded += 1
            server.kill()  # one that hangs would take its time over a polite end
            server.end()

    def close(self) -> None:
        """End all servers."""
        while self._running:
            self.discard(*next(iter(self._running)))
