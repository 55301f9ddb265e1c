"""Who is online, and who was: what a session has heard of the others.

The receive thread writes it and the face's thread reads it while a line is parsed: so each method
holds the lock for a moment, and hands out tuples, which do not change any more.
"""

import json
import threading
from collections.abc import Iterable

from stage2_gui.nicknames import nickname_key

MOST_GONE = 10_000
"""How many names of people who left are remembered."""


class People:
    """Names by their key, so that each spelling finds its owner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._online: dict[str, str] = {}
        self._gone: dict[str, str] = {}

    @property
    def online(self) -> tuple[str, ...]:
        """Who is here, in the order in which they came."""
        with self._lock:
            return tuple(self._online.values())

    @property
    def gone(self) -> tuple[str, ...]:
        """Who was here, and is not any more."""
        with self._lock:
            return tuple(self._gone.values())

    def joined(self, name: str) -> None:
        """Someone has come."""
        with self._lock:
            self._add(name)

    def left(self, name: str) -> None:
        """Someone has gone, perhaps before we were told that they were here."""
        with self._lock:
            self._remove(name)

    def renamed(self, old_name: str, new_name: str) -> None:
        """Someone goes by another name; the old one is nobody's now."""
        with self._lock:
            self._remove(old_name)
            self._add(new_name)

    def replace(self, names: Iterable[str]) -> None:
        """The server has said who is here, and nobody else is."""
        online = {nickname_key(name): name for name in names}
        with self._lock:
            for key in self._online.keys() - online.keys():
                self._remove(self._online[key])
            self._online.clear()
            for name in online.values():
                self._add(name)

    def _add(self, name: str) -> None:
        key = nickname_key(name)
        self._gone.pop(key, None)
        self._online[key] = name

    def _remove(self, name: str) -> None:
        key = nickname_key(name)
        self._gone[key] = self._online.pop(key, name)
        if len(self._gone) > MOST_GONE:
            del self._gone[next(iter(self._gone))]


def names_in_list(text: str) -> list[str]:
    """The names in a JSON array; whatever else a strange server may send counts as none."""
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
