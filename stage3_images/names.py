"""File names from strangers, made safe for every operating system.

Strategy: never search for bad names (the list never ends); turn every name into a good one, and
call a name safe when that changes nothing. A path loses all but its last part, so nothing can
climb out of a folder, and the result works on Windows, macOS and Linux alike, because a file that
is received here may be sent on to a computer of another kind.
"""

import re

from stage1_basic.lines import clean_text

NAME_LIMIT = 200  # bytes of UTF-8; file systems stop at 255, and "name (2).part" must fit too
EXTENSION_LIMIT = 20  # bytes; what is longer after the last dot is no extension
UNNAMED = "unnamed"

# What Windows forbids in names; "|" would also end the name on the wire. A colon, as in
# "10.0.0.7:50123", becomes a hyphen. U+FFFD is what clean_text leaves in a control's place.
_REPLACED = {ord(character): "_" for character in '<>"|?*\t\ufffd\u2028\u2029'} | {ord(":"): "-"}

# Windows takes these for devices in every folder, whatever extension follows, superscripts too.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)",
    re.IGNORECASE,
)


# --8<-- [start:safe_name]
def safe_name(name: str, limit: int = NAME_LIMIT) -> str:
    """Return a bare file name that is safe on every system, at most `limit` bytes of UTF-8.

    Never refuses: of a path the last part is kept, forbidden characters are replaced, and what
    has no usable character left is called "unnamed".
    """
    bare = re.split(r"[/\\]", name)[-1]
    bare = clean_text(bare).translate(_REPLACED).strip(" .") or UNNAMED
    if _DEVICE.match(bare):
        bare = "_" + bare
    return _shortened(bare, limit)


def is_safe(name: str) -> bool:
    """Tell whether a name can be used as it is: one rule for what is stored, listed and served."""
    return safe_name(name) == name


# --8<-- [end:safe_name]


def numbered(name: str, number: int, limit: int = NAME_LIMIT) -> str:
    """Return "name (2).ext" for number 2: what a file is called when its name is taken."""
    stem, extension = split_extension(name)
    mark = f" ({number}){extension}"
    return _cut(stem, limit - len(mark.encode())) + mark


def split_extension(name: str) -> tuple[str, str]:
    """Split "holiday.tar.gz" into "holiday.tar" and ".gz"; the second part may be empty."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) >= EXTENSION_LIMIT:
        return name, ""
    return stem, dot + extension


def _shortened(name: str, limit: int) -> str:
    if len(name.encode()) <= limit:
        return name
    stem, extension = split_extension(name)
    return (_cut(stem, limit - len(extension.encode())) + extension).strip(" .")


def _cut(text: str, limit: int) -> str:
    """Cut to `limit` bytes, leaving out a character that would be cut in two."""
    return text.encode()[:limit].decode(errors="ignore")
