"""Programs under measurement: pinned to a processor, watched, and ended by pid whatever happens.

A `Process` is watched through /proc together with the processes that it starts, so a server with
helpers is counted whole: CPU seconds, and the largest resident memory that was seen.
"""

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

if sys.platform != "linux":
    raise SystemExit("the benchmarks read CPU time and memory from /proc: they need Linux")

PROJECT = Path(__file__).resolve().parents[1]
CLOCK_TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
SAMPLE_EVERY = 0.05  # seconds between two looks at a process's memory


class BenchmarkError(Exception):
    """What keeps a benchmark from running, as one readable line."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM unwind the program like Ctrl+C, so that every `with` ends what it started."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        print("interrupted: everything that was started is ended", file=sys.stderr)
        raise SystemExit(130) from None
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _descendants(pid: int) -> list[int]:
    """The process and everything it started that still lives."""
    family = [pid]
    for member in family:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # ended between the two looks
                family += [int(child) for child in task.read_text().split()]
    return family


def _cpu_seconds(pid: int) -> float:
    """User and system time of the process and of its children that have ended."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) * CLOCK_TICK
    return 0.0


def _memory(pid: int, field: str) -> int:
    """A memory figure of /proc/PID/status in bytes; 0 when the process has gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0


class Process:
    """A program under measurement: `with Process([...], cpu=0) as server: …`.

    cpu: the processor (or several) that it and its children may use. prefix: a command to run it
    under, such as `ip netns exec NAME`. Its lines on stdout and stderr are gathered in `lines`.
    """

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        cpu: int | Iterable[int] | None = None,
        prefix: Sequence[str] = (),
        cwd: Path = PROJECT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = [*prefix, *(os.fspath(part) for part in command)]
        self.lines: list[str] = []
        self.peak_rss = 0  # bytes, the largest sum over the process and its children seen so far
        self.returncode: int | None = None
        self.seconds = 0.0  # from start to end, once it has ended
        self.ended_at = 0.0  # time.monotonic() then
        self._cpu_used = 0.0
        self._new_lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        processors = {cpu} if isinstance(cpu, int) else set(cpu or os.sched_getaffinity(0))
        self._started = time.monotonic()
        try:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                preexec_fn=lambda: os.sched_setaffinity(0, processors),
                start_new_session=True,  # Ctrl+C is ours to handle, in order
            )
        except FileNotFoundError:
            raise BenchmarkError(f"the program {self.command[0]} is not installed") from None
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._gather_lines, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def _gather_lines(self) -> None:
        assert self._popen.stdout is not None
        for raw in self._popen.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            self.lines.append(line)
            self._new_lines.put(line)
        self._new_lines.put(None)

    def write_line(self, text: str) -> None:
        """Type a line into the program's stdin."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(text.encode() + b"\n")
        self._popen.stdin.flush()

    def wait_for_line(self, part: str, timeout: float = 10) -> str:
        """The next line of output that contains `part`; BenchmarkError when none comes in time."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                line = self._new_lines.get(timeout=left)
                if line is None:
                    break
                if part in line:
                    return line
        raise BenchmarkError(f"{self._name()} did not say {part!r}; {self._last_words()}")

    def sample(self) -> int:
        """Note the memory in use now; returns the peak so far in bytes (children included)."""
        peaks = sum(_memory(pid, "VmHWM") for pid in _descendants(self.pid))
        self.peak_rss = max(self.peak_rss, peaks)
        return self.peak_rss

    def memory(self) -> int:
        """Resident memory at this moment in bytes, children included."""
        return sum(_memory(pid, "VmRSS") for pid in _descendants(self.pid))

    def reset_peak(self) -> None:
        """Forget the peak so far, so that it counts from here on (needs the process's owner)."""
        self.peak_rss = 0
        for pid in _descendants(self.pid):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def cpu_seconds(self) -> float:
        """CPU time used so far, children included."""
        if self.returncode is None:
            self._cpu_used = sum(_cpu_seconds(pid) for pid in _descendants(self.pid))
        return self._cpu_used

    def poll(self) -> int | None:
        """The exit status if it has ended by itself, else None; takes a sample."""
        if self.returncode is None:
            self.sample()
            pid, status, used = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.ended_at = time.monotonic()
                self.seconds = self.ended_at - self._started
                self._cpu_used = used.ru_utime + used.ru_stime
                self.returncode = self._popen.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for the program's own end, sampling its memory; returns its exit status."""
        deadline = time.monotonic() + timeout
        with contextlib.suppress(ProcessLookupError), _EndOfProcess(self.pid) as exited:
            while self.poll() is None:
                if time.monotonic() > deadline:
                    raise BenchmarkError(f"{self._name()} took over {timeout:.0f} s")
                exited.wait(SAMPLE_EVERY)
        self._reader.join(1)
        return self._popen.returncode

    def must_succeed(self, timeout: float) -> None:
        """Wait, and raise BenchmarkError unless it ends with status 0."""
        if status := self.wait(timeout):
            raise BenchmarkError(f"{self._name()} ended with {status}; {self._last_words()}")

    def end(self, patience: float = 2.0) -> None:
        """SIGTERM, then SIGKILL after `patience` seconds; harmless when it has ended."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.poll() is not None:
                break
            os.kill(self.pid, number)
            with contextlib.suppress(BenchmarkError):
                self.wait(patience)
        self._reader.join(1)
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        if not self._reader.is_alive():  # else a grandchild still holds the pipe open
            self._popen.stdout.close()

    def _name(self) -> str:
        return " ".join(Path(part).name if "/" in part else part for part in self.command[:4])

    def _last_words(self) -> str:
        return "its last words: " + (" / ".join(self.lines[-3:]) or "none")


class _EndOfProcess:
    """Waits for a process's end to the millisecond, without a busy loop (pidfd, Linux 5.3)."""

    def __init__(self, pid: int) -> None:
        self._file = os.pidfd_open(pid)
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def wait(self, seconds: float) -> None:
        self._poll.poll(seconds * 1000)
