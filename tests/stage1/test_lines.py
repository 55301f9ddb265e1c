"""Framing and text (`lines`), without a network: any cut of the bytes gives the same lines."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage1 import observations
from tests.support.compare import expect_same, plain
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Feed the reader one byte at a time on paper, and look at what it keeps after each. A line "
        "ends at \\n only; what is not finished, or not text, must never raise.",
        docs="stage1#framing",
    ),
]

TEXT = pytest.mark.hint(
    "Decode with errors='replace', which never raises; then replace what could command a terminal. "
    "Go through one kind of character after the other, and see what becomes of it.",
    docs="stage1/messages#text-from-strangers",
)

LIMIT = 65_536
TOO_LONG = 32  # how an overlong line is seen where 32 bytes are the limit
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def feed(observer: Observer, *pieces: bytes, limit: int = LIMIT) -> tuple[list[object], int]:
    """All lines that come out of these pieces, and the most bytes that were held meanwhile."""
    seen = observer.observe(
        observations.lines, pieces=[piece.hex() for piece in pieces], limit=limit
    )
    lines = [readable(line) for step in seen for line in step[:-1]]
    return lines, max((step[-1] for step in seen), default=0)


def readable(line: str) -> object:
    """A line as bytes; for an overlong one its limit (how much of it is kept may vary)."""
    if line.startswith("too long"):
        return int(line.split()[2])
    return bytes.fromhex(line)


def shown(line: object) -> str:
    """A line, or what stands for an overlong one, in a failure."""
    return plain(line) if isinstance(line, bytes) else f"LineTooLong with limit {line}"


def expect_lines(
    observer: Observer, expected: list[Any], *pieces: bytes, limit: int = LIMIT
) -> None:
    """These pieces, fed one after the other, give these lines."""
    __tracebackhide__ = True
    fed = [f"feed({plain(piece)})" for piece in pieces]
    arrived, _ = feed(observer, *pieces, limit=limit)
    expect_same(expected, arrived, f"a LineReader with limit {limit:,}", *fed, show=shown)


def in_ways(observer: Observer, data: bytes, expected: list[Any], *, limit: int = LIMIT) -> None:
    """The lines in `data`, fed whole, byte by byte, and with more after it: always the same."""
    __tracebackhide__ = True
    expect_lines(observer, expected, data, limit=limit)
    single_bytes = [data[index : index + 1] for index in range(len(data))]
    expect_lines(observer, expected, *single_bytes, limit=limit)
    more = [*expected, b"more of it"]
    expect_lines(observer, more, data + b"more", b" of it\n", limit=limit)


@pytest.mark.part("framing")
@pytest.mark.points(3)
@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\n", [b"one"]),
        (b"one\ntwo\n", [b"one", b"two"]),
        (b"one\r\ntwo\r\n", [b"one", b"two"]),
        (b"\n\n", [b"", b""]),
        (b"one\r\r\n", [b"one\r"]),
        ("grüße 🎉\n".encode(), ["grüße 🎉".encode()]),
        (b"\x0b\x0c\x1c\x85\xe2\x80\xa8\n", [b"\x0b\x0c\x1c\x85\xe2\x80\xa8"]),
        (b"carriage\rreturn\n", [b"carriage\rreturn"]),
        (b"\xff\x00\n", [b"\xff\x00"]),
    ],
)
def test_lines_end_at_newlines_only(observer: Observer, data: bytes, lines: list[bytes]) -> None:
    """However the bytes are cut into pieces, a line ends at \\n and nowhere else."""
    in_ways(observer, data, lines)


@pytest.mark.part("framing")
@pytest.mark.points(2)
def test_the_rest_waits_for_its_end(observer: Observer) -> None:
    """What comes after the last newline is kept until its own newline comes."""
    pieces = (b"one\ntw", b"o\nthr", b"ee", b"\n")
    expect_lines(observer, [b"one", b"two", b"three"], *pieces)
    _, held = feed(observer, *pieces)
    assert held == 5, f"of 'three', 5 bytes wait for their newline; `pending` said at most {held}"


@pytest.mark.part("framing")
@pytest.mark.points(1)
def test_a_cut_between_carriage_return_and_newline(observer: Observer) -> None:
    """A \\r at the end of one piece still belongs to the \\n at the start of the next."""
    expect_lines(observer, [b"one", b"two"], b"one\r", b"\ntwo\r", b"\n")


@pytest.mark.part("framing")
@pytest.mark.points(1)
def test_a_line_at_its_limit(observer: Observer) -> None:
    """A line of exactly the limit passes; one byte more does not."""
    in_ways(observer, b"x" * 32 + b"\n", [b"x" * 32], limit=32)
    in_ways(observer, b"x" * 33 + b"\n", [TOO_LONG], limit=32)


@pytest.mark.part("framing")
@pytest.mark.points(1)
def test_an_overlong_line_stands_in_its_place(observer: Observer) -> None:
    """An overlong line comes out once, in its place, and the lines around it are whole."""
    data = b"a\n" + b"x" * 100 + b"\nb\n"
    in_ways(observer, data, [b"a", TOO_LONG, b"b"], limit=32)


@pytest.mark.part("framing")
@pytest.mark.points(2)
def test_an_endless_line_takes_no_memory(observer: Observer) -> None:
    """A line that never ends is reported once, and no more than the limit is ever held."""
    pieces = [b"x" * 20_000] * 50
    expect_lines(observer, [LIMIT], *pieces)
    _, held = feed(observer, *pieces)
    assert held <= LIMIT, f"a line without end: {held:,} bytes of it were held"


@pytest.mark.part("framing")
@pytest.mark.points(1)
def test_some_lines_may_be_longer(observer: Observer) -> None:
    """A line with a certain beginning has a limit of its own; the others keep theirs."""
    data = [b"IMAGE:" + b"x" * 94 + b"\n", b"x" * 100 + b"\n", b"IMAGE:" + b"x" * 95 + b"\n"]
    for pieces in (data, [bytes([byte]) for line in data for byte in line]):
        seen = observer.observe(
            observations.lines,
            pieces=[piece.hex() for piece in pieces],
            limit=32,
            longer={"IMAGE:": 100},
        )
        first, second, third = [line for step in seen for line in step[:-1]]
        assert bytes.fromhex(first) == data[0][:-1]
        assert second.startswith("too long: 32 ")
        assert third.startswith("too long: 100 " + b"IMAGE:".hex())


@pytest.mark.part("framing")
@pytest.mark.points(1)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_cut_gives_the_same_lines(observer: Observer, data: st.DataObject) -> None:
    """Any bytes, cut anywhere, give the lines that stand in them."""
    lines = data.draw(st.lists(st.binary(max_size=20).map(without_line_ends), max_size=8))
    stream = b"".join(line + ending for line in lines for ending in [b"\n"])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    expect_lines(observer, lines, *pieces)


def without_line_ends(line: bytes) -> bytes:
    """A line that holds no newline and does not end in \\r, which would be dropped."""
    return line.replace(b"\n", b"").rstrip(b"\r")


# Text


Clean = Callable[[str], str]


@pytest.fixture
def clean(observer: Observer) -> Clean:
    """The submission's clean_text."""

    def clean_text(text: str) -> str:
        cleaned: str = observer.observe(observations.cleaned, text=text)
        return cleaned

    return clean_text


