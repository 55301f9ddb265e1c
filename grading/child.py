"""One process of tests, which cannot harm the grade, and of which nothing is left at its end.

Its environment is a short list, so no secret gets in. Under POSIX a keeper holds it within limits
(see `keeper`); what a system without one leaves running is known by a mark in its environment.
"""

import contextlib
import os
import secrets
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_tools.stages import PROJECT
from grading import records
from grading.folders import remove
from grading.keeper import NOT_STARTED, WHAT_IT_MEANS, Limits
from grading.recorder import PIPE, SHARE

SECONDS_TO_END = 15.0
PYTEST_BROKE = 3
PYTEST_FAILED = {2, PYTEST_BROKE, 4, NOT_STARTED}
"""Exit codes of pytest that no failed test gives: interrupted, broken, not understood."""
KEPT_OUTPUT = 20_000  # bytes of what pytest itself printed
MARK = "COURSE_GRADING_MARK"
INHERITED = {
    *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "CI"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT"),
    *("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY"),
}


class Child:
    """One pytest process with its share of the tests, in a session of its own.

    `arguments` are further arguments of pytest: options, and which tests. `folder` holds the copy
    of the submission, and is what it may write to, beside a home of its own.
    """

    def __init__(
        self, folder: Path, arguments: Sequence[str], share: str, variables: dict[str, str]
    ) -> None:
        self.runs: list[records.Run] = []
        self.what_went_wrong = ""
        self.is_graders_fault = False
        self._has_ended = False
        self._mark = secrets.token_hex(16)
        self._home = Path(tempfile.mkdtemp(prefix="home-")).resolve()
        self._output = bytearray()
        key = secrets.token_bytes(records.KEY_SIZE)
        source, pipe = os.pipe()
        told, inherits = records.inheritance(pipe)
        environment = self._environment() | variables | {PIPE: told, SHARE: share}
        command = [sys.executable, *_pytest_arguments(), *arguments]
        self._lifeline = -1
        if sys.platform != "win32":
            end, self._lifeline = os.pipe()
            command = _limits(folder, self._home, end, pipe).command(command)
            inherits["pass_fds"] = [pipe, end]
            environment["PYTHONPATH"] = str(PROJECT)
        self._process = self._start(command, environment, inherits)
        for descriptor in inherits.get("pass_fds", [pipe]):
            os.close(descriptor)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(key)
        self._readers = [
            threading.Thread(target=self._read_records, args=(source, key), daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _environment(self) -> dict[str, str]:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        temporary = self._home / "tmp"
        temporary.mkdir()
        environment |= dict.fromkeys(("HOME", "USERPROFILE"), str(self._home))
        environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        return environment | {MARK: self._mark}

    def _start(
        self, command: Sequence[str], environment: dict[str, str], options: dict[str, Any]
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )

    def wait_until(self, end: float) -> None:
        """Wait for its end, at most until `end` (monotonic); then nothing of it is left."""
        try:
            code = self._process.wait(max(end - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.end()
            self.what_went_wrong = "the time for all tests of this stage was up"
            return
        self.end()  # from here on, all records are read
        if code not in {0, 1, 5}:  # all passed, some failed, nothing to run for this share
            self.what_went_wrong = self._what_code_means(code)
        elif code == 1 and not self.runs:
            self.what_went_wrong = self._what_code_means(PYTEST_BROKE)
        self.is_graders_fault = code in PYTEST_FAILED or (code == 1 and not self.runs)

    def end(self) -> None:
        """End it and everything that it has started, whatever state it is in. Never fails."""
        if self._has_ended:
            return
        self._has_ended = True
        if self._lifeline >= 0:
            os.close(self._lifeline)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(SECONDS_TO_END)
        end_group(self._process)
        kill_marked(self._mark)
        for reader in self._readers:
            reader.join(5)
        remove(self._home)

    def _what_code_means(self, code: int) -> str:
        if code in WHAT_IT_MEANS:
            return WHAT_IT_MEANS[code] + ", so the tests were ended"
        if code < 0 or code == NOT_STARTED:
            return f"the tests were ended from outside (code {code})\n{self._last_output()}"
        return "the tests could not be run:\n" + self._last_output()

    def _read_records(self, source: int, key: bytes) -> None:
        with open(source, "rb") as pipe:
            self.runs.extend(records.read(pipe, key))

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while chunk := stream.read1(65_536):  # type: ignore[attr-defined]
                self._output += chunk
                del self._output[:-KEPT_OUTPUT]

    def _last_output(self) -> str:
        return self._output.decode("utf-8", "replace").strip()


def _pytest_arguments() -> list[str]:
    return [
        *("-P", "-m", "pytest", "-q", "--no-header", "--tb=short"),
        *("-p", "grading.recorder", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("--rootdir", str(PROJECT), "-c", str(PROJECT / "pyproject.toml")),
    ]


def _limits(folder: Path, home: Path, lifeline: int, inherited: int) -> Limits:
    """It may write to its own folders, and read neither the user's home nor others' temporary
    files, except for the course and Python."""
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).parent)]
    python += [str(Path(sys.executable).resolve().parent), site.getusersitepackages()]
    return Limits(
        writable=[str(folder), str(home)],
        readable=[str(PROJECT), *python],
        hidden=[str(Path.home()), tempfile.gettempdir()],
        lifeline=lifeline,
        inherited=inherited,
    )


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of a child and of the group (on Windows, the tree) that it leads."""
    if sys.platform == "win32":
        tree = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(tree, capture_output=True, check=False)
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_marked(mark: str) -> None:
    """Kill every process that has the mark in its environment (where the system shows those)."""
    needle = f"{MARK}={mark}".encode()
    for _ in range(20):  # what forks while we look is found when we look again
        found = [process for process in _processes() if needle in _environment_of(process)]
        if not found:
            return
        for process in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


def _processes() -> list[int]:
    proc = Path("/proc")
    return [int(entry.name) for entry in proc.glob("[0-9]*")] if proc.is_dir() else []


def _environment_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return b""
