"""A scene: real programs on terminals of their own, typed to by a script, and what they show.

What differs from run to run (ports, times of day, folders) is replaced by what stands for it, so
that two recordings of the same scene are the same text.
"""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from course_tools.stages import PROJECT
from tests.support.processes import Deadline, Program
from tests.support.report import Transcript
from tests.support.screen import Screen
from tests.support.terminal import TerminalProgram

Deadline.default = 60.0  # seconds; a busy computer is no reason to fail
PORT = "12345"
TYPING_PAUSE = 0.4  # seconds; nobody types while the prompt is being written
FIRST_CLIENT_PORT = 50001
FOLDER = "/home/ann/course"
TIME_OF_DAY = re.compile(r"\[\d\d:\d\d:\d\d\]")
DATE_AND_TIME = re.compile(r"\b20\d{6}-\d{6}(?=_)")


class Actor:
    """One program on its terminal. `title` is the command as the reader types it."""

    def __init__(self, scene: "Scene", program: Program, title: str) -> None:
        self._scene = scene
        self._program = program
        self.title = title

    @property
    def pid(self) -> int:
        """The process."""
        return self._program.process.pid

    def type(self, *lines: str) -> None:
        """Type lines, each with Enter."""
        time.sleep(TYPING_PAUSE)
        for line in lines:
            self._program.type(line + "\n")

    def expect(self, pattern: str) -> re.Match[str]:
        """Wait until the program shows this."""
        return self._program.expect_output(pattern)

    def expect_end(self) -> None:
        """Wait until the program has ended."""
        self._program.expect_exit()

    def shown(self) -> str:
        """The whole terminal: the command, and everything that stands below it."""
        lines = Screen(self._program.printed()).lines
        text = "\n".join([f"$ {self.title}", *lines]).rstrip()
        return self._scene.normal(text.removesuffix("\n>").removesuffix("\nserver>")) + "\n"


class Scene:
    """The programs of one recording, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._transcript = Transcript()
        self._programs: list[Program] = []
        self._ports: dict[str, str] = {}

    def start(self, name: str, title: str, *command: str) -> Actor:
        """Start a Python program; `command` is what follows `python`."""
        program = TerminalProgram(
            [sys.executable, *command], cwd=self.folder, name=name, transcript=self._transcript
        )
        self._programs.append(program)
        return Actor(self, program, title)

    def server(self, stage: str, *options: str, title: str = "") -> tuple[Actor, str]:
        """A stage's server on a free port, shown as the usual one; and that port."""
        path = str(PROJECT / stage / "server.py")
        # Pings would come at any moment; those scenes that show them ask for them.
        quiet = () if "--ping-interval" in options else ("--ping-interval", "3600")
        shown = title or f"python3 -m {stage}.server"
        actor = self.start("server", shown, path, "--port", "0", *quiet, *options)
        port = actor.expect(r"Listening on 127\.0\.0\.1:(\d+)")[1]
        actor.expect("server> ")
        self.stands_for(port, PORT)
        return actor, port

    def client(self, stage: str, port: str, *options: str, title: str = "") -> Actor:
        """A stage's client."""
        path = str(PROJECT / stage / "client.py")
        shown = title or " ".join([f"python3 -m {stage}.client", *options])
        actor = self.start("client", shown, path, "--port", port, *options)
        actor.expect("> ")
        return actor

    def stands_for(self, real: str, shown: str) -> None:
        """Show the port `real` as another."""
        self._ports[real] = shown

    def normal(self, text: str) -> str:
        """The text without what differs from run to run."""
        text = text.replace(str(self.folder), FOLDER)
        text = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda found: self._port(found[0]), text)
        for real, shown in self._ports.items():
            text = re.sub(rf"(?<=port ){real}\b", shown, text)
        text = DATE_AND_TIME.sub("20260301-101500", text)
        return TIME_OF_DAY.sub("[10:15:00]", text)

    def _port(self, real: str) -> str:
        if real not in self._ports:
            clients = [p for p in self._ports.values() if p.startswith("5")]
            self._ports[real] = str(FIRST_CLIENT_PORT + len(clients))
        return self._ports[real]

    def end(self) -> None:
        """End every program."""
        for program in reversed(self._programs):
            program.end()


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """A scene whose programs are ended, whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    playing = Scene(folder)
    try:
        yield playing
    finally:
        playing.end()


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again. Raises TimeoutError."""
    give_up = time.monotonic() + Deadline.default
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(0.01)


def output_of(folder: Path, *command: str) -> str:
    """What a program that ends by itself prints, with its exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-P", *command],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT), "PATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return done.stdout + done.stderr


def text_of(actors: Sequence[Actor]) -> dict[str, str]:
    """What each terminal shows, by number."""
    return {str(number): actor.shown() for number, actor in enumerate(actors, start=1)}