@TEXT
@pytest.mark.part("text")
@pytest.mark.points(2)
def test_control_characters_are_replaced(clean: Clean) -> None:
    """Each control character (C0 but tab, DEL, C1) becomes U+FFFD: ESC would command a terminal."""
    controls = [*range(0x20), *range(0x7F, 0xA0)]
    for control in controls:
        if control != ord("\t"):
            text = f"a{chr(control)}b"
            expect_same(["a\ufffdb"], [clean(text)], f"clean_text({text!a})")


@TEXT
@pytest.mark.part("text")
@pytest.mark.points(1)
def test_bidi_controls_are_replaced(clean: Clean) -> None:
    """Characters that reorder the text around them become U+FFFD."""
    replaced = "\ufffd" * len(BIDI_CONTROLS)
    expect_same([replaced], [clean(BIDI_CONTROLS)], f"clean_text({BIDI_CONTROLS!a})")


@TEXT
@pytest.mark.part("text")
def test_halves_of_surrogate_pairs_are_replaced(clean: Clean) -> None:
    """Half a surrogate pair, which no UTF-8 can carry, becomes U+FFFD."""
    text = "a\ud83db\udc00"
    expect_same(["a\ufffdb\ufffd"], [clean(text)], f"clean_text({text!a})")


@TEXT
@pytest.mark.part("text")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    "text", ["plain", "tab\tstays", "grüße", "日本語", "👩‍👩‍👧 🏳️‍🌈", "مرحبا", "a\u2028b"]
)
def test_ordinary_text_stays_as_it_is(clean: Clean, text: str) -> None:
    """Everything else stays: letters of all scripts, emoji, tab."""
    expect_same([text], [clean(text)], f"clean_text({text!a})")


@TEXT
@pytest.mark.part("text")
@pytest.mark.points(1)
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("grüße".encode(), "grüße"),
        (b"a\xffb", "a\ufffdb"),
        (b"a\x1b[2Jb", "a\ufffd[2Jb"),
        (b"cut \xf0\x9f\x8e", "cut \ufffd"),
        (b"c1 \xc2\x9b", "c1 \ufffd"),
    ],
)
def test_decoding_never_fails(observer: Observer, raw: bytes, text: str) -> None:
    """Bytes that are not UTF-8 become U+FFFD, and so do controls hidden in good UTF-8."""
    arrived = observer.observe(observations.decoded, raw=raw.hex())
    expect_same([text], [arrived], f"decode_text({raw!r})")


@TEXT
@pytest.mark.part("text")
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=64))
def test_whatever_comes_is_one_clean_line(observer: Observer, raw: bytes) -> None:
    """Any bytes, decoded and encoded again, are one line of UTF-8 without control characters."""
    text = observer.observe(observations.decoded, raw=raw.hex())
    line = bytes.fromhex(observer.observe(observations.encoded, text=text)).decode()
    assert line == text + "\n"
    assert not any(ord(char) < 0x20 and char != "\t" for char in text)


@TEXT
@pytest.mark.part("text")
@pytest.mark.points(2)
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x1bb", "\ud800", "a\x85b"])
def test_one_text_is_one_line(observer: Observer, text: str) -> None:
    """Whatever a text holds, encoding it makes one line: it can't smuggle in a second one."""
    line = bytes.fromhex(observer.observe(observations.encoded, text=text))
    what = f"encode_line({text!a}) gave {line!r}: "
    assert line.endswith(b"\n"), what + "its newline is missing"
    assert line.count(b"\n") == 1, what + "these are two lines for whoever reads them"
    assert b"\r" not in line, what + "\\r would move the cursor"
    assert line.decode("utf-8", "replace").encode() == line, what + "not UTF-8"
