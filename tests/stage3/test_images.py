"""Which bytes are taken for an image: whole ones of four kinds, none that unfold too far."""

import base64
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage3 import observations
from tests.stage3.hints import CONTENT_DECIDES, STRICT_BASE64
from tests.stage3.pictures import SAMPLES, bmp, gif, jpeg, photo, png, png_chunk
from tests.support.observer import Observer

pytest.importorskip("PIL", reason="images are checked with Pillow")
pytestmark = [
    pytest.mark.stage(3),
    CONTENT_DECIDES,
]

MIB = 1024 * 1024


def check(observer: Observer, content: bytes) -> Any:
    """What check_image finds out."""
    return observer.observe(observations.checked, content=content.hex())


# Base64


@pytest.mark.part("base64")
@pytest.mark.points(1)
@STRICT_BASE64
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 255, 10_000])
def test_base64_gives_the_bytes_back(observer: Observer, size: int) -> None:
    """What was encoded comes out unchanged, at every length of padding."""
    content = bytes(index % 251 for index in range(size))
    text = base64.b64encode(content).decode()
    assert observer.observe(observations.decoded, text=text) == content.hex()


@pytest.mark.part("base64")
@pytest.mark.points(2)
@STRICT_BASE64
@pytest.mark.parametrize(
    "text",
    [
        *("QUJ", "QUJD=", "QU=JD", "=QUJ", "QUJ\nD", "QU JD", "QU-_", "QUJD!", "QUJDé", "Q==="),
        *("QQ==QUJD", "QUJD\n\n\n\n", "QUJD!!!!"),  # their lengths are right, their letters not
    ],
)
def test_damaged_base64_is_refused(observer: Observer, text: str) -> None:
    """Nothing is skipped over: a letter too few, a blank, a foreign character is damage."""
    assert observer.observe(observations.decoded, text=text) == "refused: bad base64"


@pytest.mark.part("base64")
@pytest.mark.points(1)
@STRICT_BASE64
def test_too_much_base64_is_refused_unread(observer: Observer) -> None:
    """Text for more than 10 MiB is refused before it is decoded."""
    text = "A" * (10 * MIB // 3 * 4 + 8)
    assert observer.observe(observations.decoded, text=text) == "refused: larger than 10 MiB"


# Whole images


@pytest.mark.part("checking")
@pytest.mark.points(2)
@pytest.mark.parametrize(
    ("content", "kind", "frames"),
    [(png(), "PNG", 1), (gif(), "GIF", 1), (gif(7), "GIF", 7), (bmp(), "BMP", 1)],
    ids=["png", "gif", "animation", "bmp"],
)
def test_images_are_taken(observer: Observer, content: bytes, kind: str, frames: int) -> None:
    """PNG, GIF and BMP pass, and what they are is found out from their content."""
    facts = {"kind": kind, "width": 8, "height": 6, "frames": frames, "size": len(content)}
    assert check(observer, content) == facts


@pytest.mark.part("checking")
def test_samples_are_taken(observer: Observer) -> None:
    """The project's own samples pass; all together they are smaller than 200 KB."""
    samples = [path for path in SAMPLES.iterdir() if path.suffix in {".png", ".jpg", ".gif"}]
    kinds = {check(observer, path.read_bytes())["kind"] for path in samples}
    assert kinds == {"PNG", "JPEG", "GIF"}
    assert sum(path.stat().st_size for path in samples) < 200_000


@pytest.mark.part("checking")
def test_what_follows_a_jpeg_is_its_own_business(observer: Observer) -> None:
    """Cameras append previews and notes to their photos: they pass."""
    assert check(observer, jpeg() + b"notes of a camera's")["kind"] == "JPEG"


# Damaged images


@pytest.mark.part("checking")
@pytest.mark.points(2)
@pytest.mark.parametrize(
    "content",
    [png(), gif(), gif(3, 20, 20), bmp(), bmp(says_its_size=False)],
    ids=["png", "gif", "animation", "bmp", "bmp without size"],
)
def test_no_beginning_of_an_image_is_an_image(observer: Observer, content: bytes) -> None:
    """A file that stops early is refused, wherever it stops."""
    taken = observer.observe(observations.beginnings_taken, content=content.hex(), step=1)
    assert taken == []


@pytest.mark.part("checking")
@pytest.mark.points(2)
def test_no_beginning_of_a_photo_is_a_photo(observer: Observer) -> None:
    """A JPEG that stops early is refused, even where decoders would show most of it."""
    content = jpeg()
    assert observer.observe(observations.beginnings_taken, content=content.hex(), step=97) == []
    assert check(observer, content[:-1]) == "refused: damaged JPEG: cut short"


@pytest.mark.part("checking")
@pytest.mark.points(1)
def test_every_frame_of_an_animation_is_looked_at(observer: Observer) -> None:
    """The first frame is whole, the second one is damaged: no image."""
    content = bytearray(gif(2))
    second = content.rindex(b"\x2c", 0, len(content) - 1)
    content[second + 10] = 13  # so many bits has no code of a GIF
    assert str(check(observer, bytes(content))).startswith("refused: damaged GIF")


@pytest.mark.part("checking")
@pytest.mark.points(1)
def test_a_wrong_checksum_is_seen(observer: Observer) -> None:
    """One flipped bit in a PNG is found by its checksums."""
    content = bytearray(png())
    content[50] ^= 1
    assert "damaged PNG" in check(observer, bytes(content))


@pytest.mark.part("checking")
@pytest.mark.points(2)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"MZ\x90\0",
        b"II*\0",
    ],
)
def test_other_files_are_no_images(observer: Observer, content: bytes) -> None:
    """What is not PNG, JPEG, GIF or BMP by its content is refused, whatever its name may say."""
    assert check(observer, content).startswith("refused: ")


