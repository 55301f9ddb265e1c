"""From what a person typed to what is to be done: one pure function for console and window.

Strategy: `parse` knows no socket and no screen. It is given the line and the names it may meet (who
is online, who was and has left) and returns one frozen dataclass; the session carries it out. Slash
commands are looked up in a table; then come the short forms; everything else is chat text. Where a
private message has nobody to go to, nothing is sent: it must never become public.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from stage2_gui.nicknames import LONGEST_SPELLING, nickname_key


@dataclass(frozen=True, slots=True)
class SayText:
    """Send `text` to everyone."""

    text: str


@dataclass(frozen=True, slots=True)
class SendPrivate:
    """Send `text` to `nick` alone; `nick` is spelled as its owner spells it."""

    nick: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeNick:
    """Ask the server for the nickname `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOnline:
    """Show who is online."""


@dataclass(frozen=True, slots=True)
class ListImages:
    """Show the images that the server has (stage 3)."""


@dataclass(frozen=True, slots=True)
class SendImage:
    """Send the image file at `path` to everyone (stage 3)."""

    path: str


@dataclass(frozen=True, slots=True)
class RequestImage:
    """Fetch the server's image `name` (stage 3)."""

    name: str


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Show the files that can be downloaded (stage 4)."""


@dataclass(frozen=True, slots=True)
class Download:
    """Download the server's file `name` (stage 4)."""

    name: str


@dataclass(frozen=True, slots=True)
class Help:
    """Show what can be typed."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the chat and the program."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A blank line: nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is sent, and the person is told `why`."""

    why: str


Command = (
    SayText
    | SendPrivate
    | ChangeNick
    | ListOnline
    | ListImages
    | SendImage
    | RequestImage
    | ListFiles
    | Download
    | Help
    | Quit
    | Nothing
    | Refused
)

# What follows is looked up with the whole line, in small letters: `Online now?` is chat.
WORDS: dict[str, Callable[[], Command]] = {"online": ListOnline, "files": ListFiles, "exit": Quit}

SLASH_WORDS: dict[str, Callable[[], Command]] = {
    "online": ListOnline,
    "images": ListImages,
    "files": ListFiles,
    "help": Help,
    "quit": Quit,
    "exit": Quit,
}

# Slash commands with one argument: how it is called in the advice, and what it makes.
SLASH_WITH_ARGUMENT: dict[str, tuple[str, Callable[[str], Command]]] = {
    "nick": ("NAME", ChangeNick),
    "image": ("FILE", lambda path: SendImage(_without_quotes(path))),
    "request": ("NAME", RequestImage),
    "download": ("NAME", Download),
}


# --8<-- [start:parse]
def parse(typed: str, online: Collection[str], gone: Collection[str]) -> Command:
    """Return what the line `typed` asks for.

    `online` are the nicknames that are here now, `gone` those that were here and have left.
    """
    line = typed.strip()
    if not line:
        return Nothing()
    if line.startswith("//"):
        return SayText(line[1:])
    if line.startswith("/"):
        return _parse_slash(line, online, gone)
    if line in WORDS:
        return WORDS[line]()
    return _parse_comma(line, online, gone) or SayText(typed)


# --8<-- [end:parse]


def _parse_slash(line: str, online: Collection[str], gone: Collection[str]) -> Command:
    word, rest = (*line[1:].split(maxsplit=1), "", "")[:2]
    command = word.lower()
    if command == "msg":
        return _parse_msg(rest, _People(online, gone))
    if command in SLASH_WITH_ARGUMENT:
        placeholder, make = SLASH_WITH_ARGUMENT[command]
        return make(rest) if rest else Refused(f"/{command} needs more: /{command} {placeholder}")
    if command in SLASH_WORDS and not rest:
        return SLASH_WORDS[command]()
    if command in SLASH_WORDS:
        return Refused(f"/{command} stands alone on its line")
    return Refused(f"/{word} is no command: /help lists them (to send this as text, begin with //)")


def _parse_msg(rest: str, people: "_People") -> Command:
    """Read `NICK TEXT`, where NICK may have blanks: the longest name that fits is meant.

    Names that have left take part, so that `/msg Ann Lee hello` is never told to Ann when it was
    written to Ann Lee, who has just gone.
    """
    if not rest:
        return Refused("/msg needs more: /msg NICK TEXT")
    for name, text in _splits_longest_first(rest):
        command = people.private(name, text)
        if command is not None:
            return command
    nick = rest.split()[0]
    return Refused(f"nobody named '{nick}' is online, nothing was sent (/online lists who is)")


def _parse_comma(line: str, online: Collection[str], gone: Collection[str]) -> Command | None:
    """Read `download,NAME`, `broadcast,TEXT` and `NICK,TEXT`; other commas are just text."""
    word, comma, rest = line.partition(",")
    rest = rest.strip()
    if not comma:
        return None
    if word == "download":
        return Download(rest) if rest else Refused("download, needs more: download,NAME")
    if word == "broadcast":
        return SayText(rest) if rest else Refused("broadcast, needs more: broadcast,TEXT")
    return _People(online, gone).private(word, rest)


def _splits_longest_first(rest: str) -> Iterator[tuple[str, str]]:
    """Yield each way to cut `rest` at blanks into a name and a text, the longest name first."""
    blanks = re.finditer(r"\s+|$", rest)
    cuts = [(blank.start(), blank.end()) for blank in blanks if blank.start() <= LONGEST_SPELLING]
    for start, end in reversed(cuts):
        yield " ".join(rest[:start].split()), rest[end:]


class _People:
    """Finds who is meant by a name, however it is spelled."""

    def __init__(self, online: Collection[str], gone: Collection[str]) -> None:
        self._online = {nickname_key(nick): nick for nick in online}
        self._gone = {nickname_key(nick): nick for nick in gone}

    def private(self, name: str, text: str) -> SendPrivate | Refused | None:
        """What to do with `text` for `name`; None when nobody of that name was ever here."""
        key = nickname_key(name)
        if key in self._online:
            nick = self._online[key]
            return SendPrivate(nick, text) if text else Refused(f"there is no text for {nick}")
        if key in self._gone:
            nick = self._gone[key]
            return Refused(
                f"{nick} is no longer online, nothing was sent (broadcast,TEXT is for everyone)"
            )
        return None


def _without_quotes(path: str) -> str:
    """Drop the quotes that terminals put around a file dragged onto them."""
    if len(path) >= 2 and path[0] == path[-1] and path[0] in "'\"":
        return path[1:-1]
    return path
