"""Put a student's version of a graded part into the reference's file: a splice of syntax trees.

Strategy: what the part's region defines is replaced by the student's definitions of the same names
(a class that lies in the region as a whole). What else the student's file defines and the
reference's does not, such as helpers, imports and constants, comes along, in its place. Everything
else stays the reference's: so a part is judged by itself.
"""

import ast
from collections.abc import Iterator, Sequence

from grading.blanks import Function, is_helper, outside_of, region_lines
from grading.parts import Region

Scope = ast.Module | ast.ClassDef
Imports = ast.Import | ast.ImportFrom


class OverlayError(Exception):
    """A part cannot be put over the reference; the message is for the student."""


def spliced(reference: str, student: str, regions: Sequence[Region]) -> str:
    """The reference's source with the student's version of these regions, all of one file."""
    theirs = parsed(student, regions[0].file)
    ours = ast.parse(reference)
    own: list[ast.stmt] = []
    for region in regions:
        splice = _Splice(reference, region)
        splice.replace(ours, theirs)
        own += splice.own
    own += _add_missing(ours, theirs)
    _import_inside(own, _other_imports(ours, theirs))
    try:
        return ast.unparse(ast.fix_missing_locations(ours)) + "\n"
    except RecursionError as error:
        raise OverlayError(f"{regions[0].file}: too deeply nested to be read") from error


def parsed(source: str, file: str) -> ast.Module:
    """The syntax tree of a student's file; raises OverlayError, in one line."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        where = f"{file}, line {error.lineno}" if error.lineno else file
        raise OverlayError(f"{where}: not Python: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise OverlayError(f"{file}: not Python: {error}") from error


class _Splice:
    """Replaces the definitions of one region."""

    def __init__(self, reference: str, region: Region) -> None:
        self._file = region.file
        self._start, self._end = region_lines(reference, region.name)
        self._outside = outside_of(reference, region.name)
        self.own: list[ast.stmt] = []
        """What is the student's now."""

    def replace(self, ours: Scope, theirs: Scope, prefix: str = "") -> None:
        """Replace what lies in the region, in a module or in a class that is larger than it."""
        for node in list(ours.body):
            if not isinstance(node, ast.ClassDef | Function):
                continue
            if self._start < node.lineno < self._end:
                self._replace_one(node, ours, theirs, prefix)
            elif isinstance(node, ast.ClassDef) and self._reaches_into(node):
                self._replace_methods(node, theirs)

    def _reaches_into(self, node: ast.ClassDef) -> bool:
        return any(self._start < inner.lineno < self._end for inner in node.body)

    def _replace_methods(self, ours: ast.ClassDef, module: Scope) -> None:
        theirs = _find(module, ours.name)
        if not isinstance(theirs, ast.ClassDef):
            raise self._missing(ours.name)
        self.replace(ours, theirs, f"{ours.name}.")
        self.own += _add_missing(ours, theirs)
        _add_attributes(ours, theirs)

    def _replace_one(
        self, node: ast.ClassDef | Function, ours: Scope, theirs: Scope, prefix: str
    ) -> None:
        new = _find(theirs, node.name)
        place = ours.body.index(node)
        if isinstance(node, Function) and new is None and is_helper(node, self._outside):
            del ours.body[place]
            return
        if new is None or isinstance(node, ast.ClassDef) != isinstance(new, ast.ClassDef):
            raise self._missing(prefix + node.name)
        if isinstance(node, ast.ClassDef) and isinstance(new, ast.ClassDef):
            self._expect_methods(node, new)
        ours.body[place] = new
        self.own.append(new)

    def _expect_methods(self, ours: ast.ClassDef, theirs: ast.ClassDef) -> None:
        for method in ours.body:
            is_wanted = isinstance(method, Function) and not is_helper(method, self._outside)
            if is_wanted and isinstance(method, Function) and _find(theirs, method.name) is None:
                raise self._missing(f"{ours.name}.{method.name}")

    def _missing(self, name: str) -> OverlayError:
        words = "keep the names and signatures of the starter"
        return OverlayError(f"{self._file} has no {name}: {words}")


def _find(scope: Scope, name: str) -> ast.stmt | None:
    """What gives a name its meaning in a module or class."""
    return next((node for node in reversed(scope.body) if name in _binds(node)), None)


def _add_missing(ours: Scope, theirs: Scope) -> list[ast.stmt]:
    """Add what only the student's scope binds, each behind what stands before it there."""
    added: list[ast.stmt] = []
    known = {name for node in ours.body for name in _binds(node)}
    place = _beginning(ours)
    for node in theirs.body:
        names = _binds(node)
        if names - known:
            ours.body.insert(place, node)
            added.append(node)
            known |= names
            place += 1
        elif names and not isinstance(node, Imports):
            ends = (index for index, one in enumerate(ours.body, 1) if names & _binds(one))
            place = max(place, *ends)
    return added


def _other_imports(ours: Scope, theirs: Scope) -> list[ast.stmt]:
    """The student's imports of names that stand for something else in the reference's file, such
    as `import datetime` for `from datetime import datetime`."""
    known = {name: what for node in ours.body for name, what in _imported(node)}
    return [
        node
        for node in theirs.body
        if any(known.get(name, what) != what for name, what in _imported(node))
    ]


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, and what it stands for."""
    if isinstance(node, Imports):
        module = f"{node.level} {node.module} " if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, module + (alias.name if alias.asname or module else name)


def _import_inside(nodes: Sequence[ast.stmt], imports: list[ast.stmt]) -> None:
    """Let the student's functions import for themselves what has another meaning around them."""
    functions = (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, Function))
    for function in functions if imports else ():
        place = int(ast.get_docstring(function) is not None)
        function.body[place:place] = imports


def _beginning(scope: Scope) -> int:
    """Where a scope's own definitions begin: behind docstring and imports."""
    imports = [number for number, one in enumerate(scope.body, 1) if isinstance(one, Imports)]
    return max([*imports, int(ast.get_docstring(scope) is not None)])


def _binds(node: ast.stmt) -> set[str]:
    """The names that a statement of a module or class gives a meaning to."""
    if isinstance(node, ast.ClassDef | Function):
        return {node.name}
    if isinstance(node, Imports):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    if isinstance(node, ast.If | ast.Try | ast.With | ast.For):
        return {name for inner in _statements(node) for name in _binds(inner)}
    names = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.ExceptHandler):
            yield from inner.body
        elif isinstance(inner, ast.stmt):
            yield inner


def _add_attributes(ours: ast.ClassDef, theirs: ast.ClassDef) -> None:
    """Let `__init__` also set what only the student's `__init__` sets."""
    our_start, their_start = _find(ours, "__init__"), _find(theirs, "__init__")
    if isinstance(our_start, Function) and isinstance(their_start, Function):
        known = {name for node in our_start.body for name in _sets(node)}
        our_start.body += [n for n in their_start.body if _sets(n) and not _sets(n) & known]


def _sets(node: ast.stmt) -> set[str]:
    """Which attributes of `self` an assignment sets."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return set()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.attr for target in targets if isinstance(target, ast.Attribute)}
