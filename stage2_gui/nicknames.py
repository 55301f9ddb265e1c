"""What may be a nickname, and when two nicknames are the same.

Strategy: a name is shown as its owner wrote it, but compared by a *key* (Unicode NFKC, then case
folding), so `Alice` and `ALICE` are one person. Characters that cannot be seen are refused, since
two names that look alike and differ are a way to speak in someone else's name. Look-alikes from
different scripts (Latin and Cyrillic `a`) are not caught: that takes the tables of Unicode TR 39.
"""

import unicodedata

LONGEST_NICKNAME = 24
"""The most characters that a nickname may have."""

LONGEST_SPELLING = 4 * LONGEST_NICKNAME
"""The most characters looked at when someone writes a nickname: accents may stand apart."""

FORBIDDEN_CHARACTERS = '|,:<>/\\*?"'
RESERVED_NAMES = (
    *("Server", "System", "You", "VM", "Error"),
    *("online", "files", "download", "broadcast", "images", "image", "request", "help", "quit"),
    *("exit", "clients", "list", "send", "say"),
)

# Letters, marks and symbols that are drawn as nothing although Unicode does not call them
# "format": fillers, variation selectors, joiners, the braille blank.
INVISIBLE_CHARACTERS = frozenset(
    [
        *("\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180f"),
        *("\u2800", "\u3164", "\uffa0", "\ufffc", "\U00016fe4", "\U0001d159"),
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0xE0100, 0xE01F0)),
    ]
)


class NicknameError(ValueError):
    """The name cannot be a nickname; the text says why, for the person who chose it."""


# --8<-- [start:key]
def nickname_key(name: str) -> str:
    """Return what is equal for two names exactly when they count as the same nickname.

    The steps are Unicode's "compatibility caseless match" (The Unicode Standard, D146): folding can
    make new compatibility characters and the reverse, so both are done twice.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", folded.casefold()).strip()


# --8<-- [end:key]


RESERVED_KEYS = frozenset(nickname_key(name) for name in RESERVED_NAMES)


def check_nickname(name: str) -> str:
    """Return `name` without blanks around it, or raise `NicknameError` saying why it is refused."""
    name = name.strip()
    if not name:
        raise NicknameError("a nickname needs at least one character")
    if len(name) > LONGEST_NICKNAME:
        raise NicknameError(
            f"a nickname has at most {LONGEST_NICKNAME} characters, this one has {len(name)}"
        )
    _check_characters(name)
    if name.startswith("."):
        raise NicknameError("a nickname does not begin with a dot")
    if nickname_key(name) in RESERVED_KEYS:
        raise NicknameError(f"'{name}' is a word with a meaning of its own here, choose another")
    return name


def _check_characters(name: str) -> None:
    """Raise `NicknameError` for the first character that a nickname may not have."""
    if unicodedata.category(name[0]).startswith("M"):
        raise NicknameError("a nickname does not begin with an accent")
    for character in name:
        if not character.isprintable() or character in INVISIBLE_CHARACTERS:
            raise NicknameError(
                f"a nickname has only characters that can be seen, not U+{ord(character):04X}"
            )
        if character == "\ufffd":
            raise NicknameError("a nickname has no control characters and only valid UTF-8")
    if "  " in name:
        raise NicknameError("a nickname has single blanks between its words")
    # NFKC finds full-width forms too: 127.0.0.1:4711 in wide letters is not a person's name.
    for character in FORBIDDEN_CHARACTERS:
        if character in name or character in unicodedata.normalize("NFKC", name):
            raise NicknameError(f"a nickname has none of {' '.join(FORBIDDEN_CHARACTERS)}")
