"""A small program that starts another one, holds it within limits, and leaves nothing of it.

Strategy: between the grader and the tests stands this process. It has one thread, so it may prepare
its child between fork and exec; it adopts every descendant that loses its parent (on Linux), so a
daemon that has left session, group and environment behind is found all the same; and it ends
everything when its child ends, when a limit is passed, or when the grader is gone: then the pipe
`lifeline` is at its end. POSIX only.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grading import kernel

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_END = 10.0
MOST_BYTES_A_FILE = 1 << 30
MOST_BYTES_OF_FILES = 2 << 30
MOST_MEMORY = 2 << 30
"""Bytes, of all the processes that the tests have started; on a small computer a quarter of it."""
MOST_ADDRESSES = 16 << 30
"""Bytes of address space a process: room for 1,000 threads with 8 MiB of stack each."""
MOST_PROCESSES, MOST_THREADS = 500, 5_000
MOST_SECONDS_OF_CPU = 900

TOO_MANY_PROCESSES, TOO_MANY_FILES, NOT_STARTED = 120, 121, 127
WHAT_IT_MEANS = {
    TOO_MANY_PROCESSES: f"the submission ran more than {MOST_PROCESSES} processes"
    f" or {MOST_THREADS:,} threads",
    TOO_MANY_FILES: f"the submission wrote more than {MOST_BYTES_OF_FILES >> 30} GiB of files",
}
"""Exit codes beside the child's own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may touch, as paths, and the descriptors that it shares with the grader."""

    writable: list[str]
    readable: list[str]
    hidden: list[str]
    lifeline: int
    inherited: int

    def command(self, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` within these limits; PYTHONPATH: the project."""
        return [sys.executable, "-P", "-m", "grading.keeper", json.dumps(asdict(self)), *command]


@dataclass(frozen=True, slots=True)
class Process:
    """A line of /proc: bytes of memory in use, number of threads."""

    number: int
    parent: int
    threads: int
    memory: int


def main() -> int:
    """Start the command, watch it, end everything; its exit code."""
    limits, command = Limits(**json.loads(sys.argv[1])), sys.argv[2:]
    kernel.adopt_orphans()
    os.set_inheritable(limits.lifeline, False)
    child = os.fork()
    if child == 0:
        _become(command, limits)
    os.close(limits.inherited)  # only the child's end of it shall count
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = _watch(child, limits)
    _end_everything(child)
    return code


def _become(command: list[str], limits: Limits) -> None:
    """Turn this process into the command, within the limits. Does not return."""
    try:
        os.setsid()
        _limit_resources()
        kernel.give_up_powers()
        kernel.confine(*([Path(p) for p in paths] for paths in _paths(limits)))
        os.environ.pop("PYTHONPATH", None)
        os.execv(command[0], command)
    except OSError as error:
        print(f"cannot start {command[0]}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(NOT_STARTED)


def _paths(limits: Limits) -> tuple[list[str], list[str], list[str]]:
    return limits.writable, limits.readable, limits.hidden


def _limit_resources() -> None:
    import resource

    wanted = {
        resource.RLIMIT_FSIZE: MOST_BYTES_A_FILE,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: MOST_SECONDS_OF_CPU,
    }
    if sys.platform.startswith("linux"):  # macOS does not keep to it
        wanted[resource.RLIMIT_AS] = MOST_ADDRESSES
        with contextlib.suppress(OSError):  # short of memory, the system ends these first
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    for limit, most in wanted.items():
        _, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def _watch(child: int, limits: Limits) -> int:
    """Wait for the child's end, or for a reason to end it; the exit code."""
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    looks = 0
    next_look = time.monotonic()
    while (code := _code_of_ended(child)) is None:
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS
            looks += 1
            if passed := _passed_limit(child, limits, looks % 4 == 0):
                return passed
        ready, _, _ = select.select([limits.lifeline, woken], [], [], SECONDS_BETWEEN_LOOKS)
        if limits.lifeline in ready:
            return NOT_STARTED
        if woken in ready:
            os.read(woken, 4096)
    return code


def _code_of_ended(child: int) -> int | None:
    """Take leave of all that has ended; the child's exit code if it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                found = os.waitstatus_to_exitcode(ended[1])
    return found


def _passed_limit(child: int, limits: Limits, count_files: bool) -> int:
    """The exit code of a limit that is passed, or 0. Too much memory ends only who has most."""
    ours = descendants(os.getpid())
    if len(ours) > MOST_PROCESSES or sum(p.threads for p in ours) > MOST_THREADS:
        return TOO_MANY_PROCESSES
    started = [process for process in ours if process.number != child]
    if sum(process.memory for process in started) > _most_memory():
        _kill(max(started, key=lambda process: process.memory).number)
    if count_files and sum(map(size_of, limits.writable)) > MOST_BYTES_OF_FILES:
        return TOO_MANY_FILES
    return 0


def _most_memory() -> int:
    return min(MOST_MEMORY, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4)


def size_of(folder: str) -> int:
    """The bytes on disk of all that lies in a folder."""
    total, folders = 0, [folder]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return total


def descendants(ancestor: int) -> list[Process]:
    """All processes below this one; on Linux alone, elsewhere there is no /proc."""
    children: dict[int, list[Process]] = {}
    for process in _processes():
        children.setdefault(process.parent, []).append(process)
    found = list(children.get(ancestor, []))
    for process in found:  # which grows on the way
        found += children.get(process.number, [])
    return found


def _processes() -> list[Process]:
    page = os.sysconf("SC_PAGE_SIZE")
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything; counted from behind it as in proc(5).
            fields = entry.read_bytes().rpartition(b")")[2].split()
            number, memory = int(entry.parent.name), int(fields[21]) * page
            found.append(Process(number, int(fields[1]), int(fields[17]), memory))
    return found


def _end_everything(child: int) -> None:
    """Kill all descendants, and those that they start meanwhile, until there are none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    end = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < end:
        for process in descendants(os.getpid()):
            _kill(process.number)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
