"""One's own nickname: asked for, accepted or refused, and asked for again after a lost connection.

A server may believe for some seconds in a connection that this side knows to be lost, and hold the
nickname for it. So a name that was ours a moment ago is asked for again, a bounded number of times.
"""

import threading
from collections import deque
from collections.abc import Callable

from stage2_gui.nicknames import nickname_key

TRIES = 30
"""How often a name that the server still holds for our lost connection is asked for again."""

RETRY_SECONDS = 1.0


class OwnNickname:
    """`ask_server(name)` sends the claim; its answers come back by `accepted` and `refused`."""

    def __init__(self, ask_server: Callable[[str], None]) -> None:
        self.current: str | None = None  # as accepted by the server, on this connection
        self._ask_server = ask_server
        self._last = ""  # accepted on the connection before
        self._claims: deque[str] = deque()  # asked for and not answered yet, in order
        self._tries_left = TRIES
        self._timer: threading.Timer | None = None

    def claim(self, name: str) -> None:
        """Ask for a name."""
        self._claims.append(name)
        self._ask_server(name)

    def accepted(self, name: str) -> None:
        """The server knows us by this name now."""
        self.current = name
        if self._claims:
            self._claims.popleft()

    def refused(self) -> str:
        """The server refuses the name that was asked for first; return which."""
        return self._claims.popleft() if self._claims else ""

    def connection_ended(self) -> None:
        """What was asked for on this connection will not be answered."""
        if self._timer is not None:
            self._timer.cancel()
        self._last = self.current or self._last
        self.current = None
        self._claims.clear()
        self._tries_left = TRIES

    def can_try_again(self, name: str) -> bool:
        """Whether a refused name may soon be free: it was ours until the connection was lost."""
        was_ours = nickname_key(name) == nickname_key(self._last)
        return was_ours and self.current is None and self._tries_left > 0

    def try_again_later(self, name: str) -> bool:
        """Ask for it again after a pause; return whether this is the first time."""
        first = self._tries_left == TRIES
        self._tries_left -= 1
        self._timer = threading.Timer(RETRY_SECONDS, self.claim, [name])
        self._timer.daemon = True
        self._timer.start()
        return first
