"""What can be seen of stage 2's parts without a network; runs in the observing child."""

from collections.abc import Callable
from typing import Any


def parsed(lines: list[str], online: list[str], gone: list[str]) -> list[list[str]]:
    """What `parse` makes of typed lines: the name of each command, and what it carries."""
    from dataclasses import astuple

    from stage2_gui.commands import parse

    commands = [parse(line, online, gone) for line in lines]
    return [[type(command).__name__, *astuple(command)] for command in commands]


class _Client:
    """A client that writes down what the room wants of it."""

    last_sign_of_life = 0.0

    def __init__(self, name: str, seen: list[list[str]]) -> None:
        self.name, self.address, self._seen = name, f"10.0.0.1:{name}", seen

    def send(self, line: bytes) -> None:
        self._seen.append([self.name, line.decode()])

    def close(self, why: str) -> None:
        self._seen.append([self.name, "closed", why])


class _Engine:
    """An engine that moves nothing, and writes down what is logged."""

    def __init__(self, seen: list[list[str]]) -> None:
        self._seen = seen

    def log(self, text: str) -> None:
        self._seen.append(["log", text])

    def stop(self) -> None:
        self._seen.append(["stopped"])

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)


def room(script: list[list[str]]) -> list[list[str]]:
    """Tell a room with nicknames what happens, step by step; everything that it sent and logged.

    Steps: `["comes", CLIENT]`, `["says", CLIENT, LINE]` (LINE in hexadecimal digits),
    `["leaves", CLIENT]`, `["operator", TEXT]`. CLIENT is what the script calls a connection; its
    address is `10.0.0.1:CLIENT`.
    """
    from stage2_gui.room import Room

    seen: list[list[str]] = []
    clients: dict[str, _Client] = {}
    room = Room(_Engine(seen))  # type: ignore[arg-type]

    def comes(name: str) -> None:
        clients[name] = _Client(name, seen)
        room.connected(clients[name])

    does: dict[str, Callable[..., None]] = {
        "comes": comes,
        "says": lambda name, line: room.line_received(clients[name], bytes.fromhex(line)),
        "leaves": lambda name: room.disconnected(clients.pop(name)),
        "operator": room.operator_line,
    }
    for what, *arguments in script:
        does[what](*arguments)
    return seen
