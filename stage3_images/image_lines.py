"""The lines that carry an image: `IMAGE:<name>|<base64>`, `SERVER_IMAGE:<name>|<base64>`.

Base64 writes three bytes as four letters of a harmless alphabet, so any file can travel in a line
of text, a third larger. A name may contain `|`, base64 does not: the last one is the separator.
"""

from binascii import b2a_base64

from stage1_basic.lines import decode_text

NAME_BYTES = 1024
"""So many bytes of a name are looked at: its end, where the extension is."""


def split_image(rest: bytes) -> tuple[str, memoryview]:
    """Split what follows the verb into the name and the base64, of which no copy is made."""
    bar = rest.rfind(b"|")
    name = decode_text(rest[max(0, bar - NAME_BYTES) : max(0, bar)])
    return name, memoryview(rest)[bar + 1 :]


def image_line(name: str, content: bytes) -> bytes:
    """Return the line that uploads an image, with its newline."""
    return b"".join((b"IMAGE:", name.encode(), b"|", b2a_base64(content)))
