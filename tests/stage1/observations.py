"""What can be seen of stage 1's parts without a network; runs in the observing child.

Bytes travel as hexadecimal digits in the JSON between it and the tests.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lines(
    pieces: list[str], limit: int, longer: Mapping[str, int] | None = None
) -> list[list[str | int]]:
    """Feed pieces to a LineReader: what came out of it for each, and how much it held then."""
    from stage1_basic.lines import LineReader

    longer_limits = {prefix.encode(): size for prefix, size in (longer or {}).items()}
    reader = LineReader(limit, longer_limits)
    seen: list[list[str | int]] = []
    for piece in pieces:
        out = [_line(line) for line in reader.feed(bytes.fromhex(piece))]
        seen.append([*out, reader.pending])
    return seen


def _line(line: Any) -> str:
    if isinstance(line, bytes | bytearray):
        return bytes(line).hex()
    return f"too long: {line.limit} {line.beginning.hex()}"


def cleaned(text: str) -> str:
    """What clean_text makes of a text."""
    from stage1_basic.lines import clean_text

    return clean_text(text)


def decoded(raw: str) -> str:
    """What decode_text makes of bytes."""
    from stage1_basic.lines import decode_text

    return decode_text(bytes.fromhex(raw))


def encoded(text: str) -> str:
    """What encode_line makes of a text."""
    from stage1_basic.lines import encode_line

    return encode_line(text).hex()


class RecordingClient:
    """A client that writes down what the room wants of it."""

    def __init__(self, name: str, seen: list[list[str]]) -> None:
        self.name, self.address, self._seen = name, f"{name}:1", seen
        self.last_sign_of_life = 0.0

    def send(self, line: bytes) -> None:
        self._seen.append([self.name, line.decode()])

    def close(self, why: str) -> None:
        self._seen.append([self.name, "closed", why])


class RecordingEngine:
    """An engine that moves nothing, and writes down what the room wants of it."""

    def __init__(self, seen: list[list[str]]) -> None:
        self._seen = seen

    def log(self, text: str) -> None:
        self._seen.append(["log", text])

    def stop(self) -> None:
        self._seen.append(["stopped"])

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)


def room(script: list[list[Any]], module: str = "stage1_basic.room") -> list[list[str]]:
    """Tell a room what happens, step by step; everything that it sent, closed, logged and stopped.

    Steps: `["comes", NAME]`, `["says", NAME, LINE]`, `["leaves", NAME]`, `["operator", TEXT]`,
    `["tick", NOW]`, `["alive", NAME, NOW]`, `["closing"]`. NAME is what the script calls a
    connection; its address is `NAME:1`. A byte of LINE that is no UTF-8 is a surrogate escape.
    """
    seen: list[list[str]] = []
    clients: dict[str, RecordingClient] = {}
    room = import_module(module).Room(RecordingEngine(seen), 5.0)

    def comes(name: str) -> None:
        clients[name] = RecordingClient(name, seen)
        room.connected(clients[name])

    def alive(name: str, now: float) -> None:
        clients[name].last_sign_of_life = now

    does: dict[str, Callable[..., None]] = {
        "comes": comes,
        "alive": alive,
        "says": lambda name, line: room.line_received(clients[name], _raw(line)),
        "leaves": lambda name: room.disconnected(clients.pop(name)),
        "operator": room.operator_line,
        "tick": room.tick,
        "closing": room.closing,
    }
    for what, *arguments in script:
        does[what](*arguments)
    return seen


def _raw(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")
