"""Programs of the submission, running: typed to, watched, and always ended.

What a program prints is collected by threads, so it never blocks on a full pipe, and a test waits
for words on a condition, not by sleeping. Each program gets a process group of its own, which is
ended with it.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.support.report import MismatchError, Transcript
from tests.support.submission import environment

KEPT_OUTPUT = 64 * 1024 * 1024
MOST_CROWDING = 4.0
FULL_WAITS = 3  # failures of a run, after which a test waits less long
SHORT_WAIT = 0.4  # of the full time; what is right answers within a small part of it
LAST_WORDS = 0.5  # seconds for a program that hangs up to say why


class Deadline:
    """How long a test waits, in seconds, for what must come; it returns at once when it came."""

    default = 10.0

    @classmethod
    def adapt(cls, seconds: float, failures: int) -> None:
        """Wait so long where the computer has little else to do, and longer where it has; less
        long once much was waited for in vain: a program that hangs does so in many tests."""
        patience = 1.0 if failures < FULL_WAITS else SHORT_WAIT
        cls.default = seconds * patience * crowding()


def crowding() -> float:
    """How many processes want a core for each core there is, over the last minute: at least 1, at
    most MOST_CROWDING."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows knows no such number
        return 1.0
    return min(max(load / (os.cpu_count() or 1), 1.0), MOST_CROWDING)


class Output:
    """What a program has printed so far on one stream; at most `KEPT_OUTPUT` bytes are kept."""

    def __init__(self, file_descriptor: int, reads_on: bool = True) -> None:
        self._file_descriptor = file_descriptor
        self._data = bytearray()
        self._changed = threading.Condition()
        self._go_on = threading.Event()
        self.ended = False
        if reads_on:
            self._go_on.set()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self) -> None:
        while chunk := self._read():
            with self._changed:
                if len(self._data) < KEPT_OUTPUT:
                    self._data += chunk
                self._changed.notify_all()
            if b"\n" in chunk:
                self._go_on.wait()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _read(self) -> bytes:
        try:
            return os.read(self._file_descriptor, 65_536)
        except OSError:  # a pseudo-terminal ends with EIO
            return b""

    def read_on(self) -> None:
        """Go on reading, where it was stopped after the first line."""
        self._go_on.set()

    def text(self, start: int = 0) -> str:
        """Everything printed since byte `start`."""
        with self._changed:
            return self._data[start:].decode("utf-8", "backslashreplace")

    def __len__(self) -> int:
        with self._changed:
            return len(self._data)

    def wait_for(self, found: Callable[[str], Any], seconds: float, start: int = 0) -> Any:
        """Wait until `found(text)` gives something; its result, or None after time or the end.

        Meanwhile what comes is collected on: to look through much text takes long.
        """
        end = time.monotonic() + seconds
        while True:
            with self._changed:
                data, length, ended = bytes(self._data[start:]), len(self._data), self.ended
            if result := found(data.decode("utf-8", "backslashreplace")):
                return result
            if ended or not self._wait_for_more(length, end):
                return None

    def _wait_for_more(self, length: int, end: float) -> bool:
        """Wait until more has come than `length`, or the end of the stream; False after time."""
        remaining = end - time.monotonic()  # a program may print for ever
        with self._changed:
            return remaining > 0 and self._changed.wait_for(
                lambda: self.ended or len(self._data) != length, remaining
            )

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until the program has closed this stream."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, seconds)


