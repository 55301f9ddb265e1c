"""The session's face on a console, for keyboards and for pipes.

Strategy: the session's events and the typed lines come into one queue, and the main thread takes
them out: everything happens in one place, in one order. What is typed before the session knows who
is online waits, since only then `Bob,hello` can be told from ordinary text.
"""

import queue
import time
from contextlib import suppress
from typing import Any

from stage1_basic.command_line import fail
from stage1_basic.terminal import Terminal
from stage2_gui.commands import Quit, SayText, SendPrivate
from stage2_gui.events import (
    Connected,
    ConnectFailed,
    Disconnected,
    Finished,
    Line,
    NicknameAccepted,
    NicknameRefused,
    Settled,
)
from stage2_gui.nicknames import NicknameError, check_nickname
from stage2_gui.session import MakeSession

POLL = 0.5  # seconds; on Windows a wait without an end would not hear Ctrl+C
SETTLE_SECONDS = 3.0  # how long a strange server may take to say who is online
FINISH_SECONDS = 10.0  # how long the server may be silent after we have said our last word


class EndOfInput:
    """There is no more input: the end of the pipe, or Ctrl+D."""


class ConsoleFace:
    """One conversation on the console. `make_session` is given where to put the events."""

    def __init__(self, terminal: Terminal, make_session: MakeSession) -> None:
        self.terminal = terminal
        self.exit_code: int | None = None
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.session = make_session(self._events.put)
        self._early: list[str | EndOfInput] = []  # typed before the session was ready
        self._ready = False
        self._ready_by: float | None = None
        self._leaving = False

    # --8<-- [start:run]
    def run(self, host: str, port: int, nickname: str | None) -> int:
        """Talk until one side leaves; the exit code."""
        try:
            if nickname is None and self.terminal.interactive:
                nickname = self.ask_nickname()
            self.session.connect(host, port, nickname)
            self.terminal.read_lines(self._events.put, end=lambda: self._events.put(EndOfInput()))
            while self.exit_code is None:
                self.handle(self._next_event())
        except (KeyboardInterrupt, EOFError):
            self.exit_code = 0
        self.session.disconnect()
        return self.exit_code or 0

    # --8<-- [end:run]

    def ask_nickname(self) -> str:
        """Ask until a possible nickname is given. Raises EOFError when the user leaves."""
        while True:
            try:
                return check_nickname(self.terminal.ask("Nickname: "))
            except NicknameError as error:
                print(f"No: {error}.")

    def handle(self, event: Any) -> None:
        """Show one event, or do what was typed. Later stages handle theirs first."""
        match event:
            case str() | EndOfInput():
                self._typed(event)
            case Line(_, sender, text):
                self.show(sender, text)
            case Connected(address):
                self._ready_by = time.monotonic() + SETTLE_SECONDS
                self.show("System", f"connected to {address}")
            case Settled():
                self._become_ready()
            case NicknameAccepted(nickname):
                self.show("System", f"you are {nickname}")
            case NicknameRefused(_, why):
                self.show("Error", f"{why} (/nick NAME takes another)")
            case ConnectFailed(advice):
                self._fail(advice)
            case Disconnected(why) if why:
                self._fail(f"Connection lost: {why}.")
            case Finished():
                self.exit_code = 0

    def show(self, sender: str, text: str) -> None:
        """One line of the conversation."""
        self.terminal.show(f"[{time.strftime('%H:%M:%S')}] {sender}: {text}")

    def _typed(self, typed: str | EndOfInput) -> None:
        if not self._ready:
            self._early.append(typed)
        elif isinstance(typed, EndOfInput):
            self._leave()
        else:
            match self.session.typed(typed):
                case SayText() | SendPrivate():
                    self.terminal.erase_typed_line(typed)  # it comes again as `You: …`
                case Quit():
                    self._leave()

    def _become_ready(self) -> None:
        self._ready, early, self._early = True, self._early, []
        for typed in early:
            self._typed(typed)

    def _leave(self) -> None:
        """Say no more, and wait for what the server still has to say."""
        self._leaving = True
        self.session.finish()

    def _fail(self, message: str) -> None:
        self.terminal.close()
        self.exit_code = fail(message)

    def _next_event(self) -> Any:
        give_up = time.monotonic() + FINISH_SECONDS
        while not self._leaving or time.monotonic() < give_up:
            if not self._ready and self._ready_by and time.monotonic() > self._ready_by:
                return Settled()
            with suppress(queue.Empty):
                return self._events.get(timeout=POLL)
        return Finished()
