"""Framing: TCP delivers bytes, a chat needs lines.

TCP keeps the order of the bytes and nothing else: one `send` may arrive in several pieces, several
may arrive as one. So both sides agree where a message ends: at the byte `\\n`.
Strategy: hold the bytes of the line that is not finished yet, never more than its limit; hand out
whole lines only, and decode a line only when it is whole, so no character is ever cut in two.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LINE_LIMIT = 65_536
"""The longest line that a server takes from a client, in bytes, without its newline."""

LONG_LINE_LIMIT = 14 * 1024 * 1024
"""The longest line with an image in it, in bytes, without its newline."""

BEGINNING_SIZE = 64  # enough of an overlong line to recognise its verb

# C0 without tab, DEL, C1, the bidi controls, and halves of surrogate pairs, which UTF-8 cannot
# carry.
UNSAFE_CHARACTERS = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class LineTooLong:
    """Stands where a line stood that was longer than its limit (in bytes); only its beginning is
    kept."""

    limit: int
    beginning: bytes


# --8<-- [start:line_reader]
class LineReader:
    """Turns the pieces that `recv` returns into lines.

    `limit` is the longest line in bytes; `longer` gives lines with a certain beginning a higher
    limit: `{b"IMAGE:": 14_680_064}`.
    """

    def __init__(self, limit: int = LINE_LIMIT, longer: Mapping[bytes, int] | None = None) -> None:
        self.limit = limit
        self.longer = longer or {}
        self._partial = bytearray()
        self._skipping = False

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished line are held."""
        return len(self._partial)

    # --8<-- [start:feed]
    def feed(self, data: bytes) -> list[bytes | LineTooLong]:
        """Take the next bytes of the stream; return the lines that they complete, in order.

        The lines come without `\\n`, and without a `\\r` before it. However the stream is cut into
        pieces, the lines are the same. A line over its limit comes out once, as `LineTooLong`, as
        soon as that is certain; the rest of it is dropped.
        """
        lines: list[bytes | LineTooLong] = []
        *endings, rest = data.split(b"\n")
        for ending in endings:
            self._hold(ending, lines)
            if not self._skipping:
                lines.append(bytes(self._partial).removesuffix(b"\r"))
            self._partial.clear()
            self._skipping = False
        self._hold(rest, lines)
        return lines

    # --8<-- [end:feed]

    def _hold(self, piece: bytes, lines: list[bytes | LineTooLong]) -> None:
        if self._skipping:
            return
        length = len(self._partial) + len(piece)
        if length > self.limit:
            beginning = bytes(self._partial[:BEGINNING_SIZE]) + piece[:BEGINNING_SIZE]
            limit = self._limit_of(beginning)
            if length > limit:
                lines.append(LineTooLong(limit, beginning[:BEGINNING_SIZE]))
                self._partial.clear()
                self._skipping = True
                return
        self._partial += piece

    def _limit_of(self, beginning: bytes) -> int:
        limits = [limit for prefix, limit in self.longer.items() if beginning.startswith(prefix)]
        return max(limits, default=self.limit)


# --8<-- [end:line_reader]


# --8<-- [start:clean_text]
def clean_text(text: str) -> str:
    """Replace each character that could command a terminal or reorder a line by U+FFFD."""
    if text.isprintable():  # the usual case, and by far the quickest to find out
        return text
    return UNSAFE_CHARACTERS.sub("\ufffd", text)


def decode_text(raw: bytes) -> str:
    """The text of a line or of a part of it; what is not UTF-8, and what is unsafe, becomes
    U+FFFD."""
    return clean_text(raw.decode("utf-8", "replace"))


def encode_line(text: str) -> bytes:
    """One line for the wire, whatever `text` holds: it cannot smuggle in a second one."""
    return clean_text(text).encode() + b"\n"


# --8<-- [end:clean_text]
