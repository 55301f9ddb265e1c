"""Where clients come in: accepting connections without ever failing for those who are inside
already."""

import selectors
import socket
import time
from collections.abc import Callable

from stage1_basic.addresses import format_address, prepare_client_socket

ACCEPTS_A_TURN = 128  # a crowd at the door must not keep those inside waiting
PAUSE = 0.1  # seconds, when the system has no descriptor left for one more client


class Doorway:
    """Accepts clients whenever `selector` finds them waiting; each goes to `enter(sock,
    address)`."""

    def __init__(
        self,
        listener: socket.socket,
        selector: selectors.BaseSelector,
        enter: Callable[[socket.socket, str], None],
        log: Callable[[str], None],
    ) -> None:
        self._listener = listener
        self._selector = selector
        self._enter = enter
        self._log = log
        self.opens_at: float | None = None  # only while it is shut for a moment
        listener.setblocking(False)
        self._open()

    def reopen(self, now: float) -> None:
        """Accept again if the pause is over."""
        if self.opens_at is not None and now >= self.opens_at:
            self._open()

    def shut(self, opens_at: float | None = None) -> None:
        """Accept nobody until then, or ever again."""
        if self._listener in self._selector.get_map():
            self._selector.unregister(self._listener)
        self.opens_at = opens_at
        if opens_at is None:
            self._listener.close()

    def _open(self) -> None:
        self.opens_at = None
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self, _events: int) -> None:
        if self._listener.fileno() < 0:  # the server was stopped in the very turn in which one came
            return
        for _ in range(ACCEPTS_A_TURN):
            try:
                sock, address = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:  # it has gone again already
                continue
            except OSError as error:
                self._log(f"cannot accept a client: {error.strerror}")
                self.shut(opens_at=time.monotonic() + PAUSE)
                return
            try:
                prepare_client_socket(sock)
            except OSError:  # gone again, says macOS
                sock.close()
            else:
                self._enter(sock, format_address(address))
