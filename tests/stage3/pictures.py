"""Image files made byte by byte, so that each can be wrong in exactly one way."""

import random
import struct
import zlib
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "stage3_images" / "samples"
CLEAR, END = 128, 129  # codes of GIF's compression where the pixels have 7 bits


def png(width: int = 8, height: int = 6, pixels: bytes | None = None) -> bytes:
    """A PNG in shades of grey; `pixels` is its data before compression, each row after a 0."""
    if pixels is None:
        pixels = b"".join(b"\0" + bytes(range(row, row + width)) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG: length, kind, data, checksum."""
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def photo(size: int, seed: int = 1) -> bytes:
    """A PNG in colour of about `size` bytes that cannot be compressed; 10 MB: 3.3 megapixels."""
    side = int((size / 3) ** 0.5)
    rows = random.Random(seed).randbytes(3 * side * side)
    pixels = b"".join(b"\0" + rows[3 * side * y : 3 * side * (y + 1)] for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(pixels, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def gif(frames: int = 1, width: int = 8, height: int = 6) -> bytes:
    """A GIF of so many frames, each in one colour."""
    colors = bytes(value for shade in range(128) for value in (shade, shade, 255 - shade))
    screen = struct.pack("<HHBBB", width, height, 0xF6, 0, 0)
    frame_header = struct.pack("<B4HB", 0x2C, 0, 0, width, height, 0)
    blocks = (frame_header + gif_pixels(index % 128, width * height) for index in range(frames))
    return b"GIF89a" + screen + colors + b"".join(blocks) + b"\x3b"


def gif_pixels(color: int, count: int) -> bytes:
    """The data of a frame. The codes stay 8 bits long because the table is cleared in time."""
    codes = bytearray()
    while count:
        run = min(count, 100)
        codes += bytes([CLEAR]) + bytes([color]) * run
        count -= run
    codes.append(END)
    pieces = (codes[start : start + 255] for start in range(0, len(codes), 255))
    return b"\x07" + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def bmp(width: int = 8, height: int = 6, says_its_size: bool = True) -> bytes:
    """A BMP in three bytes a pixel."""
    row = bytes(value % 256 for value in range(3 * width))
    pixels = row.ljust((len(row) + 3) // 4 * 4, b"\0") * height
    size = 54 + len(pixels) if says_its_size else 0
    header = struct.pack("<IHHI", size, 0, 0, 54)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return b"BM" + header + info + pixels


def jpeg() -> bytes:
    """A JPEG; one of the samples."""
    return (SAMPLES / "mountain_lake.jpg").read_bytes()
