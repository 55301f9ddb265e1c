"""Does an image file go on to its end? Found out without decoding a single pixel.

Decoders forgive: Pillow shows a JPEG that lost its last bytes, and takes a GIF that stops between
two frames for a shorter one. A receiver must not, or half an upload passes for a whole one.
Strategy: walk the file's own structure (lengths and markers) to the mark that ends it. On the way
the frames of a GIF are counted, so that an animation's cost is known before it has to be paid.
"""

import re
import struct
import zlib
from dataclasses import dataclass


class DamagedFileError(ValueError):
    """The file stops before its end, or its structure is broken."""


def check_png_end(data: bytes) -> None:
    """Raise DamagedFileError unless the chunk IEND is reached, each CRC right (RFC 2083 §3)."""
    position = 8
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(memoryview(data)[position + 4 : end]) != checksum:
            raise DamagedFileError("a checksum is wrong")
        if kind == b"IEND":
            return
        position = end + 4
    raise DamagedFileError("cut short")


# In compressed data, 0xFF is data before 0x00 and before a restart marker; else it is a marker.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA

SCAN_LIMIT = 64
"""The most scans of a JPEG. Progressive ones have about ten; a thousand could take an hour."""


def check_jpeg_end(data: bytes) -> None:
    """Raise DamagedFileError unless the marker "end of image" is reached (ITU-T T.81, annex B).

    What follows it is ignored: cameras append previews and notes of their own. Scans are counted,
    because each goes over the whole picture again, and may be no longer than 65 bytes.
    """
    position, scans = 2, 0
    while marker := _JPEG_MARKER.search(data, position):
        kind, position = data[marker.end() - 1], marker.end()
        if kind == _END_OF_IMAGE:
            return
        scans += kind == _START_OF_SCAN
        if scans > SCAN_LIMIT:
            raise DamagedFileError(f"more than {SCAN_LIMIT} scans")
        if position + 2 > len(data):
            break
        (length,) = struct.unpack_from(">H", data, position)
        position += length  # after the header of a scan, the search skips its compressed data
    raise DamagedFileError("cut short")


@dataclass(frozen=True, slots=True)
class GifSize:
    """What a GIF will cost: `frames`, each drawn on a canvas of `width` x `height` pixels."""

    frames: int
    width: int
    height: int


def gif_size(data: bytes) -> GifSize:
    """Walk a GIF (GIF89a) block by block; raise DamagedFileError unless its trailer is reached.

    A frame that reaches over the screen's edge makes the canvas larger, as decoders do.
    """
    try:
        return _walk_gif(data)
    except (IndexError, struct.error):
        raise DamagedFileError("cut short") from None


def _walk_gif(data: bytes) -> GifSize:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + _colour_table_size(flags)
    frames = 0
    while True:
        kind = data[position]
        if kind == 0x3B:  # the trailer
            if not frames:
                raise DamagedFileError("no picture in it")
            return GifSize(frames, width, height)
        if kind == 0x21:  # an extension: its label, then sub-blocks
            position += 2
        elif kind == 0x2C:  # a frame: where it lies, its colours, the code size, then sub-blocks
            left, top, wide, high, flags = struct.unpack_from("<4HB", data, position + 1)
            width, height = max(width, left + wide), max(height, top + high)
            position += 11 + _colour_table_size(flags)
            frames += 1
        else:
            raise DamagedFileError("broken")
        while length := data[position]:
            position += length + 1
        position += 1


def _colour_table_size(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def check_bmp_end(data: bytes) -> None:
    """Raise DamagedFileError when the file is shorter than its header says (where it says so)."""
    if len(data) < struct.unpack_from("<I", data.ljust(6, b"\0"), 2)[0]:
        raise DamagedFileError("cut short")
