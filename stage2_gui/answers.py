"""Which request an answer belongs to: the server answers each one, in the order in which they came.

So nothing is numbered: what is known of a request waits in a queue, and an answer takes the first.
"""

from collections import deque
from collections.abc import Callable

UNKNOWN_VERB = "this server does not know it"
"""How a server of an earlier stage refuses a request."""


class ListRequests:
    """The requests for one list. `ask_server` sends one."""

    def __init__(self, ask_server: Callable[[], None]) -> None:
        self._ask_server = ask_server
        self._for_user: deque[bool] = deque()  # for each request without an answer

    def ask(self, for_user: bool) -> None:
        """Ask for the list: because the user wishes to see it, or to know it ourselves."""
        self._for_user.append(for_user)
        self._ask_server()

    def answered(self) -> bool:
        """The list has come, or was refused; return whether the user wishes to see it."""
        return bool(self._for_user) and self._for_user.popleft()

    def forget(self) -> None:
        """What was asked on a connection that has ended will not be answered."""
        self._for_user.clear()
