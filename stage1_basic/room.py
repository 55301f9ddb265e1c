"""The room: what a chat server does with a line. It knows nothing of sockets.

The engine tells the room what happened (`connected`, `line_received`, `disconnected`, `tick`), and
the room answers through three doors: `client.send`, `client.close` and the engine's few methods.
A verb is a method: `handle_client` makes the verb `CLIENT:` exist, `operator_help` the operator's
command `help`. A later stage adds verbs by adding methods. Engines never call the room twice at a
time.
"""

import inspect
import re
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

from stage1_basic.lines import LineTooLong, clean_text, decode_text, encode_line

VERB = re.compile(rb"[A-Z_]+")
SILENT_INTERVALS = 3  # a client that was silent for so many ping intervals is gone


class Client(Protocol):
    """One connected program, as the room sees it. Each engine has its own class for it."""

    @property
    def address(self) -> str:
        """Where it calls from: `127.0.0.1:50312`, `[::1]:50312`."""

    @property
    def last_sign_of_life(self) -> float:
        """When a byte last came from it, or last left a queue that had to wait for it (seconds,
        monotonic)."""

    @property
    def send(self) -> Callable[[bytes], None]:
        """Queue one line, its newline included. Never blocks, never fails."""

    def close(self, why: str) -> None:
        """Send what is queued, then hang up. `disconnected` follows, but not before this call
        returns."""


