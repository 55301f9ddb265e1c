"""Who one is, and who else is here: asked of the server, and heard from it.

Strategy: a newcomer asks for its nickname, then for the list of who is online. From then on one
short line for each who comes, goes or changes names keeps that list right.
"""

from collections.abc import Callable
from typing import Any

from stage1_basic.lines import decode_text
from stage2_gui.answers import UNKNOWN_VERB, ListRequests
from stage2_gui.events import (
    NicknameAccepted,
    NicknameRefused,
    OnlineChanged,
    Settled,
    error_line,
    system_line,
)
from stage2_gui.own_nickname import OwnNickname
from stage2_gui.people import People, names_in_list


class Presence:
    """The session's part for the verbs about people. `send` sends a line to the server."""

    def __init__(self, put_event: Callable[[Any], None], send: Callable[[str], None]) -> None:
        self.people = People()
        self.own_nickname = OwnNickname(lambda name: send(f"NICK:{name}"))
        self.list_requests = ListRequests(lambda: send("ONLINE:"))
        self._put_event = put_event
        self._wanted: str | None = None  # the nickname to join with
        self._settled = False

    def begin(self, wanted: str | None) -> None:
        """There will be a connection, on which one would like to be called `wanted`."""
        self._wanted = wanted
        self._settled = False
        self.list_requests.forget()

    def greet(self) -> None:
        """Ask for the nickname, and without one who is here."""
        if self._wanted:
            self.own_nickname.claim(self._wanted)
        else:
            self.list_requests.ask(for_user=False)

    def connection_ended(self) -> None:
        """Nobody is here any more, and one has no name."""
        self.own_nickname.connection_ended()
        self.people.replace(())
        self._put_event(OnlineChanged(()))

    # What the server says. A verb is a method.

    def received_joined(self, rest: bytes) -> None:
        """`JOINED:<name>`."""
        name = decode_text(rest)
        self.people.joined(name)
        self._online_changed(f"{name} joined")

    def received_left(self, rest: bytes) -> None:
        """`LEFT:<name>`."""
        name = decode_text(rest)
        self.people.left(name)
        self._online_changed(f"{name} left")

    def received_renamed(self, rest: bytes) -> None:
        """`RENAMED:<old>|<new>`."""
        old_name, _, new_name = decode_text(rest).partition("|")
        self.people.renamed(old_name, new_name)
        self._online_changed(f"{old_name} is now {new_name}")

    def received_online_list(self, rest: bytes) -> None:
        """`ONLINE_LIST:<json array of names>`."""
        self.people.replace(names_in_list(decode_text(rest)))
        names = self.people.online
        self._put_event(OnlineChanged(names))
        if self.list_requests.answered():
            who = ", ".join(names) or "nobody has a nickname"
            self._put_event(system_line(f"{len(names)} online: {who}"))
        self._settle()

    def refused_online(self, why: str) -> None:
        """There is no list."""
        if self.list_requests.answered():
            text = "this server keeps no list of who is online" if why == UNKNOWN_VERB else why
            self._put_event(error_line(text))
        self._settle()

    def received_nick_ok(self, rest: bytes) -> None:
        """`NICK_OK:<name>`: from now on one is known by that name."""
        nickname = decode_text(rest)
        self.own_nickname.accepted(nickname)
        self._put_event(NicknameAccepted(nickname))
        self.list_requests.ask(for_user=False)

    def refused_nick(self, why: str) -> None:
        """The nickname is not ours, perhaps because our lost connection still has it."""
        nickname = self.own_nickname.refused()
        if why == UNKNOWN_VERB:
            text = "this server knows no nicknames: others see your address"
            self._put_event(system_line(text))
        elif self.own_nickname.can_try_again(nickname):
            if self.own_nickname.try_again_later(nickname):
                text = f"your lost connection still holds '{nickname}', waiting for it"
                self._put_event(system_line(text))
            return
        else:
            self._put_event(NicknameRefused(nickname, why))
        if not self._settled:
            self.list_requests.ask(for_user=False)

    def _online_changed(self, news: str) -> None:
        self._put_event(OnlineChanged(self.people.online))
        self._put_event(system_line(news))

    def _settle(self) -> None:
        if not self._settled:
            self._settled = True
            self._put_event(Settled())
