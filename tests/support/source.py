"""What can be told of a program by reading it: where it catches errors only to hide them."""

import ast
from collections.abc import Iterator
from pathlib import Path

EVERYTHING = {"Exception", "BaseException"}


def hidden_errors(folder: Path) -> list[str]:
    """Where the programs of a folder catch every error without looking at it, one line each."""
    return [
        f"{file.relative_to(folder.parent).as_posix()}, line {line}: {why}"
        for file in sorted(folder.rglob("*.py"))
        for line, why in _in_source(file.read_text(encoding="utf-8", errors="replace"))
    ]


def _in_source(source: str) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # other tests say so
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None and not _passes_on(node):
                yield node.lineno, "`except:` catches everything, Ctrl+C and typing errors too"
            elif _is_everything(node.type) and _does_nothing(node):
                yield node.lineno, "every error is caught, and nothing is done about it"


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the error goes on its way afterwards, as after `finally`."""
    return isinstance(handler.body[-1], ast.Raise)


def _is_everything(caught: ast.expr | None) -> bool:
    return isinstance(caught, ast.Name) and caught.id in EVERYTHING


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )
