"""The chat server's side of the file server: starts its process, tells it of grants and cancels.

A busy packet thread beside the event loop would hold the interpreter's lock, and every chat message
would wait for it; a process of its own has a lock of its own. Orders and reports are JSON lines on
two pipes. When this side of the pipe closes, however the chat server ends, the process ends too.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stage1_basic.command_line import UserError
from stage3_images.pipe_messages import OUT_OF_REACH_OF_CTRL_C

PROGRAM = Path(__file__).with_name("file_server.py")
GRANT_SECONDS = 5.0  # how long the process may take to answer an order
END_SECONDS = 1.0  # how long it may take to end
ENDED = "the file server has ended"

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GrantedFile:
    """The file server holds a file ready: its size in bytes, and which version of it."""

    size: int
    version: str


class NotGrantedError(Exception):
    """The file server cannot send this file; the message says why."""


class PortTakenError(UserError):
    """The file server cannot have its UDP port."""


class FileService:
    """The running process. Raises PortTakenError when its port is not to be had.

    `trace` is the file that packet events are written to, if any.
    """

    def __init__(self, host: str, port: int, congestion: str, trace: Path | None) -> None:
        options = ["--host", host, "--port", str(port), "--congestion", congestion]
        if trace is not None:
            options += ["--trace", str(trace)]
        self._answers: dict[str, Future[GrantedFile]] = {}  # by token, while an order is under way
        self._has_ended = self._is_closed = False
        self._writing = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            **OUT_OF_REACH_OF_CTRL_C,
        )
        first = self._read_report()
        if first is None or first["event"] != "listening":
            self.close()
            raise PortTakenError(first["why"] if first else "The file server has ended at once.")
        self.port: int = first["port"]

    def start(self, on_report: Callable[[Report], None]) -> None:
        """Hand what the process reports (its answers to grants aside) to `on_report`.

        That is called in a thread of its own; the last report is `{"event": "ended"}`.
        """
        threading.Thread(
            target=self._read_reports, args=[on_report], name="file reports", daemon=True
        ).start()

    # --8<-- [start:grant]
    def grant(self, token: str, path: Path, peer: str) -> GrantedFile:
        """Let whoever shows `token` from the IP address `peer` have a file.

        Waits for the process (not for the client). Raises NotGrantedError.
        """
        if self._has_ended:
            raise NotGrantedError(ENDED)
        answer = self._answers[token] = Future()
        self._order(do="grant", token=token, path=str(path.absolute()), peer=peer)
        try:
            return answer.result(GRANT_SECONDS)
        except TimeoutError:
            raise NotGrantedError("the file server does not answer") from None
        finally:
            self._answers.pop(token, None)

    # --8<-- [end:grant]

    def cancel(self, token: str) -> None:
        """End a download, or take back a grant; nothing is reported of it any more."""
        self._order(do="cancel", token=token)

    def close(self) -> None:
        """End the process; its end is not reported."""
        assert self._process.stdin is not None
        with self._writing, suppress(OSError):
            self._is_closed = True
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _order(self, **order: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with self._writing, suppress(OSError):  # it has ended: the last report says so
            if not self._is_closed:
                stdin.write(json.dumps(order) + "\n")
                stdin.flush()

    def _read_report(self) -> Report | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        report: Report | None = json.loads(line) if line else None
        return report

    def _read_reports(self, on_report: Callable[[Report], None]) -> None:
        while report := self._read_report():
            answer = self._answers.pop(report["token"], None)
            if answer is None:
                on_report(report)
            elif report["event"] == "granted":
                answer.set_result(GrantedFile(report["size"], report["version"]))
            else:
                answer.set_exception(NotGrantedError(report["why"]))
        self._has_ended = True
        self._process.wait()
        for answer in list(self._answers.values()):
            answer.set_exception(NotGrantedError(ENDED))
        if not self._is_closed:
            on_report({"event": "ended"})
