"""The client without a face: the connection, what the user wants of it, and what the server says.

Strategy: everything that happens is put into the face's queue as an event (`events`), by whichever
thread learned of it; the face, on its own thread, calls methods such as `typed` and `connect`, and
none of them waits for the network. A verb is a method: `received_message` handles `MESSAGE:`,
`refused_private` handles `ERROR:PRIVATE:`. Those about people are in `presence`; a verb without a
method is of a later stage, and ignored.
"""

import re
from collections.abc import Callable
from typing import Any

from stage1_basic.addresses import format_address
from stage1_basic.lines import LINE_LIMIT, clean_text, decode_text, encode_line
from stage2_gui import commands
from stage2_gui.events import (
    Connected,
    ConnectFailed,
    Connecting,
    Disconnected,
    Finished,
    Kind,
    Line,
    NicknameRefused,
    error_line,
)
from stage2_gui.link import Link
from stage2_gui.nicknames import NicknameError, check_nickname
from stage2_gui.presence import Presence

VERB = re.compile("[A-Z_]+")
KINDS: dict[str, Kind] = {"System": "system", "Server": "server"}


class Session:
    """What a user of the chat has, whether in a console or in a window.

    `put_event` takes the events, from any thread. `start_server` is the command that starts a
    server, for the advice when there is none.
    """

    stage = 2

    def __init__(self, put_event: Callable[[Any], None], start_server: str) -> None:
        self.put_event = put_event
        self.link = Link(self, start_server)
        self.presence = Presence(put_event, self._send)
        self.people = self.presence.people
        self._finishing = False

    @property
    def nickname(self) -> str | None:
        """The user's nickname, once the server has accepted it."""
        return self.presence.own_nickname.current

    # The connection.

    def connect(self, host: str, port: int, nickname: str | None = None) -> None:
        """Begin to connect, and to join as `nickname`; events tell what becomes of it."""
        self.disconnect()
        self.presence.begin(nickname)
        self.put_event(Connecting(format_address((host, port))))
        self.link.connect(host, port)

    def disconnect(self) -> None:
        """Leave the server, and stay in the program."""
        if self.link.hang_up():
            self._forget()
            self.put_event(Disconnected(""))

    def finish(self) -> None:
        """Send what is queued, await the answers, then put `Finished`."""
        self._finishing = True
        if not self.link.finish():
            self.put_event(Finished())

    def _forget(self) -> None:
        self.presence.connection_ended()

    # What the link tells, on its threads.

    def connected(self, address: str) -> None:
        """The connection stands."""
        self.put_event(Connected(address))

    def connect_failed(self, advice: str) -> None:
        """It could not be made."""
        self.put_event(ConnectFailed(advice))

    def connection_lost(self, why: str) -> None:
        """The server is gone, or the way to it; or that is what we have been waiting for."""
        self._forget()
        self.put_event(Finished() if self._finishing else Disconnected(why))

    def greet(self) -> None:
        """What is asked for on connecting. Later stages ask for more."""
        self.presence.greet()

    def line_received(self, line: bytes) -> None:
        """Give a line of the server's to the method for its verb."""
        verb, _, rest = line.partition(b":")
        method = self._method("received", verb.decode("ascii", "replace"))
        if method is not None:
            method(rest)

    def send_progress(self, sent: int, total: int) -> None:
        """So many bytes of a long line have gone. Stage 3 shows it."""

    def _method(self, prefix: str, verb: str) -> Callable[[Any], None] | None:
        if not VERB.fullmatch(verb):
            return None
        name = f"{prefix}_{verb.lower()}"
        return getattr(self, name, None) or getattr(self.presence, name, None)

    # What a user can do. The face calls these.

    def typed(self, text: str) -> commands.Command:
        """Do what a typed line asks for; return what that was."""
        command = commands.parse(text, self.people.online, self.people.gone)
        self.handle(command)
        return command

    def handle(self, command: commands.Command) -> None:
        """Carry out one command. `Quit` is the face's business: it calls `finish`."""
        match command:
            case commands.SayText(text):
                self.say(text)
            case commands.SendPrivate(nick, text):
                self.private(nick, text)
            case commands.ChangeNick(name):
                self.change_nick(name)
            case commands.ListOnline():
                self.list_online()
            case commands.ListImages():
                self.list_images()
            case commands.SendImage(path):
                self.send_image(path)
            case commands.RequestImage(name):
                self.request_image(name)
            case commands.ListFiles():
                self.list_files()
            case commands.Download(name):
                self.download(name)
            case commands.Help():
                self.show_help()
            case commands.Refused(why):
                self.show_error(why)

    def say(self, text: str) -> None:
        """Send text to everyone."""
        if self.send_line(f"CLIENT:{text}"):
            self.show("you", "You", text)

    def private(self, nick: str, text: str) -> None:
        """Send text to one reader."""
        if self.send_line(f"PRIVATE:{nick}|{text}"):
            self.show("private", f"You > {nick}", text)

    def change_nick(self, name: str) -> None:
        """Ask for a nickname, if it can be one at all."""
        try:
            nickname = check_nickname(clean_text(name))
        except NicknameError as error:
            self.put_event(NicknameRefused(name, str(error)))
            return
        if self._connected_or_told():
            self.presence.own_nickname.claim(nickname)

    def list_online(self) -> None:
        """Ask who is online, and show the answer in the conversation."""
        if self._connected_or_told():
            self.presence.list_requests.ask(for_user=True)

    def list_images(self) -> None:
        """Show the server's images."""
        self._begins_later("Images begin with stage 3")

    def send_image(self, path: str) -> None:  # noqa: ARG002 - stage 3 does
        """Send an image to everyone."""
        self.list_images()

    def request_image(self, name: str) -> None:  # noqa: ARG002
        """Fetch an image from the server."""
        self.list_images()

    def list_files(self) -> None:
        """Show the server's files."""
        self._begins_later("Downloads begin with stage 4")

    def download(self, name: str) -> None:  # noqa: ARG002 - stage 4 does
        """Download a file."""
        self.list_files()

    def show_help(self) -> None:
        """Show what can be typed."""
        for usage, meaning in self.help_lines():
            self.show("system", "Help", f"{usage:<20}{meaning}")

    def help_lines(self) -> list[tuple[str, str]]:
        """What can be typed, and what it does."""
        return [
            ("TEXT", "say it to everyone"),
            ("/msg NICK TEXT", "say it to one reader only (also: NICK,TEXT)"),
            ("/nick NAME", "take a nickname, or change it"),
            ("/online", "who is here (also: online)"),
            ("/help", "this list"),
            ("/quit", "leave (also: exit)"),
        ]

    def _begins_later(self, what: str) -> None:
        self.show_error(f"{what}: this is the client of stage {self.stage}")

    # What a session says, to the server and to its face.

    def send_line(self, text: str) -> bool:
        """Queue a line for the server; if that is impossible, tell the user and return False."""
        line = encode_line(text)
        if len(line) - 1 > LINE_LIMIT:
            self.show_error(f"too long, nothing was sent: {LINE_LIMIT:,} bytes are the most")
            return False
        if not self._connected_or_told():
            return False
        return self.link.send(line)

    def show(self, kind: Kind, sender: str, text: str) -> None:
        """Put a line into the conversation."""
        self.put_event(Line(kind, sender, clean_text(text)))

    def show_error(self, text: str) -> None:
        """Tell the user what did not work."""
        self.put_event(error_line(text))

    def _connected_or_told(self) -> bool:
        if not self.link.is_up:
            self.show_error("not connected, nothing was sent")
        return self.link.is_up

    def _send(self, text: str) -> None:
        self.link.send(encode_line(text))

    # What the server says. A verb is a method.

    def received_message(self, rest: bytes) -> None:
        """`MESSAGE:<sender> | <text>`; other shapes are messages of a later stage."""
        sender, separator, text = decode_text(rest).partition(" | ")
        if separator:
            self.show(KINDS.get(sender, "other"), sender, text)

    def received_private(self, rest: bytes) -> None:
        """`PRIVATE:<from> | <text>`: no nickname has a `>`, so nobody can fake this sender."""
        sender, _, text = decode_text(rest).partition(" | ")
        self.show("private", f"{sender} > You", text)

    def received_error(self, rest: bytes) -> None:
        """`ERROR:<VERB>: <why>` answers a request; `ERROR:<text>` belongs to none."""
        text = decode_text(rest)
        verb, _, why = text.partition(": ")
        method = self._method("refused", verb)
        if method is not None:
            method(why)
        else:
            self.show_error(text)

    def refused_private(self, why: str) -> None:
        """The private message has reached nobody."""
        self.show_error(f"not sent: {why}")


MakeSession = Callable[[Callable[[Any], None]], Session]
"""Makes the session of a face, which says where the events are to be put."""
