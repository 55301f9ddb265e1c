"""Which characters Tk can be given: what it cannot take is replaced, and never ends the program.

Tried with Tk 8.6.13 on X11: a NUL cuts off what follows it, half of a surrogate pair raises
UnicodeEncodeError, and colour emoji make libXft before 2.3.5 end the whole program with an X error.
"""

import ctypes
import re
import tkinter as tk

SAFE_XFT = 20305  # the version that draws colour glyphs, as XftGetVersion() counts
UNSHOWABLE = re.compile("[\0\ud800-\udfff]")
EMOJI = re.compile(
    "[\0\ud800-\udfff\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934-\u2b55\U0001f000-\U0010ffff]"
)


class Showable:
    """Makes text fit for the display of one Tk."""

    def __init__(self, root: tk.Tk) -> None:
        old = root.tk.call("tk", "windowingsystem") == "x11" and _xft_version() < SAFE_XFT
        self.shows_emoji = not old
        self._unshowable = EMOJI if old else UNSHOWABLE

    def __call__(self, text: str) -> str:
        """Return `text` with U+FFFD for each character that cannot be shown."""
        return self._unshowable.sub("\ufffd", text)


def _xft_version() -> int:
    """Return libXft's version, 0 where it cannot be asked."""
    try:
        return int(ctypes.CDLL("libXft.so.2").XftGetVersion())
    except (OSError, AttributeError):
        return 0
