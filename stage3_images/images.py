"""Is this an image, and one that is safe to open? Asked before a stranger's bytes are decoded.

A file's name proves nothing, and 100 KB may unfold to gigabytes of pixels: a decompression bomb.
Strategy: the cheap questions first, and nothing is decoded before its size is known: bytes, kind
by content, end by the structure, pixels by the header; only then is every frame decoded.
Pillow is imported late, by the process that decodes; all else works without it.
"""

import binascii
import importlib.util
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stage1_basic.advice import course_command
from stage3_images.image_ends import (
    DamagedFileError,
    check_bmp_end,
    check_jpeg_end,
    check_png_end,
    gif_size,
)

if TYPE_CHECKING:
    from PIL.Image import Image

BYTE_LIMIT = 10 * 1024 * 1024
"""The largest image, in bytes."""

PIXEL_LIMIT = 40_000_000
"""The largest image, in pixels: 160 MB when decoded."""

FRAME_LIMIT = 1_000
"""The longest animation, in frames."""

ANIMATION_PIXEL_LIMIT = 100_000_000
"""The largest animation, in pixels of all frames together: seconds of decoding."""

BASE64_LIMIT = (BYTE_LIMIT + 2) // 3 * 4  # four letters carry three bytes

TOO_LARGE = f"larger than {BYTE_LIMIT // 1024**2} MiB"

_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
}
EXTENSIONS = {"PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "GIF": (".gif",), "BMP": (".bmp",)}


class ImageRefusedError(ValueError):
    """This is not an image that we take; the text says why, for the one who sent it."""


class ImagesUnavailableError(RuntimeError):
    """Pillow is not installed, so nothing can be checked, and nothing unchecked is taken."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A checked image: kind ("PNG", "JPEG", "GIF", "BMP"), measures in pixels, size in bytes."""

    kind: str
    width: int
    height: int
    frames: int
    size: int

    def __str__(self) -> str:
        frames = f", {self.frames} frames" if self.frames > 1 else ""
        return f"{self.kind}, {self.width} x {self.height}{frames}, {readable_size(self.size)}"


def images_available() -> bool:
    """Tell whether Pillow is installed, without importing it."""
    return importlib.util.find_spec("PIL") is not None


def pillow_cure(program: str, stage: int) -> str:
    """Return what to do about a missing Pillow; `program` is "server" or "client"."""
    return (
        "Pillow is not installed here. Stop this program, and let course.py install Pillow and "
        f"start it: {course_command(program, str(stage))}"
    )


def readable_size(size: int) -> str:
    """Return a number of bytes as people read it: 950 bytes, 14.6 KB, 9.8 MB."""
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000:.1f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


# --8<-- [start:decode_base64]
def decode_base64(text: bytes | memoryview) -> bytes:
    """Return what the base64 `text` stands for (RFC 4648 §4); raise ImageRefusedError.

    Strict: Python's usual decoder skips what is not of the alphabet, so damage would go unnoticed.
    """
    if len(text) > BASE64_LIMIT:
        raise ImageRefusedError(TOO_LARGE)
    try:
        if len(text) % 4:
            raise binascii.Error("its last letter or its padding is missing, or too much")
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise ImageRefusedError("bad base64") from error


# --8<-- [end:decode_base64]


def image_kind(data: bytes) -> str:
    """Return "PNG", "JPEG", "GIF" or "BMP", by the first bytes; raise ImageRefusedError."""
    if not data:
        raise ImageRefusedError("empty")
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    raise ImageRefusedError("not an image: PNG, JPEG, GIF and BMP are taken")


# --8<-- [start:check_image]
def check_image(data: bytes) -> ImageFacts:
    """Return the facts about a whole, harmless image, or raise ImageRefusedError."""
    if len(data) > BYTE_LIMIT:
        raise ImageRefusedError(TOO_LARGE)
    kind = image_kind(data)
    frames = _check_end(kind, data)
    with _opened(data) as picture:
        for frame in range(frames):
            picture.seek(frame)
            picture.load()
        return ImageFacts(kind, picture.width, picture.height, frames, len(data))


# --8<-- [end:check_image]


def draw_picture(data: bytes, box: tuple[int, int]) -> bytes:
    """Return an image as tkinter can show it (PPM), made to fit `box`, transparency on white.

    For a stranger's image call `check_image` before. An animation gives its first frame.
    """
    with _opened(data) as picture:
        fitting = _upright_and_fitting(picture, box)
        canvas = io.BytesIO()
        _on_white(fitting).save(canvas, "PPM")
    return canvas.getvalue()


def _check_end(kind: str, data: bytes) -> int:
    """Return the number of frames of a file that reaches its end."""
    try:
        if kind == "PNG":
            check_png_end(data)
        elif kind == "JPEG":
            check_jpeg_end(data)
        elif kind == "BMP":
            check_bmp_end(data)
        elif kind == "GIF":
            gif = gif_size(data)
            _check_animation(gif.frames, gif.width * gif.height)
            return gif.frames
    except DamagedFileError as error:
        raise ImageRefusedError(f"damaged {kind}: {error}") from error
    return 1


def _check_animation(frames: int, pixels: int) -> None:
    _check_pixels(pixels)
    if frames > FRAME_LIMIT:
        raise ImageRefusedError(f"{frames:,} frames, at most {FRAME_LIMIT:,} are taken")
    if frames * pixels > ANIMATION_PIXEL_LIMIT:
        millions = ANIMATION_PIXEL_LIMIT // 10**6
        raise ImageRefusedError(f"all frames together have more than {millions} megapixels")


def _check_pixels(pixels: int) -> None:
    if pixels > PIXEL_LIMIT:
        raise ImageRefusedError(f"larger than {PIXEL_LIMIT // 10**6} megapixels")


@contextmanager
def _opened(data: bytes) -> Iterator["Image"]:
    """Let Pillow read an image's header; any complaint, then and later, is an ImageRefusedError."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ImagesUnavailableError("Pillow is not installed") from error
    kind = image_kind(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd notes of a camera's, say, do no harm
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
                _check_pixels(picture.width * picture.height)
                yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefusedError(f"larger than {PIXEL_LIMIT // 10**6} megapixels") from error
    except UnidentifiedImageError as error:
        raise ImageRefusedError(f"damaged {kind}: its header cannot be read") from error
    except ImageRefusedError:
        raise
    except Exception as error:  # decoders raise anything: SyntaxError, struct.error, MemoryError …
        raise ImageRefusedError(f"damaged {kind}: {_in_a_few_words(error)}") from error


def _in_a_few_words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "too large for this computer's memory"
    return str(error).partition("\n")[0][:100] or type(error).__name__


def _upright_and_fitting(picture: "Image", box: tuple[int, int]) -> "Image":
    """Scale before turning: a camera's photo may lie on its side, with a note to turn it (Exif)."""
    from PIL import ImageOps

    side = max(box)
    if picture.mode in {"1", "P", "PA"}:  # between palette colours there is nothing to interpolate
        picture = _on_white(picture)
    picture.thumbnail((side, side))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail(box)
    return upright


def _on_white(picture: "Image") -> "Image":
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")
