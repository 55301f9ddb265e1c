"""What a part was given, what had to come out, what came out: for a reader who knows no pytest."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.support.report import caret, quoted

_ITEMS_SHOWN = 20
_WIDTH = 240


class DifferenceError(AssertionError):
    """What came out of a part is not what had to come out."""


def expect_same(
    expected: Sequence[Any],
    arrived: Sequence[Any],
    *done: str,
    show: Callable[[Any], str] | None = None,
) -> None:
    """Compare what came out, item by item; `done` says, a line each, what was done before."""
    __tracebackhide__ = True
    if list(expected) == list(arrived):
        return
    told = show or plain
    lines = _rows("done:", done or ["(nothing)"])
    lines += _rows("expected:", [told(item) for item in expected] or ["(nothing)"])
    lines += _rows("arrived:", [told(item) for item in arrived] or ["(nothing)"])
    lines += _first_difference(expected, arrived, told)
    raise DifferenceError("\n".join(lines))


def plain(item: Any) -> str:
    """An item as people write it; bytes and text with each character visible."""
    if isinstance(item, bytes | str):
        return quoted(_as_bytes(item))
    return repr(item)


def _rows(title: str, items: Sequence[str]) -> list[str]:
    if len(items) > _ITEMS_SHOWN:
        half = _ITEMS_SHOWN // 2
        items = [*items[:half], f"… {len(items) - 2 * half:,} more …", *items[-half:]]
    titles = [title] + [""] * len(items)
    return [f"{title:<10}{shortened(item)}" for title, item in zip(titles, items, strict=False)]


def shortened(text: str) -> str:
    """Text with its middle left out if it is long."""
    if len(text) <= _WIDTH:
        return text
    half = _WIDTH // 2
    return f"{text[:half]} …{len(text) - 2 * half:,} characters… {text[-half:]}"


def _first_difference(
    expected: Sequence[Any], arrived: Sequence[Any], told: Callable[[Any], str]
) -> list[str]:
    pairs = list(zip(expected, arrived, strict=False))
    place = next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if place == len(pairs):
        missing = len(expected) - len(arrived)
        return [f"{missing} too few" if missing > 0 else f"{-missing} too many"]
    lines = [f"the first difference is in number {place + 1}"] if len(pairs) > 1 else []
    one, other = (
        _as_bytes(item if isinstance(item, bytes | str) else told(item)) for item in pairs[place]
    )
    return [*lines, *caret(one, other)] if one[:1] == other[:1] else lines


def _as_bytes(item: bytes | str) -> bytes:
    return item if isinstance(item, bytes) else item.encode("utf-8", "backslashreplace")
