"""The room with names: who is who, who is online, and messages for one reader only.

Strategy: a client has no name until its `NICK:` was accepted; then two tables know it, one from the
client to its name, one from the name's key to the client. Both change in the same method call, and
engines never call the room twice at a time: between check and claim nobody can slip in. A join is
announced with one short line to everyone (O(N)); only the newcomer asks for the whole list.
"""

import json

from stage1_basic.lines import decode_text, encode_line
from stage1_basic.room import Client, Engine
from stage1_basic.room import Room as NamelessRoom
from stage2_gui.nicknames import LONGEST_SPELLING, NicknameError, check_nickname, nickname_key


class Room(NamelessRoom):
    """Stage 1's room, whose clients can have nicknames."""

    def __init__(self, engine: Engine, ping_interval: float = 5.0) -> None:
        super().__init__(engine, ping_interval)
        self.nicknames: dict[Client, str] = {}
        self.owners: dict[str, Client] = {}  # by nickname_key: two spellings are one name
        # The answer to ONLINE:, until somebody comes or goes.
        self._online_list: bytes | None = None

    def disconnected(self, client: Client, why: str = "") -> None:
        """A client has gone: from this moment its nickname is free."""
        super().disconnected(client, why)
        nickname = self.nicknames.pop(client, None)
        if nickname is not None:
            del self.owners[nickname_key(nickname)]
            self._online_list = None

    # What clients can ask for.

    # --8<-- [start:nick]
    def handle_nick(self, client: Client, rest: bytes) -> None:
        """`NICK:<name>`: claim a name, or change it. A refused one leaves everything as it was."""
        try:
            nickname = check_nickname(decode_text(rest))
        except NicknameError as error:
            self.refuse(client, "NICK", str(error))
            return
        if self.owners.get(nickname_key(nickname), client) is not client:
            self.refuse(client, "NICK", f"'{nickname}' is taken, choose another")
            return
        old_name, known = self.name_of(client), client in self.nicknames
        self._take(client, nickname)
        self.reply(client, f"NICK_OK:{nickname}")
        if nickname != old_name:
            self.engine.log(f"{old_name} is now {nickname}")
            news = f"RENAMED:{old_name}|{nickname}" if known else f"JOINED:{nickname}"
            self.broadcast(encode_line(news), but=client)

    # --8<-- [end:nick]

    def handle_online(self, client: Client) -> None:
        """`ONLINE:`: all nicknames, in the order in which they came."""
        if self._online_list is None:
            names = json.dumps(list(self.nicknames.values()), ensure_ascii=False)
            self._online_list = encode_line(f"ONLINE_LIST:{names}")
        client.send(self._online_list)

    # --8<-- [start:private]
    def handle_private(self, client: Client, rest: bytes) -> None:
        """`PRIVATE:<nick>|<text>`: for that one reader. If there is none, nobody else gets it."""
        wanted, _, text = decode_text(rest).partition("|")
        reader = self._find(wanted)
        if not text.strip():
            self.refuse(client, "PRIVATE", "write PRIVATE:nickname|text")
        elif reader is None:
            self.refuse(client, "PRIVATE", f"nobody named '{wanted.strip()[:40]}' is online")
        else:
            self.engine.log(f"{self.name_of(client)} to {self.name_of(reader)}: (private)")
            self.reply(reader, f"PRIVATE:{self.name_of(client)} | {text}")

    # --8<-- [end:private]

    # How the room of stage 1 speaks of its clients, with names.

    def name_of(self, client: Client) -> str:
        """The nickname; without one, the address."""
        return self.nicknames.get(client) or super().name_of(client)

    def describe(self, client: Client) -> str:
        """A client in the operator's list: its nickname beside its address."""
        nickname = self.nicknames.get(client, "(no nickname)")
        return f"{client.address:<22}{nickname}"

    def announce_arrival(self, client: Client) -> None:
        """Nothing is said yet: who has no nickname is not announced."""

    def announce_departure(self, client: Client) -> None:
        """Tell the others, if they had ever heard of this client."""
        if client in self.nicknames:
            self.broadcast(encode_line(f"LEFT:{self.nicknames[client]}"))

    def _take(self, client: Client, nickname: str) -> None:
        """Give a client its nickname, in place of the one that it may have."""
        if client in self.nicknames:
            del self.owners[nickname_key(self.nicknames[client])]
        self.owners[nickname_key(nickname)] = client
        self.nicknames[client] = nickname
        self._online_list = None

    def _find(self, nickname: str) -> Client | None:
        """Whose nickname this is, in whichever spelling."""
        if len(nickname) > LONGEST_SPELLING:
            return None
        return self.owners.get(nickname_key(nickname))
