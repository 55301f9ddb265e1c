"""What a session tells its face: frozen values, put into a queue by whichever thread has the news.

A face (console or window) takes them out on its own thread and shows them; it never sees the wire.
Later stages add events of their own.
"""

from dataclasses import dataclass
from typing import Literal

from stage1_basic.lines import clean_text

Kind = Literal["you", "other", "private", "system", "error", "server"]
"""Whose line it is: the faces give each kind a look of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the conversation."""

    kind: Kind
    sender: str
    text: str


def system_line(text: str) -> Line:
    """A line of the system's."""
    return Line("system", "System", clean_text(text))


def error_line(text: str) -> Line:
    """A line that tells the user what did not work."""
    return Line("error", "Error", clean_text(text))


@dataclass(frozen=True, slots=True)
class Connecting:
    """The session is calling the server at `address`."""

    address: str


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """Nobody answered; `advice` says why, and what to do."""

    advice: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection to `address` stands."""

    address: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection has ended; `why` is empty when the user wished it."""

    why: str


@dataclass(frozen=True, slots=True)
class NicknameAccepted:
    """The server knows the user as `nickname` from now on."""

    nickname: str


@dataclass(frozen=True, slots=True)
class NicknameRefused:
    """The server does not want to know the user as `nickname`; everything stays as it was."""

    nickname: str
    why: str


@dataclass(frozen=True, slots=True)
class OnlineChanged:
    """Who is online now, in the order in which they came."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """The first questions on a connection are answered: who one is, and who else is here."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything was sent and every answer has come: the program can end."""
