"""One of the demo's programs: a real process, typed to through a pipe, its lines waited for.

A thread collects what the program writes; `expect` looks for a line that no earlier `expect` has
taken, so two programs may write in any order. Every wait is bounded.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from course_tools.demo.narration import Narrator
from course_tools.launch import as_typed, launcher
from course_tools.stages import PROJECT

PATIENCE = 60.0  # seconds for one line: a busy computer is slow, a lost line never comes


class ScriptError(Exception):
    """Something that the script waited for did not happen."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


class Actor:
    """A running program of a stage, started in a folder of its own."""

    def __init__(
        self, narrator: Narrator, label: str, folder: Path, python: str, arguments: Sequence[str]
    ) -> None:
        self.label = label
        self.folder = folder
        self.lines: list[str] = []
        self._narrator = narrator
        self._taken: set[int] = set()
        self._changed = threading.Condition()
        self._has_ended = False
        narrator.command(label, as_typed([launcher(python), *arguments]))
        self._process = subprocess.Popen(
            [python, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    def types(self, text: str) -> None:
        """Type a line into the program."""
        self._narrator.typed(self.label, text)
        assert self._process.stdin
        try:
            self._process.stdin.write(f"{text}\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ScriptError(f"{self.label} reads what is typed", "a running program") from error

    def expect(self, pattern: str, what: str) -> re.Match[str]:
        """Wait for a line that the regular expression finds; tell that `what` has happened."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := self._take(pattern)):
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._has_ended:
                    raise ScriptError(what, f"a line of {self.label} like {pattern}")
                self._changed.wait(remaining)
        self._narrator.wrote(self.label, found.string)
        self._narrator.checked(what)
        return found

    def must_not_have_written(self, text: str, what: str) -> None:
        """Check that no line so far contains `text`."""
        with self._changed:
            if any(text in line for line in self.lines):
                raise ScriptError(what, f"no line of {self.label} with {text}")
        self._narrator.checked(what)

    def ends(self, what: str, exit_code: int | None = 0, within: float = PATIENCE) -> None:
        """Wait for the program's end, with this exit code unless any will do (None)."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise ScriptError(what, f"the end of {self.label} within {within:.0f} s") from None
        self._collector.join(within)
        if exit_code is not None and code != exit_code:
            raise ScriptError(what, f"exit code {exit_code} of {self.label}, not {code}")
        self._narrator.checked(what)

    def interrupt(self) -> None:
        """Press Ctrl+C, as far as the program can tell (not on Windows)."""
        self._process.send_signal(signal.SIGINT)

    def dismiss(self) -> None:
        """End the program if it has not ended by itself."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._collector.join(3)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was typed last found no reader
                    pipe.close()

    def _collect(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def _take(self, pattern: str) -> re.Match[str] | None:
        for number, line in enumerate(self.lines):
            if number not in self._taken and (found := re.search(pattern, line)):
                self._taken.add(number)
                return found
        return None
