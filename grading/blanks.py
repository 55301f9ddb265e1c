"""Take the bodies out of the functions of a named region: what is left is what a student fills.

Strategy: the syntax tree says where a body begins and ends, the text is cut by lines; so comments,
signatures and docstrings stay as they were typed. Private helpers that only the region itself uses
would give away half of the solution: they go as a whole.
"""

import ast
import re
from collections.abc import Iterator

from grading.parts import Part, Region

_MARK = re.compile(r"^\s*# --8<-- \[(start|end):(\w+)\]\s*$")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class RegionError(LookupError):
    """A file has no such region, or its marks do not match."""


def region_lines(source: str, name: str) -> tuple[int, int]:
    """The numbers of the lines (from 1) on which the marks of a region stand."""
    found: dict[str, int] = {}
    for number, line in enumerate(source.splitlines(), start=1):
        if (mark := _MARK.match(line)) and mark[2] == name:
            found[mark[1]] = number
    if set(found) != {"start", "end"} or found["start"] > found["end"]:
        raise RegionError(f"there is no region {name!r} with a start and an end")
    return found["start"], found["end"]


def without_marks(source: str) -> str:
    """The source without the comments that mark regions, and without the gaps they would leave."""
    kept = [line for line in source.splitlines() if not _MARK.match(line)]
    return re.sub(r"\n{4,}", "\n\n\n", re.sub(r"\n{3,}(?=    )", "\n\n", "\n".join(kept))) + "\n"


def blanked(source: str, region: Region, part: Part) -> str:
    """The source with the functions of a region left to the student."""
    start, end = region_lines(source, region.name)
    lines = source.splitlines()
    outside = outside_of(source, region.name)
    # From the last to the first, so that the numbers of the lines before stay right.
    for function in reversed(list(functions_between(ast.parse(source), start, end))):
        if function.name in region.given:
            continue
        if is_helper(function, outside):
            lines[_first_line(function) - 1 : function.end_lineno] = []
        else:
            _take_out_body(lines, function, part)
    return "\n".join(lines) + "\n"


def functions_between(tree: ast.Module, start: int, end: int) -> Iterator[Function]:
    """The functions and methods between two lines, top to bottom; not those inside functions."""
    for node in tree.body:
        for inner in [node, *(node.body if isinstance(node, ast.ClassDef) else [])]:
            if isinstance(inner, Function) and start < inner.lineno < end:
                yield inner


def is_helper(function: Function, outside: str) -> bool:
    """Whether a function is private to its region: the source `outside` does not name it."""
    is_private = function.name.startswith("_") and not function.name.startswith("__")
    return is_private and not re.search(rf"\b{function.name}\b", outside)


def outside_of(source: str, region_name: str) -> str:
    """The source without a region."""
    start, end = region_lines(source, region_name)
    lines = source.splitlines()
    return "\n".join(lines[: start - 1] + lines[end:])


def _first_line(function: Function) -> int:
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _take_out_body(lines: list[str], function: Function, part: Part) -> None:
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    body_start = (first.end_lineno or first.lineno) + 1 if has_docstring else first.lineno
    indent = " " * first.col_offset
    words = f"{function.name} is not written yet: see “{part.section}”"
    lines[body_start - 1 : function.end_lineno] = [
        f"{indent}# TODO: “{part.section}” in the walkthrough, {part.page}",
        f'{indent}raise NotImplementedError("{words}")',
    ]
