"""Which graded parts of a submission are the reference's, but for names and comments.

The reference is public, and teaches; copying it is for people to talk about, not for a grader to
punish. So this makes a note for the instructor, and no point depends on it.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from course_tools.stages import PROJECT
from grading.blanks import Function, functions_between, region_lines
from grading.parts import Part, Region, parts_of
from grading.splice import OverlayError, parsed

SHORTEST = 40
"""Nodes of the syntax tree; what is shorter can hardly be written in two ways."""


def note(submission: Path, stage: int) -> str:
    """What an instructor may want to talk about, in one line; empty when there is nothing."""
    if submission == PROJECT or not (
        names := [part.name for part in equal_parts(submission, [stage])]
    ):
        return ""
    what = ", ".join(names)
    return f"Equal to the reference but for names (a note, no points depend on it): {what}"


def equal_parts(submission: Path, stages: Iterable[int]) -> list[Part]:
    """The parts that are equal to the reference's after normalising names."""
    parts = [part for stage in stages for part in parts_of(stage)]
    return [part for part in parts if _is_equal(submission, part)]


def _is_equal(submission: Path, part: Part) -> bool:
    ours, size = [], 0
    for region in part.regions:
        wanted = _wanted(region)
        tree = ast.parse((PROJECT / region.file).read_text(encoding="utf-8"))
        reference = _code(tree, wanted)
        size += sum(1 for one in reference for _ in ast.walk(one))
        ours.append(_normalised(reference))
        try:
            text = (submission / region.file).read_text(encoding="utf-8")
            theirs = _normalised(_code(parsed(text, region.file), wanted))
        except (OverlayError, OSError, UnicodeDecodeError):
            return False
        if theirs != ours[-1]:
            return False
    return size >= SHORTEST


def _wanted(region: Region) -> list[str]:
    """The functions that a student writes in a region; not its private helpers."""
    source = (PROJECT / region.file).read_text(encoding="utf-8")
    start, end = region_lines(source, region.name)
    functions = functions_between(ast.parse(source), start, end)
    names = [function.name for function in functions if function.name not in region.given]
    public = [name for name in names if not name.startswith("_")]
    return public or names[:1]


def _code(tree: ast.Module, wanted: Iterable[str]) -> list[Function]:
    """The wanted functions and the helpers of the file that they call, in the order of calling."""
    known = {node.name: node for node in ast.walk(tree) if isinstance(node, Function)}
    found: dict[str, Function] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop(0)
        if name in known and name not in found:
            found[name] = known[name]
            waiting += [used for used in _names_in(known[name]) if used.startswith("_")]
    return list(found.values())


def _names_in(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def _normalised(functions: Iterable[Function]) -> str:
    """The code without docstrings, annotations and the author's own choice of names."""
    names = _Names()
    copies = [ast.parse(ast.unparse(function)).body[0] for function in functions]
    return "\n".join(ast.dump(names.visit(copy)) for copy in copies)


class _Names(ast.NodeTransformer):
    """Calls local variables, arguments and private names 1, 2, 3 … in the order of their coming."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}
        self._own: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Take out docstring and annotations; everything that it binds is its own."""
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        node.returns = None
        for inner in ast.walk(node):
            if isinstance(inner, ast.arg):
                inner.annotation = None
                self._own.add(inner.arg)
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                self._own.add(inner.id)
        node.name = self._number(node.name)
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """A variable with its type is a variable."""
        if node.value is None:
            return ast.Pass()
        plain = ast.Assign([node.target], node.value)
        return self.generic_visit(ast.copy_location(plain, node))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """An argument."""
        node.arg = self._number(node.arg)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A variable; what is not bound here keeps its name, unless it is private."""
        if node.id in self._own or node.id.startswith("_"):
            node.id = self._number(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """A private attribute or method."""
        if node.attr.startswith("_"):
            node.attr = self._number(node.attr)
        return self.generic_visit(node)

    def _number(self, name: str) -> str:
        return self._numbers.setdefault(name, str(len(self._numbers)))
