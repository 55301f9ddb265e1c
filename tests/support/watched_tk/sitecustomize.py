"""Python loads this first in a program whose window is watched (the folder is on its path).

Between tkinter and Tk stands a watcher, which tells on stderr, in lines that begin with `[tk]`:
- `alive`: Tk's main loop has come round once more;
- `shown TEXT`: a text with the watched word in it was handed to Tk;
- `thread NAME: COMMAND`: Tk was called from another thread than the one that made it;
- `picture COLOUR`, `gone: picture COLOUR`: a picture is on the screen, with this colour in its
  middle (red, green, blue), or is not any more.
So a test sees from outside what a window does, however its author has built it.
"""

import contextlib
import gc
import os
import threading
from typing import Any

BEAT = 50  # milliseconds
WATCHED_WORD = os.environ.get("COURSE_WATCHED_WORD", "")
SMALLEST_PICTURE = 32  # pixels each way; smaller ones are a theme's own
# What Python's garbage collector calls, in whichever thread it happens to run.
CLEANING_UP = {("image", "delete"), ("font", "delete"), ("rename",)}


def tell(text: str) -> None:
    """Write one line, in one piece."""
    os.write(2, f"[tk] {text}\n".encode(errors="backslashreplace"))


class WatchedTk:
    """A Tcl interpreter as tkinter knows it; every call passes through here."""

    def __init__(self, tk: Any) -> None:
        self._tk = tk
        self._owner = threading.get_ident()
        self._strangers: set[str] = set()
        self._pictures: set[str] = set()
        tk.createtimerhandler(BEAT, self._beat)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._tk, name)
        if not callable(value):
            return value

        def watched(*arguments: Any) -> Any:
            self._watch(name, arguments)
            return value(*arguments)

        self.__dict__[name] = watched
        return watched

    def _watch(self, name: str, arguments: tuple[Any, ...]) -> None:
        if threading.get_ident() != self._owner:
            self._watch_thread(name, arguments)
        if WATCHED_WORD and name == "call":
            for line in str(arguments).split("\\n"):  # as `str` writes a newline inside a text
                if WATCHED_WORD in line:
                    tell(f"shown {line}")

    def _watch_thread(self, name: str, arguments: tuple[Any, ...]) -> None:
        words = tuple(str(argument) for argument in arguments[:2])
        thread = threading.current_thread().name
        if words in CLEANING_UP or words[:1] in CLEANING_UP or thread in self._strangers:
            return
        self._strangers.add(thread)
        tell(f"thread {thread!r}: {name} {' '.join(words)[:80]}")

    def _beat(self) -> None:
        self._tk.createtimerhandler(BEAT, self._beat)
        gc.collect()  # what nothing refers to any more goes now, not at some later time
        pictures = self._pictures_on_screen()
        for colour in pictures - self._pictures:
            tell(f"picture {colour}")
        for colour in self._pictures - pictures:
            tell(f"gone: picture {colour}")
        self._pictures = pictures
        tell("alive")

    def _pictures_on_screen(self) -> set[str]:
        call = self._tk.call
        found = set()
        for name in self._tk.splitlist(call("image", "names")):
            with contextlib.suppress(Exception):  # it may have gone meanwhile
                width, height = (int(call("image", side, name)) for side in ("width", "height"))
                is_shown = self._tk.getboolean(call("image", "inuse", name))
                if is_shown and min(width, height) >= SMALLEST_PICTURE:
                    colour = self._tk.splitlist(call(name, "get", width // 2, height // 2))
                    found.add(" ".join(map(str, colour)))
        return found


with contextlib.suppress(ImportError):
    import _tkinter

    _create = _tkinter.create

    def create(*arguments: Any) -> WatchedTk:
        """What `_tkinter.create` does, and a watcher in front of it."""
        return WatchedTk(_create(*arguments))

    _tkinter.create = create  # type: ignore[assignment]
