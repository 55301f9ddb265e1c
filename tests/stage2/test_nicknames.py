"""The rule for nicknames: what is refused, with which words, and which names are the same."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stage2_gui.nicknames import (
    FORBIDDEN_CHARACTERS,
    RESERVED_NAMES,
    NicknameError,
    check_nickname,
    nickname_key,
)

pytestmark = [pytest.mark.stage(2), pytest.mark.insides]


@pytest.mark.parametrize(
    "name",
    [
        "A",
        "Alice",
        "anna-lena",
        "Ann Lee",
        "x" * 24,
        "Žofie",
        "Ζωή",
        "小明",
        "علي",
        "R2-D2",
        "🐍",
        "it's me",
    ],
)
def test_ordinary_names_are_kept_as_they_are(name: str) -> None:
    assert check_nickname(name) == name


def test_blanks_around_a_name_are_dropped() -> None:
    assert check_nickname("  Alice\t") == "Alice"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "at least one"),
        (" \t ", "at least one"),
        ("x" * 25, "at most 24 characters, this one has 25"),
        ("Ann  Lee", "single blanks"),
        ("Ann\tLee", "U+0009"),
        ("Ann\u00a0Lee", "U+00A0"),
        ("Ann\u3000Lee", "U+3000"),
        (".hidden", "dot"),
        ("Al\x07ice", "U+0007"),
        ("Al\x1b[31mice", "U+001B"),
        ("Al\x9bice", "U+009B"),
        ("Al\ufffdice", "control characters"),
        ("Al\u200bice", "U+200B"),
        ("Al\u200dice", "U+200D"),
        ("Al\u202eice", "U+202E"),
        ("Al\u2066ice", "U+2066"),
        ("Al\u00adice", "U+00AD"),
        ("Al\ufe0fice", "U+FE0F"),
        ("Al\u3164ice", "U+3164"),
        ("Al\u2800ice", "U+2800"),
        ("Al\ud800ice", "U+D800"),
        ("\u0301", "accent"),
        ("Alice|Bob", "none of"),
        ("\uff11\uff12\uff17\uff1a\uff18\uff10", "none of"),
    ],
)
def test_a_refused_name_says_why(name: str, reason: str) -> None:
    with pytest.raises(NicknameError) as refusal:
        check_nickname(name)
    assert reason in str(refusal.value)


@pytest.mark.parametrize("character", FORBIDDEN_CHARACTERS)
def test_characters_with_a_meaning_are_refused(character: str) -> None:
    with pytest.raises(NicknameError, match="none of"):
        check_nickname(f"a{character}b")


@pytest.mark.parametrize("name", RESERVED_NAMES)
@pytest.mark.parametrize(
    "disguise",
    [str, str.upper, str.lower, str.title, "\t{} ".format],
)
def test_reserved_words_are_refused_in_any_case(name: str, disguise: Callable[[str], str]) -> None:
    with pytest.raises(NicknameError, match="meaning of its own"):
        check_nickname(disguise(name))


def test_a_reserved_word_in_full_width_letters_is_refused() -> None:
    with pytest.raises(NicknameError, match="meaning of its own"):
        check_nickname("\uff33\uff45\uff52\uff56\uff45\uff52")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alice", "aLICE"),
        ("Alice", "\uff21\uff4c\uff49\uff43\uff45"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("Straße", "STRASSE"),
        ("ﬁn", "FIN"),
        ("Σ", "ς"),
        ("K", "\u212a"),
    ],
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert nickname_key(one) == nickname_key(other)


def test_different_people_have_different_keys() -> None:
    assert nickname_key("Alice") != nickname_key("Alice2")


@given(st.text())
def test_any_text_is_either_a_name_or_refused_with_a_reason(text: str) -> None:
    name = reason = ""
    try:
        name = check_nickname(text)
    except NicknameError as refusal:
        reason = str(refusal)
    if not reason:
        assert 1 <= len(name) <= 24
        assert name.isprintable()
        assert not set(name) & set(FORBIDDEN_CHARACTERS)
        assert check_nickname(name) == name


@given(st.text(max_size=30))
def test_a_key_is_its_own_key_and_knows_no_case_or_form(text: str) -> None:
    key = nickname_key(text)
    assert nickname_key(key) == key
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert nickname_key(unicodedata.normalize(form, text)) == key
