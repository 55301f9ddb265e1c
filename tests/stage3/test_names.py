"""File names from strangers: whatever comes in, a bare and safe name comes out."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage3 import observations
from tests.stage3.hints import SAFE_NAMES
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(3),
    SAFE_NAMES,
]

SUPERSCRIPTS = "\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}"
LIMIT = 200


def safe(observer: Observer, name: str, limit: int = LIMIT) -> str:
    """What safe_name makes of one name."""
    (result,) = observer.observe(observations.safe, names=[name], limit=limit)
    assert isinstance(result, str)
    return result


@pytest.mark.part("file_names")
@pytest.mark.points(3)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat.png", "cat.png"),
        ("Grüße 日本 🎉.jpeg", "Grüße 日本 🎉.jpeg"),
        ("two  blanks.png", "two  blanks.png"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("\\\\server\\share\\x.png", "x.png"),
        ("C:x.png", "C-x.png"),
        ("stream.png:hidden", "stream.png-hidden"),
        ("..", "unnamed"),
        (".", "unnamed"),
        ("", "unnamed"),
        ("a/", "unnamed"),
        (".htaccess", "htaccess"),
        ("cat.png.", "cat.png"),
        ("cat.png. .", "cat.png"),
        (" cat.png ", "cat.png"),
        ('<>"|?*.png', "______.png"),
        ("a\x00b.png", "a_b.png"),
        ("a\nb\rc\td.png", "a_b_c_d.png"),
        ("\x1b[31mred.png", "_[31mred.png"),
        ("gnp\u202e.exe", "gnp_.exe"),
        ("a\u2028b.png", "a_b.png"),
        ("a\ud800b.png", "a_b.png"),
    ],
)
def test_a_name_becomes_safe(observer: Observer, name: str, expected: str) -> None:
    """Paths lose their folders, what some system forbids is replaced, the rest stays."""
    assert safe(observer, name) == expected


@pytest.mark.part("file_names")
@pytest.mark.points(2)
@pytest.mark.parametrize(
    "name",
    ["CON", "con.txt", "NUL.tar.gz", "Prn .png", "aux", "CONIN$", "conout$.log", "clock$"]
    + [f"{device}{digit}.png" for device in ("COM", "lpt") for digit in "0129" + SUPERSCRIPTS],
)
def test_device_names_are_no_files(observer: Observer, name: str) -> None:
    """Names that Windows takes for devices get a '_' in front, on every system."""
    assert safe(observer, name) == "_" + name
    assert observer.observe(observations.unsafe, names=[name]) == [name]


@pytest.mark.part("file_names")
@pytest.mark.parametrize("name", ["console.png", "com10.png", "auxiliary", "nul_", "COM.png"])
def test_names_that_only_look_like_devices_stay(observer: Observer, name: str) -> None:
    """What merely begins like a device's name is an ordinary name."""
    assert safe(observer, name) == name


@pytest.mark.part("file_names")
@pytest.mark.points(1)
def test_a_long_name_is_cut_and_keeps_its_extension(observer: Observer) -> None:
    """300 bytes are cut to 200; the extension stays, for it says how to open the file."""
    assert safe(observer, "x" * 300 + ".jpeg") == "x" * 195 + ".jpeg"
    assert safe(observer, "x" * 300) == "x" * 200


@pytest.mark.part("file_names")
@pytest.mark.points(1)
def test_a_long_name_is_cut_between_characters(observer: Observer) -> None:
    """The limit counts bytes; a character that does not fit goes as a whole."""
    assert safe(observer, "🎉" * 100 + ".png") == "🎉" * 49 + ".png"
    assert safe(observer, "x" + "é" * 100 + ".png") == "x" + "é" * 97 + ".png"


@pytest.mark.part("file_names")
@pytest.mark.points(1)
@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=300) | st.text("./\\: \x00cCoOnN1\u00b9\u202e|🎉é", max_size=120))
def test_whatever_comes_is_made_safe(observer: Observer, name: str) -> None:
    """Any text gives a name of 1 to 200 bytes that is safe on every system."""
    result = safe(observer, name)
    assert 1 <= len(result.encode()) <= LIMIT
    assert not set(result) & set('/\\:*?"<>|\t\u2028\u2029')
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in result)
    assert result.strip(" .") == result
    assert observer.observe(observations.unsafe, names=[result]) == []


@pytest.mark.part("file_names")
@pytest.mark.points(1)
@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=250), number=st.integers(2, 10_000))
def test_a_numbered_name_is_safe_too(observer: Observer, name: str, number: int) -> None:
    """A name that is taken gets a number before its extension, within the same limit."""
    result = observer.observe(observations.with_number, name=safe(observer, name), number=number)
    assert f" ({number})" in result
    assert observer.observe(observations.unsafe, names=[result]) == []
