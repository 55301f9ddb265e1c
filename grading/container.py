"""`--container docker|podman`: the grader in a container, which promises what no process can.

The container has no network, bounded memory, processes and cores, and sees the course and one
submission, read-only; what it found comes out through one folder. The commands are made by
functions without side effects, so that they can be tested without an engine.
"""

import csv
import hashlib
import io
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_tools.stages import PROJECT
from grading.folders import remove
from grading.submissions import Entry

ENGINES = ("docker", "podman")
CONTAINERFILE = Path(__file__).with_name("Containerfile")
MEMORY, PROCESSES, DESCRIPTORS = "4g", 4096, 65_536
_INSIDE = ("python", "-P", "-m")


class EngineError(Exception):
    """There is no container engine to work with; the message is one line."""


@dataclass(frozen=True, slots=True)
class Engine:
    """docker or podman, and the image that has what the grader needs."""

    name: str
    image: str
    cores: float = 2

    def build_command(self, context: str) -> list[str]:
        """The command that makes the image; nothing of the folder `context` gets into it."""
        return [self.name, "build", "--tag", self.image, "--file", str(CONTAINERFILE), context]

    def run_command(
        self, container: str, submission: Path, results: Path, inside: Sequence[str]
    ) -> list[str]:
        """The command that runs `inside` in a new container of this name.

        It finds the submission as /submission/NAME, the course as /grader, both read-only, and
        writes to /results and /tmp only.
        """
        return [
            *(self.name, "run", "--rm", "--init", f"--name={container}", "--pull=never"),
            *("--network=none", "--read-only", "--cap-drop=ALL"),
            *("--security-opt=no-new-privileges", "--security-opt=label=disable"),
            f"--memory={MEMORY}",
            f"--memory-swap={MEMORY}",
            f"--pids-limit={PROCESSES}",
            f"--cpus={self.cores:g}",
            f"--ulimit=nofile={DESCRIPTORS}:{DESCRIPTORS}",
            "--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size=2g",
            *self._user(),
            _mount(PROJECT, "/grader", "readonly"),
            _mount(submission, f"/submission/{submission.name}", "readonly"),
            _mount(results, "/results"),
            self.image,
            *inside,
        ]

    def _user(self) -> list[str]:
        """Run as the one who grades, never as root, so that the results can be read and removed."""
        if not hasattr(os, "getuid") or os.getuid() == 0:
            return ["--user=65534:65534"]
        user = [f"--user={os.getuid()}:{os.getgid()}"]
        return [*user, "--userns=keep-id"] if self.name == "podman" else user

    def end_command(self, container: str) -> list[str]:
        """The command that ends a container at once."""
        return [self.name, "kill", container]


def _mount(source: Path, target: str, *options: str) -> str:
    """An option that shows a folder or file in the container; a field of it may hold commas."""
    fields = ["type=bind", f"source={source}", f"target={target}", *options]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return f"--mount={line.getvalue()}"


def engine_named(name: str, jobs: int = 1) -> Engine:
    """The engine, ready to be used: its image is built when it is not there.

    Each of so many jobs gets its share of the cores.

    Raises EngineError when the engine is missing, does not answer, or cannot build.
    """
    if shutil.which(name) is None:
        raise EngineError(f"{name} is not installed here; --container takes docker or podman")
    text = CONTAINERFILE.read_bytes()
    engine = Engine(name, f"course-grader:{hashlib.sha256(text).hexdigest()[:12]}", _cores(jobs))
    answer = subprocess.run([name, "version"], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise EngineError(f"{name} does not answer: {_last_line(answer.stderr)}")
    inspect = [name, "image", "inspect", engine.image]
    if subprocess.run(inspect, capture_output=True, check=False).returncode:
        print(f"Building {engine.image}, once; this needs the network.", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="empty-") as empty:
            built = subprocess.run(engine.build_command(empty), stdout=sys.stderr, check=False)
        if built.returncode:
            raise EngineError(f"{name} could not build {engine.image}; what it says is above")
    return engine


def _cores(jobs: int) -> float:
    return max(1.0, round((os.cpu_count() or 1) / jobs, 1))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it gives no reason"


def grade_one(
    engine: Engine, submission: Path, inside: Sequence[str], files: Sequence[Path]
) -> int:
    """Grade one submission in a container, by `grade` with the options in `inside`; the exit code.

    Each of `files` is what `/results/NAME` in the options becomes outside.
    """
    private = Path(tempfile.mkdtemp(prefix="results-"))  # in which nobody else finds the other one
    results = folder_for_results(private)
    container = f"course-grade-{secrets.token_hex(8)}"
    command = [*_INSIDE, "grading.grade", f"/submission/{submission.name}", *inside]
    command = engine.run_command(container, submission, results, command)
    try:
        code = subprocess.run(command, check=False).returncode
        for file in files:
            written = results / file.name
            if written.is_file() and not written.is_symlink():
                shutil.copyfile(written, file)
        return code
    except KeyboardInterrupt:
        subprocess.run(engine.end_command(container), capture_output=True, check=False)
        return 130
    finally:
        remove(private)


def folder_for_results(parent: Path) -> Path:
    """A new folder, to which the container's own user can write."""
    folder = parent / "results"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def wrap(engine: Engine, entry: Entry, results: Path) -> tuple[list[str], list[str]]:
    """For a class: the beginning of the command line that grades an entry, and what ends it."""
    container = f"course-grade-{secrets.token_hex(8)}"
    inside = [*_INSIDE, "grading.one", f"/submission/{entry.path.name}", "/results"]
    submission = entry.path.resolve()
    return (
        engine.run_command(container, submission, results, inside),
        engine.end_command(container),
    )