class Program:
    """A running program with pipes on its standard streams."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        name: str,
        transcript: Transcript,
        env: Mapping[str, str] | None = None,
        reads_output: bool = True,
    ) -> None:
        self.name, self.command, self._transcript = name, list(command), transcript
        self._output_start = self._errors_start = 0
        self._start(cwd, dict(env or environment()), reads_output)
        self.follow(transcript)
        transcript.note(name, "started: " + " ".join(self.command[1:]))

    def _start(self, cwd: Path, env: dict[str, str], reads_output: bool) -> None:
        pipe = subprocess.PIPE
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            self.command,
            cwd=cwd,
            env=env,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            **own_group(),
        )
        self.output = Output(_descriptor(self.process.stdout), reads_output)
        self.errors = Output(_descriptor(self.process.stderr))

    def mark(self) -> None:
        """Forget what was printed until now: `printed` and `complaints` begin here."""
        self._output_start = len(self.output)
        self._errors_start = 0 if self.errors is self.output else len(self.errors)

    def follow(self, transcript: Transcript) -> None:
        """Let this test's failures show what the program prints from now on."""
        self._transcript = transcript
        transcript.last_words.append(self._wait_for_last_words)
        transcript.printed[f"{self.name} (stdout)"] = self.printed
        if self.errors is not self.output:
            transcript.printed[f"{self.name} (stderr)"] = self.complaints

    def _wait_for_last_words(self) -> None:
        self.errors.wait_for(lambda text: "Error" in text, LAST_WORDS)

    def printed(self) -> str:
        """What it printed on stdout since the last mark."""
        return self.output.text(self._output_start)

    def complaints(self) -> str:
        """What it printed on stderr since the last mark."""
        return self.errors.text(self._errors_start)

    def type(self, text: str | bytes) -> None:
        """Type into the program: the text goes to its standard input as it is."""
        data = text.encode() if isinstance(text, str) else text
        self._transcript.sent(f"to {self.name}", data)
        self._write(data)

    def _write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        view = memoryview(data)
        with contextlib.suppress(BrokenPipeError):
            while view:
                view = view[self.process.stdin.write(view) :]

    def close_input(self) -> None:
        """End its standard input, as Ctrl+D or the end of a pipe does."""
        self._transcript.note(self.name, "its standard input ends")
        assert self.process.stdin is not None
        self.process.stdin.close()

    def expect_output(
        self, pattern: str, *, stream: str = "output", what: str = ""
    ) -> re.Match[str]:
        """Wait until the regular expression `pattern`, in words `what`, is found in its output."""
        __tracebackhide__ = True
        output: Output = getattr(self, stream)
        start = self._output_start if stream == "output" else self._errors_start
        search = re.compile(pattern, re.MULTILINE).search
        match: re.Match[str] | None = output.wait_for(search, Deadline.default, start)
        if match is None:
            expected = what or f"{self.name} prints {pattern!r}"
            raise self.mismatch(expected, self._arrived(output))
        return match

    def _arrived(self, output: Output) -> str:
        if not output.ended:
            return f"nothing like it within {Deadline.default:g} seconds"
        return f"the program ended (exit code {self.process.wait(Deadline.default)}) without it"

    def expect_exit(self, code: int | None = None) -> int:
        """Wait for its end; with `code`, its exit code must be that."""
        __tracebackhide__ = True
        wanted = "ends" if code is None else f"ends with exit code {code}"
        try:
            actual = self.process.wait(Deadline.default)
        except subprocess.TimeoutExpired:
            arrived = f"it still runs after {Deadline.default:g} seconds"
            raise self.mismatch(f"{self.name} {wanted}", arrived) from None
        self.output.read_on()
        self.output.wait_for_end(Deadline.default)
        self.errors.wait_for_end(Deadline.default)
        self._transcript.note(self.name, f"ended with exit code {actual}")
        if code is not None and actual != code:
            raise self.mismatch(f"{self.name} {wanted}", f"exit code {actual}")
        return actual

    def expect_no_traceback(self) -> None:
        """Nothing like a Python traceback was printed since the last mark."""
        __tracebackhide__ = True
        for text in (self.complaints(), self.printed()):
            if "Traceback (most recent call last)" in text:
                raise self.mismatch(f"no traceback from {self.name}", "a traceback, see above")

    def mismatch(self, expected: str, arrived: str) -> MismatchError:
        """A failure of this program, with everything that happened in the test."""
        return MismatchError(expected, arrived, self._transcript)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send it a signal, as Ctrl+C or `kill` does."""
        self._transcript.note(self.name, f"is sent {number.name}")
        self.process.send_signal(number)

    def end(self) -> None:
        """End it and everything it started, whatever state it is in. Never fails."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        end_group(self.process)
        self.output.read_on()
        self._close()

    def kill(self) -> None:
        """End it as a power cut would: no goodbye, nothing flushed."""
        self._transcript.note(self.name, "is killed")
        self.process.kill()
        self.process.wait(Deadline.default)

    def _close(self) -> None:
        self.output.wait_for_end(2)
        self.errors.wait_for_end(2)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def own_group() -> dict[str, Any]:
    """The arguments of Popen that put a program into a process group of its own."""
    if os.name == "nt":
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the group that `process` leads."""
    if os.name == "nt":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _descriptor(pipe: "IO[bytes] | None") -> int:
    assert pipe is not None
    return pipe.fileno()
