"""Run the tests on a submission, in child processes that cannot harm the grade.

Strategy: the submission is copied, so nothing in its own folder changes; the tests and, unless
asked otherwise, the earlier stages are the grader's. Several child processes share the files of
tests, since most tests wait. Their environment is a short list, so no secret gets in; everything
that is left of them at the end is known by a mark in its environment, and killed.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading import records
from grading.recorder import PIPE, SHARE
from grading.records import Run

SHARES = 4
SECONDS_A_STAGE = 300.0
KEPT_OUTPUT = 20_000  # bytes of what pytest itself printed
MARK = "COURSE_GRADING_MARK"
INHERITED = {
    *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "CI"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT"),
    *("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY"),
}
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", "site", "node_modules", ".hypothesis"
)


@dataclass(frozen=True, slots=True)
class Results:
    """The outcomes of all runs, and what is to be said of those that never took place."""

    runs: list[Run]
    missing: str
    seconds: float


def run_tests(
    submission: Path,
    stages: Sequence[int],
    *,
    own_earlier_stages: bool = False,
    part: str | None = None,
    selection: Sequence[str] = (),
    shares: int = SHARES,
) -> Results:
    """Run the tests of these stages on a copy of the submission.

    `selection` names files or tests in place of all of a stage, `part` a graded part. Unless
    `own_earlier_stages`, the stages before the one that is graded are the grader's own.
    """
    options = [f"--earlier={'submission' if own_earlier_stages else 'reference'}"]
    options += [f"--part={part}"] if part else []
    began = time.monotonic()
    runs: list[Run] = []
    missing: list[str] = []
    for stage in stages:
        with _copied(submission, [] if own_earlier_stages else FOLDERS[: stage - 1]) as copy:
            tests = [t for t in selection if f"tests/stage{stage}/" in t]
            tests = [*options, *(tests or [f"tests/stage{stage}"])]
            children = [Child(copy, stage, tests, f"{n}/{shares}") for n in range(shares)]
            end = time.monotonic() + SECONDS_A_STAGE
            for child in children:
                child.wait_until(end)
                runs += child.runs
                missing += [child.what_went_wrong] if child.what_went_wrong else []
    return Results(runs, missing[0] if missing else "it is not there", time.monotonic() - began)


@contextlib.contextmanager
def _copied(submission: Path, replaced: Sequence[str]) -> Iterator[Path]:
    """A copy of the submission, the folders in `replaced` taken from the grader's project."""
    with tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True) as temporary:
        copy = Path(temporary) / "submission"
        shutil.copytree(submission, copy, symlinks=True, ignore=NOT_COPIED)
        for name in replaced:
            if (PROJECT / name).is_dir():
                shutil.rmtree(copy / name, ignore_errors=True)
                shutil.copytree(PROJECT / name, copy / name, ignore=NOT_COPIED)
        yield copy


class Child:
    """One pytest process with its share of the tests, in a session of its own.

    `arguments` are further arguments of pytest: options, and which tests.
    """

    def __init__(self, submission: Path, stage: int, arguments: Sequence[str], share: str) -> None:
        self.runs: list[Run] = []
        self.what_went_wrong = ""
        self._mark = secrets.token_hex(16)
        self._home = tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True)
        self._output = bytearray()
        key = secrets.token_bytes(records.KEY_SIZE)
        source, pipe = os.pipe()
        told, inherits = records.inheritance(pipe)
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"HOME": self._home.name, "USERPROFILE": self._home.name}
        environment |= {PIPE: told, SHARE: share, MARK: self._mark}
        self._process = subprocess.Popen(
            [sys.executable, *_pytest_arguments(submission, stage), *arguments],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **inherits,
        )
        os.close(pipe)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(key)
        self._readers = [
            threading.Thread(target=self._read_records, args=(source, key), daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def wait_until(self, end: float) -> None:
        """Wait for its end, at most until `end` (monotonic); then nothing of it is left."""
        try:
            code = self._process.wait(max(end - time.monotonic(), 0.1))
            if code not in {0, 1, 5}:  # all passed, some failed, nothing to run for this share
                self.what_went_wrong = "the tests could not be run:\n" + self._last_output()
        except subprocess.TimeoutExpired:
            self.what_went_wrong = "the time for all tests of this stage was up"
        end_group(self._process)
        kill_marked(self._mark)
        for reader in self._readers:
            reader.join(5)
        self._home.cleanup()

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


def _pytest_arguments(submission: Path, stage: int) -> list[str]:
    return [
        *("-P", "-m", "pytest", "-q", "--no-header", "--tb=short"),
        *("-p", "grading.recorder", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("--rootdir", str(PROJECT), "-c", str(PROJECT / "pyproject.toml")),
        f"--submission={submission}",
        f"--stages={stage}",
        "--engines=loop",
    ]


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