@pytest.mark.part("checking")
@pytest.mark.points(1)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_never_breaks_the_check(observer: Observer, data: st.DataObject) -> None:
    """However a file is damaged, the answer is facts or a refusal in one line."""
    content = bytearray(data.draw(st.sampled_from([png(), gif(2), bmp(), jpeg()[:2000]])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    answer = check(observer, bytes(content))
    assert isinstance(answer, dict) or answer.startswith("refused: ")
    assert "\n" not in str(answer)


@pytest.mark.part("checking")
@settings(max_examples=100, deadline=None)
@given(
    beginning=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"GIF87a", b"BM"]),
    rest=st.binary(max_size=200),
)
def test_garbage_with_a_good_beginning(observer: Observer, beginning: bytes, rest: bytes) -> None:
    """Random bytes after the first bytes of an image are refused."""
    assert isinstance(check(observer, beginning + rest), str)


# Images that unfold too far


@pytest.mark.part("checking")
@pytest.mark.points(2)
def test_a_decompression_bomb_is_refused_undecoded(observer: Observer) -> None:
    """900 megapixels in a hundred bytes: the header is enough to refuse it."""
    assert check(observer, png(30_000, 30_000, b"")) == "refused: larger than 40 megapixels"


@pytest.mark.part("checking")
@pytest.mark.points(2)
def test_forty_megapixels_are_the_limit(observer: Observer) -> None:
    """Exactly 40 megapixels pass, a row more does not (Pillow alone would only warn from 89)."""
    assert check(observer, png(8_000, 5_000, bytes(8_001 * 5_000)))["width"] == 8_000
    refused = check(observer, png(8_000, 5_001, bytes(8_001 * 5_001)))
    assert refused == "refused: larger than 40 megapixels"


@pytest.mark.part("checking")
@pytest.mark.points(1)
def test_a_bomb_inside_a_gif_frame(observer: Observer) -> None:
    """A small screen with a huge frame is as large as its frame."""
    content = bytearray(gif())
    frame = content.index(b"\x2c", 13 + 3 * 128)
    content[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    assert check(observer, bytes(content)) == "refused: larger than 40 megapixels"


@pytest.mark.part("checking")
@pytest.mark.points(1)
def test_a_bomb_in_a_note_of_a_png(observer: Observer) -> None:
    """A compressed note that unfolds to 64 MB is not unfolded."""
    note = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(64 * MIB)))
    content = png()
    assert check(observer, content[:33] + note + content[33:]).startswith("refused: damaged PNG")


@pytest.mark.part("checking")
def test_a_photo_of_a_thousand_scans(observer: Observer) -> None:
    """A JPEG that goes over the same picture again and again would take hours to decode."""
    content = jpeg()
    scan = content[content.rindex(b"\xff\xda") : -2]
    endless = content[:-2] + scan * 100 + content[-2:]
    assert check(observer, endless) == "refused: damaged JPEG: more than 64 scans"


@pytest.mark.part("checking")
@pytest.mark.points(1)
def test_animations_are_bounded(observer: Observer) -> None:
    """1,000 frames pass, one more does not; nor do frames with too many pixels together."""
    assert check(observer, gif(1_000))["frames"] == 1_000
    assert check(observer, gif(1_001)) == "refused: 1,001 frames, at most 1,000 are taken"
    content = bytearray(gif(30))
    content[6:10] = struct.pack("<HH", 2_000, 2_000)
    refused = "refused: all frames together have more than 100 megapixels"
    assert check(observer, bytes(content)) == refused


@pytest.mark.part("checking")
@pytest.mark.points(2)
def test_ten_mebibytes_are_the_limit(observer: Observer) -> None:
    """A photo of just under 10 MiB passes, one of more does not."""
    assert check(observer, photo(10 * MIB - 50_000))["kind"] == "PNG"
    assert check(observer, photo(10 * MIB + 50_000)) == "refused: larger than 10 MiB"


# Pictures for the window


def test_a_picture_fits_its_box(observer: Observer) -> None:
    """A picture is made smaller to fit, in proportion, and never larger."""
    draw = observations.picture
    assert observer.observe(draw, content=png(100, 50).hex(), box=(20, 20))[:2] == [20, 10]
    assert observer.observe(draw, content=png(8, 6).hex(), box=(20, 20))[:2] == [8, 6]


def test_transparency_is_shown_on_white(observer: Observer) -> None:
    """Where an image is transparent, its picture is white."""
    content = png(4, 4, bytes(20))
    transparent = content[:33] + png_chunk(b"tRNS", b"\0\0") + content[33:]
    seen = observer.observe(observations.picture, content=transparent.hex(), box=(9, 9))
    assert seen == [4, 4, 255, 255, 255]
