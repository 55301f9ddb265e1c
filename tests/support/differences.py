"""How two values differ, in words: what had to come, what came, and the first difference."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.support.compare import plain, shortened
from tests.support.report import caret

IN_WORDS = {
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
    "!=": "anything but",
    "is": "",
    "is not": "anything but",
    "in": "one of",
    "not in": "none of",
}


def difference(op: str, arrived: object, expected: object) -> list[str]:
    """What had to come and what came, with a mark at the first difference."""
    if op in {"in", "not in"} and isinstance(expected, str | bytes):  # a text that has a part
        not_ = "not " if op == "not in" else ""
        return _pair(f"a text with{'out' * bool(not_)} {_shown(arrived)} in it", _shown(expected))
    if op != "==":
        return _pair(f"{IN_WORDS.get(op, op)} {_shown(expected)}".strip(), _shown(arrived))
    if isinstance(arrived, str | bytes) and type(arrived) is type(expected):
        return _texts(arrived, expected)
    if type(expected).__name__.startswith("Approx"):
        return _nearly(arrived, expected)
    lines = _pair(_shown(expected), _shown(arrived))
    if isinstance(arrived, Mapping) and isinstance(expected, Mapping):
        return lines + _first_key(arrived, expected)
    if isinstance(arrived, list | tuple) and isinstance(expected, list | tuple):
        return lines + _first_item(arrived, expected)
    if isinstance(arrived, set | frozenset) and isinstance(expected, set | frozenset):
        missing, extra = sorted(expected - arrived, key=repr), sorted(arrived - expected, key=repr)
        return [*lines, f"missing: {_shown(missing)}; too many: {_shown(extra)}"]
    return lines


def _nearly(arrived: object, expected: object) -> list[str]:
    """For `pytest.approx`: what was expected without its tolerances."""
    wanted = getattr(expected, "expected", expected)
    lines = _pair(f"about {_shown(wanted)}", _shown(arrived))
    if isinstance(arrived, list) and isinstance(wanted, list) and len(arrived) == len(wanted):
        pairs = enumerate(zip(arrived, wanted, strict=True), start=1)
        place = next((n for n, (one, other) in pairs if one != pytest.approx(other)), None)
        lines += [f"the first difference is in number {place}"] if place else []
    return lines


def _pair(expected: str, arrived: str) -> list[str]:
    return [f"expected: {expected}", f"arrived:  {arrived}"]


def _shown(value: object) -> str:
    if isinstance(value, str | bytes):
        return plain(value)
    count = f" ({len(value)} in all)" if isinstance(value, Sequence) and len(value) > 20 else ""
    return shortened(repr(value)) + count


def _texts(arrived: Any, expected: Any) -> list[str]:
    if not arrived or not expected or arrived[:1] != expected[:1]:
        return _pair(_shown(expected), _shown(arrived))
    one, other = (
        text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        for text in (expected, arrived)
    )
    return textwrap.dedent("\n".join(caret(one, other))).splitlines()


def _first_item(arrived: Sequence[object], expected: Sequence[object]) -> list[str]:
    pairs = list(zip(arrived, expected, strict=False))
    place = next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if place == len(pairs):
        return [f"number: {len(expected)} expected, {len(arrived)} arrived"]
    if len(arrived) == len(expected) == 1:
        return []
    one, other = pairs[place]
    lines = difference("==", one, other) if isinstance(one, str | bytes) else []
    lines = lines or _pair(_shown(other), _shown(one))
    return [f"the first difference is in number {place + 1}:", *(f"  {line}" for line in lines)]


def _first_key(arrived: Mapping[Any, Any], expected: Mapping[Any, Any]) -> list[str]:
    nothing = object()
    for key in [*expected, *arrived]:
        one, other = arrived.get(key, nothing), expected.get(key, nothing)
        if one is nothing:
            return [f"missing: {_shown(key)}"]
        if other is nothing:
            return [f"too many: {_shown(key)}"]
        if one != other:
            pair = _pair(_shown(other), _shown(one))
            return [f"at {_shown(key)}:", *(f"  {line}" for line in pair)]
    return []
