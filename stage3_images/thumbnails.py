"""Pictures in the conversation: small, clickable, and kept alive.

Tk shows a `PhotoImage` only as long as Python keeps the object; a picture whose last reference is
gone turns blank without a word. So every picture on the screen is kept in `_shown`, and because
pictures are large, the oldest leaves the conversation when there are too many.
"""

import tkinter as tk
from collections import deque
from collections.abc import Callable
from itertools import count

from stage2_gui.conversation import Conversation

MOST_SHOWN = 100


class Thumbnails:
    """Adds pictures to a conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._text = conversation.text
        self._shown: deque[tuple[str, tk.PhotoImage]] = deque()
        self._numbers = count()

    # --8<-- [start:thumbnail]
    def add(self, ppm: bytes, clicked: Callable[[], None]) -> None:
        """Show a picture at the end of the conversation; a click on it calls `clicked`."""
        picture = tk.PhotoImage(master=self._text, data=ppm, format="ppm")
        tag = f"picture {next(self._numbers)}"
        self._shown.append((tag, picture))
        follow = self._conversation.is_at_end()
        self._insert(picture, tag)
        self._make_clickable(tag, clicked)
        if len(self._shown) > MOST_SHOWN:
            self._remove_oldest()
        if follow:
            self._conversation.show_newest()

    # --8<-- [end:thumbnail]

    def clear(self) -> None:
        """Let go of all pictures: the conversation was emptied."""
        for tag, _ in self._shown:
            self._text.tag_delete(tag)
        self._shown.clear()

    def __len__(self) -> int:
        return len(self._shown)

    def _insert(self, picture: tk.PhotoImage, tag: str) -> None:
        self._text.configure(state="normal")
        start = self._text.index("end-1c")
        self._text.image_create(start, image=picture, pady=4)
        self._text.tag_add(tag, start)
        self._text.tag_add("body", start)
        self._text.insert("end", "\n", ("body",))
        self._text.configure(state="disabled")

    def _make_clickable(self, tag: str, clicked: Callable[[], None]) -> None:
        text = self._text
        text.tag_bind(tag, "<ButtonRelease-1>", lambda _: clicked())
        text.tag_bind(tag, "<Enter>", lambda _: text.configure(cursor="hand2"))
        text.tag_bind(tag, "<Leave>", lambda _: text.configure(cursor=""))

    def _remove_oldest(self) -> None:
        tag, _ = self._shown.popleft()
        if self._text.tag_ranges(tag):
            self._text.configure(state="normal")
            self._text.delete(f"{tag}.first")
            self._text.configure(state="disabled")
        self._text.tag_delete(tag)
