"""Run the process that grades one submission of a class, and take over what it found.

What it left is read with care: it may come out of a container that a submission has taken over.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_tools.stages import PROJECT
from grading.class_files import BROKEN, GRADED, UNUSABLE, Outcome, write_whole
from grading.container import folder_for_results
from grading.folders import remove
from grading.one import FEEDBACK, RESULT
from grading.running import SECONDS_A_STAGE
from grading.submissions import Entry
from tests.support.processes import MOST_CROWDING

SECONDS_BESIDE_THE_TESTS = 120.0
SECONDS_TO_END = 40.0
MOST_BYTES = 50_000_000
KEPT_OUTPUT = 4_000
LONGEST_NOTE = 500

Wrap = Callable[[Entry, Path], tuple[list[str], list[str]]]
"""For a container: the beginning of the command line that grades an entry into a folder, and the
command that ends the container."""


class Worker:
    """Grades submissions, each in a process of its own; several threads may ask at a time."""

    def __init__(self, stages: Sequence[int], earlier: str, wrap: Wrap | None = None) -> None:
        self._stages, self._earlier, self._wrap = stages, earlier, wrap
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._is_over = False

    def grade(self, entry: Entry, cores: Sequence[int], feedback: Path) -> Outcome:
        """Grade one submission on these cores; write its feedback."""
        scratch = Path(tempfile.mkdtemp(prefix="class-"))
        temporary = scratch / "tmp"
        try:
            results = folder_for_results(scratch)
            temporary.mkdir()
            output = self._run(entry, cores, results, temporary)
            return _taken_over(results, feedback, output)
        finally:
            remove(scratch)

    def _run(self, entry: Entry, cores: Sequence[int], results: Path, temporary: Path) -> str:
        options = ["--stages", ",".join(map(str, self._stages)), "--earlier", self._earlier]
        options += ["--cores", ",".join(map(str, cores))] if cores else []
        if self._wrap is None:
            command = [sys.executable, "-P", "-m", "grading.one", str(entry.path), str(results)]
            options.append("--lifeline")
            end: list[str] = []
        else:
            command, end = self._wrap(entry, results)
            options = options[:4]  # a container has its own share of the cores
        variables = {"PYTHONPATH": str(PROJECT)}
        variables |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        with tempfile.TemporaryFile() as output:
            process = self._start([*command, *options], os.environ | variables, output)
            seconds = (
                len(self._stages) * (SECONDS_A_STAGE * MOST_CROWDING + 45)
                + SECONDS_BESIDE_THE_TESTS
            )
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                return f"it took more than {seconds:.0f} s"
            finally:
                _end(process, end)
                with self._lock:
                    self._running.discard(process)
            output.seek(0)
            return output.read(KEPT_OUTPUT).decode("utf-8", "replace").strip()

    def _start(
        self, command: list[str], environment: dict[str, str], output: Any
    ) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._is_over:
                raise OSError("interrupted")
            own_group: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.PIPE,  # at its end when this process is gone: the lifeline
                stdout=output,
                stderr=subprocess.STDOUT,
                **own_group,
            )
            self._running.add(process)
            return process

    def end_all(self) -> None:
        """End what is under way: the threads that wait for it go on, and start nothing more."""
        with self._lock:
            self._is_over = True
            for process in self._running:
                process.terminate()


def _end(process: "subprocess.Popen[bytes]", end_container: Sequence[str]) -> None:
    """End a worker, who takes what it has started along; then its container, if it is left."""
    assert process.stdin is not None
    process.stdin.close()
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
        process.kill()
        process.wait()
        if end_container:
            subprocess.run(end_container, capture_output=True, check=False)


def _taken_over(results: Path, feedback: Path, output: str) -> Outcome:
    try:
        result = json.loads(_read(results / RESULT))
        text = _read(results / FEEDBACK)
        if "problem" in result:
            outcome = Outcome(UNUSABLE, str(result["problem"]))
        elif result["fault"]:
            last_line = str(result["fault"]).splitlines()[-1]
            outcome = Outcome(BROKEN, f"the tests could not be run: {last_line}")
        else:
            outcomes = {str(name): str(how) for name, how in result["outcomes"].items()}
            note, seconds = str(result["note"])[:LONGEST_NOTE], float(result["seconds"])
            outcome = Outcome(GRADED, note, outcomes, seconds)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        last_line = output.splitlines()[-1] if output else "without a word"
        return Outcome(BROKEN, f"the grader ended early: {last_line}")
    write_whole(feedback, text)
    return outcome


def _read(file: Path) -> str:
    """The text of a file of bounded size, which is no link to another one."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file.name} is not what the grader writes")
    return file.read_text(encoding="utf-8", errors="replace")
