"""What has come and is not shown yet, so that a flood of it costs little and freezes nothing.

Strategy: the lines of one turn of the event pump are shown with one insert. A turn shows only so
many; what the conversation would scroll away at once is never shown at all.
"""

import sys
from collections import deque

from stage2_gui.conversation import SCROLLBACK, Conversation
from stage2_gui.events import Line
from stage2_gui.online_list import OnlineList
from stage2_gui.window_title import WindowTitle

LINES_A_TURN = 200  # shown in one turn, and
CHARACTERS_A_TURN = 50_000


class News:
    """Lines and names, on their way into the conversation and the online list."""

    def __init__(
        self, conversation: Conversation, online_list: OnlineList, title: WindowTitle
    ) -> None:
        self._conversation = conversation
        self._online_list = online_list
        self._title = title
        self._lines: deque[Line] = deque(maxlen=SCROLLBACK)
        self._online: tuple[tuple[str, ...], str | None] | None = None

    def add(self, line: Line) -> None:
        """A line has come."""
        self._lines.append(line)

    def set_online(self, names: tuple[str, ...], own_name: str | None) -> None:
        """These are online now; one of them may be the user."""
        self._online = (names, own_name)

    def show_some(self) -> None:
        """Show as much as one turn has time for."""
        self.show(LINES_A_TURN, CHARACTERS_A_TURN)

    def show(self, most_lines: int = SCROLLBACK, most_characters: int = sys.maxsize) -> None:
        """Show new lines, all of them or so many, and who is online."""
        lines: list[Line] = []
        while self._lines and len(lines) < most_lines and most_characters > 0:
            lines.append(self._lines.popleft())
            most_characters -= len(lines[-1].text)
        if lines:
            self._conversation.add(lines)
            self._title.count(lines)
        if self._online is not None:
            self._online_list.show(*self._online)
            self._online = None
