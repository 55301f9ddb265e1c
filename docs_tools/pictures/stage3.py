"""Stage 3: base64, the way of an upload, names of strangers."""

from collections.abc import Callable

from docs_tools.drawings import Box, Cell, Link, Row, boxes, strip


def base64_groups() -> str:
    """Three bytes become four letters."""
    return strip(
        "Base64: each three bytes become four letters, six bits each",
        [
            Row(
                "3 bytes",
                [Cell(bits, width=112) for bits in ("01010000", "01001110", "01000111")],
                "the letters PNG, as bytes",
            ),
            Row(
                "4 letters",
                [Cell(bits, "answer", 84) for bits in ("010100", "000100", "111001", "000111")],
                "U  E  5  H: no newline can be among them, so it fits into a line",
            ),
        ],
    )


def image_journey() -> str:
    """What happens to an upload."""
    return boxes(
        "An upload is decoded, checked and stored away from the loop; the loop serves on",
        {
            "loop": Box(0, 0, ["event loop", "IMAGE: line arrives"]),
            "worker": Box(1.1, 0, ["worker thread", "hands over, waits"], "note"),
            "process": Box(2.2, 0, ["process of its own", "base64, Pillow, disk"], "answer", 165),
            "refused": Box(2.2, 1, ["refused", "IMAGE_ERROR:"], "loss", 165),
            "then": Box(0, 1, ["then(future)", "back in the loop: tell all"]),
        },
        [
            Link("loop", "worker", "work"),
            Link("worker", "process", "job"),
            Link("process", "refused", "", "loss"),
            Link("worker", "then", "result", "answer"),
        ],
    )


def traversal() -> str:
    """What a hostile name wants, and what becomes of it."""
    return strip(
        "Of a path only the last part is kept, and what has a meaning to some system is replaced",
        [
            Row("asked for", [Cell("../../home/ann/.ssh/id_rsa", "loss")]),
            Row("becomes", [Cell("id_rsa", "answer")], "and lies in the folder for images"),
            Row("asked for", [Cell("CON.txt", "loss"), Cell("a:b?.png", "loss", gap=20)]),
            Row("becomes", [Cell("_CON.txt", "answer"), Cell("a_b_.png", "answer", gap=20)]),
        ],
    )


PICTURES: list[Callable[[], str]] = [base64_groups, image_journey, traversal]
