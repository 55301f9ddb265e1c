"""Parts of a submission without sockets, such as `lines`, are tried in a child process.

The child reports what it observed; the tests alone judge it. It is started with the first request,
serves many tests, and is replaced when it hangs or dies. A test of a graded part sees that part
over the reference's neighbours: each such overlay has a child of its own.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.processes import Deadline, Output, end_group, own_group
from tests.support.submission import environment

MOST_HANGS = 3
GIVEN_SHOWN = 240
_CHILD = Path(__file__).with_name("observing_child.py")


class ObservationError(AssertionError):
    """The part under test raised an exception, hung, or ended the process."""


class Observer:
    """Calls observations in child processes, each with a folder from which its imports come.

    `root_of(part)` says which folder that is, for a graded part or for None.
    """

    def __init__(self, root_of: Callable[[str | None], Path]) -> None:
        self._root_of = root_of
        self._children: dict[str | None, _ObservingProcess] = {}
        self._unreadable: dict[str | None, str] = {}
        self.part: str | None = None
        """The part of which the test that runs now is a test."""
        self.asked: dict[str, str] = {}
        """The last observation of each kind in this test, in words."""

    def observe(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """Run `function` of a module of observations in the child; what it returned."""
        __tracebackhide__ = True
        self.asked[function.__name__] = _in_words(function, arguments)
        return self._child().observe(function, **arguments)

    def _child(self) -> "_ObservingProcess":
        __tracebackhide__ = True
        part = self.part
        if part in self._unreadable:
            raise ObservationError(self._unreadable[part])
        if part not in self._children:
            try:
                self._children[part] = _ObservingProcess(self._root_of(part))
            except ObservationError as error:
                self._unreadable[part] = str(error)
                raise
        return self._children[part]

    def close(self) -> None:
        """End the children."""
        for child in self._children.values():
            child.close()


def _in_words(function: Callable[..., Any], arguments: dict[str, Any]) -> str:
    """An observation's own first line, and what it was given."""
    what, *_ = (function.__doc__ or function.__name__).splitlines()
    given = [f"{name} = {readable(value)!r}" for name, value in arguments.items()]
    return "\n          ".join([f"observed: {what}", *(_shortened(line) for line in given)])


def readable(value: Any) -> Any:
    """Bytes travel as digits: text among them is shown as text."""
    if isinstance(value, list):
        return [readable(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"([2-7][0-9a-f]|0[9ad]){2,}|0[ad]", value):
        return bytes.fromhex(value).decode("ascii", "replace")
    return value


def _shortened(text: str) -> str:
    if len(text) <= GIVEN_SHOWN:
        return text
    half = GIVEN_SHOWN // 2
    return f"{text[:half]} …{len(text) - 2 * half:,} characters… {text[-half:]}"


class _ObservingProcess:
    """The child whose imports come from the folder `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._hangs = 0

    def observe(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """Run `function` of a module of observations in the child; what it returned."""
        __tracebackhide__ = True
        request = {
            "module": function.__module__,
            "function": function.__name__,
            "arguments": arguments,
        }
        answer = self._ask(json.dumps(request).encode() + b"\n")
        if "raised" in answer:
            raise ObservationError(answer["raised"])
        return answer["observed"]

    def _ask(self, request: bytes) -> dict[str, Any]:
        __tracebackhide__ = True
        if self._hangs == MOST_HANGS:
            raise ObservationError(f"not tried: it did not return in {MOST_HANGS} tests before")
        process = self._process or self._start()
        start = len(self._answers)
        assert process.stdin is not None
        process.stdin.write(request)
        found = self._answers.wait_for(
            lambda text: text.endswith("\n") and text, Deadline.default, start
        )
        if found:
            answer: dict[str, Any] = json.loads(found)
            return answer
        words = "it ended the process"
        if not self._answers.ended:
            self._hangs += 1
            words = f"it did not return within {Deadline.default:g} seconds"
        complaints = self._complaints.text()
        self.close()
        raise ObservationError(f"{words}\n{complaints}")

    def _start(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, str(_CHILD), str(self._root)],
            cwd=self._root,
            env=environment(),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            **own_group(),
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._answers = Output(self._process.stdout.fileno())
        self._complaints = Output(self._process.stderr.fileno())
        return self._process

    def close(self) -> None:
        """End the child; the next request starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        end_group(process)
        for output, pipe in (
            (self._answers, process.stdout),
            (self._complaints, process.stderr),
        ):
            if output.wait_for_end(2) and pipe is not None:
                pipe.close()
