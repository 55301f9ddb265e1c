"""Rounded rectangles, drawn here as PNG files in memory: ttk has no such shape.

Strategy: each pixel's distance from the edge (a signed distance function) gives how much of the
pixel is covered, so corners are smooth; the file is three chunks and one `zlib` call (RFC 2083).
Nothing is transparent: over X11, Tk would fetch what lies behind from the screen, for each tile.
"""

import base64
import math
import struct
import zlib
from typing import TypeVar

Part = TypeVar("Part")
WIDE, HIGH = 64, 16  # the middle, in pixels; ttk repeats it, and each repetition costs time


def rounded_rectangle(radius: int, outside: str, border: str, inside: str, ring: str = "") -> str:
    """An image of a rounded rectangle on a background of colour `outside`, as PNG in base64.

    The corners have `radius` pixels; the border is one pixel wide, two with the `ring` inside it.
    """
    bands = [_rgb(outside), _rgb(border), _rgb(ring or inside), _rgb(inside)]
    upto_middle = range(corner_size(radius) + 1)
    rows = [
        _whole([_mixed(_depth(x, y, radius), bands) for x in upto_middle], WIDE)
        for y in upto_middle
    ]
    lines = [b"\0" + b"".join(row) for row in _whole(rows, HIGH)]  # 0: no filter
    return base64.b64encode(_png(len(rows[0]), len(lines), b"".join(lines))).decode()


def corner_size(radius: int) -> int:
    """How many pixels of such an image are not to be stretched, on each side."""
    return radius + 2


def _whole(half: list[Part], length: int) -> list[Part]:
    """Both halves, the second a mirror of the first, with the middle `length` times between."""
    *side, middle = half
    return [*side, *[middle] * length, *reversed(side)]


def _depth(x: int, y: int, radius: int) -> float:
    """How far inside the edge the centre of a pixel lies, in pixels."""
    middle = radius + 2.5
    across = abs(x + 0.5 - middle) - 2.5
    down = abs(y + 0.5 - middle) - 2.5
    outside = math.hypot(max(across, 0.0), max(down, 0.0))
    return radius - outside - min(max(across, down), 0.0)


def _mixed(depth: float, bands: list[bytes]) -> bytes:
    """Mix the colours of the bands, each one pixel deep, that meet in a pixel."""
    colour = bands[0]
    for start, inner in enumerate(bands[1:]):
        share = min(max(depth - start + 0.5, 0.0), 1.0)
        colour = bytes(round(a + (b - a) * share) for a, b in zip(colour, inner, strict=True))
    return colour


def _png(width: int, height: int, lines: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits for red, green, blue
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rgb(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))