class Engine(Protocol):
    """What moves the bytes: the event loop, or two threads a client."""

    def log(self, text: str) -> None:
        """Write one line to the server's log."""

    def stop(self) -> None:
        """Say goodbye to every client and end."""

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have `function` run where the room runs. The one method that any thread may call."""

    def run_in_background(
        self,
        work: Callable[[], Any],
        then: Callable[[Future[Any]], None],
        holds: Any = None,
    ) -> None:
        """Run `work` in another thread, then `then(future)` where the room runs.

        Until then the client `holds` (if any) has to wait: its further lines are neither handled
        nor read.
        """


class Room:
    """Who is connected, and what is said. `ping_interval` is in seconds."""

    def __init__(self, engine: Engine, ping_interval: float = 5.0) -> None:
        self.engine = engine
        self.ping_interval = ping_interval
        self.clients: dict[Client, None] = {}  # a set that keeps its order
        self.answers_pings: set[Client] = set()
        self._next_ping = 0.0
        self._commands = self._find_commands()
        self._verbs, self._words = self._find_verbs()
        self._words |= {b"ping": self._answer_ping, b"pong": self.answers_pings.add}

    # What the engine tells.

    def connected(self, client: Client) -> None:
        """A client has come."""
        self.clients[client] = None
        self.engine.log(f"[+] {self.name_of(client)} connected")
        self.announce_arrival(client)

    # --8<-- [start:line_received]
    def line_received(self, client: Client, line: bytes) -> None:
        """A client has sent a line: `VERB:rest`, a bare word such as `pong`, or text to relay."""
        verb, colon, rest = line.partition(b":")
        if colon and verb in self._verbs:
            self._verbs[verb](client, rest)
        elif line in self._words:
            self._words[line](client)
        elif colon and VERB.fullmatch(verb):
            self.refuse(client, verb.decode(), "this server does not know it")
        else:
            self.handle_client(client, line)

    # --8<-- [end:line_received]

    def line_too_long(self, client: Client, line: LineTooLong) -> None:
        """A client has sent more bytes without a newline than it may."""
        verb, colon, _ = line.beginning.partition(b":")
        subject = f"{verb.decode()}: " if colon and VERB.fullmatch(verb) else ""
        client.send(encode_line(f"ERROR:{subject}line too long, at most {line.limit:,} bytes"))
        client.close("line too long")

    def disconnected(self, client: Client, why: str = "") -> None:
        """A client has gone. `why` is for the log, empty for a plain goodbye."""
        del self.clients[client]
        self.answers_pings.discard(client)
        self.engine.log(f"[-] {self.name_of(client)} disconnected" + (f" ({why})" if why else ""))
        self.announce_departure(client)

    def operator_line(self, text: str) -> None:
        """The operator has typed a line: a command, or text for everyone."""
        text = clean_text(text).strip()
        word, _, rest = text.partition(" ")
        command = self._commands.get(word)
        if command is None or (rest and not takes_text(command)):
            self.operator_say(text)
        elif takes_text(command):
            command(rest.strip())
        else:
            command()

    def tick(self, now: float) -> None:
        """Time has passed: it is `now` (seconds, monotonic). Called several times each ping
        interval."""
        longest_silence = SILENT_INTERVALS * self.ping_interval
        for client in self.answers_pings:
            if now - client.last_sign_of_life > longest_silence:
                client.close(f"no sign of life for {longest_silence:g} s")
        if now >= self._next_ping:
            self._next_ping = now + self.ping_interval
            self.broadcast(b"ping\n")

    def closing(self) -> None:
        """The server is about to end."""
        self.broadcast(encode_line("MESSAGE:System | the server is closing"))

    # What clients can ask for.

    def handle_client(self, client: Client, rest: bytes) -> None:
        """`CLIENT:<text>`: text for everyone else. Blank text is nobody's message."""
        text = decode_text(rest)
        if text and not text.isspace():
            self.relay(self.name_of(client), text, but=client)

    # What the operator can ask for.

    def operator_clients(self) -> None:
        """List who is connected."""
        self.engine.log(f"{len(self.clients)} connected")
        for client in self.clients:
            self.engine.log(f"  {self.describe(client)}")

    def operator_say(self, text: str) -> None:
        """Send TEXT to everyone, even if it looks like a command."""
        if text:
            self.relay("Server", text)

    def operator_help(self) -> None:
        """List these commands."""
        for name, command in self._commands.items():
            usage = " ".join([name, *map(str.upper, inspect.signature(command).parameters)])
            self.engine.log(f"  {usage:<16}{(command.__doc__ or '').splitlines()[0]}")
        self.engine.log("  anything else   Send it to everyone.")

    def operator_quit(self) -> None:
        """Say goodbye to everyone and end the server."""
        self.engine.stop()

    operator_exit = operator_quit

    # What later stages build on, and change.

    def name_of(self, client: Client) -> str:
        """Under which name others see a client. Only the server decides it."""
        return client.address

    def describe(self, client: Client) -> str:
        """A client in the operator's list."""
        return client.address

    def announce_arrival(self, client: Client) -> None:
        """Tell the others that a client has come."""
        self.relay_notice(f"{self.name_of(client)} joined", but=client)

    def announce_departure(self, client: Client) -> None:
        """Tell the others that a client has gone."""
        self.relay_notice(f"{self.name_of(client)} left", but=client)

    # --8<-- [start:broadcast]
    def relay(self, sender: str, text: str, but: Client | None = None) -> None:
        """Send a message to everyone but the one it came from, and log it."""
        self.broadcast(encode_line(f"MESSAGE:{sender} | {text}"), but)
        self.engine.log(f"{sender}: {text}")

    def broadcast(self, line: bytes, but: Client | None = None) -> None:
        """Send one line to every client but one. All share the same bytes."""
        for client in self.clients:
            if client is not but:
                client.send(line)

    # --8<-- [end:broadcast]

    def relay_notice(self, text: str, but: Client | None = None) -> None:
        """Send a notice of the system's to everyone but the one it is about."""
        self.broadcast(encode_line(f"MESSAGE:System | {text}"), but)

    def reply(self, client: Client, text: str) -> None:
        """Send one line to one client."""
        client.send(encode_line(text))

    def refuse(self, client: Client, verb: str, why: str) -> None:
        """Tell a client that what it asked for is not done, and why."""
        self.reply(client, f"ERROR:{verb}: {why}")

    # How commands and verbs are found.

    def _find_commands(self) -> dict[str, Callable[..., None]]:
        names = [name for name in dir(self) if name.startswith("operator_")]
        names.remove("operator_line")
        return {name.removeprefix("operator_"): getattr(self, name) for name in names}

    def _find_verbs(
        self,
    ) -> tuple[dict[bytes, Callable[[Client, bytes], None]], dict[bytes, Callable[[Client], None]]]:
        """Return the verbs, and those that also work without a colon: they take no argument."""
        verbs: dict[bytes, Callable[[Client, bytes], None]] = {}
        words: dict[bytes, Callable[[Client], None]] = {}
        for name in dir(self):
            if name.startswith("handle_"):
                verb, method = name.removeprefix("handle_").upper().encode(), getattr(self, name)
                if takes_text(method, besides=1):
                    verbs[verb] = method
                else:
                    verbs[verb] = partial(without_argument, method)
                    words[verb] = method
        return verbs, words

    def _answer_ping(self, client: Client) -> None:
        client.send(b"pong\n")


def without_argument(method: Callable[[Client], None], client: Client, _rest: bytes) -> None:
    """Call the method of a verb that takes no argument."""
    method(client)


def takes_text(method: Callable[..., None], besides: int = 0) -> bool:
    """Whether a command's method takes text, besides so many other arguments."""
    return len(inspect.signature(method).parameters) > besides
