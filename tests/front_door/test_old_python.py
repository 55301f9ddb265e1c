"""course.py on a Python that is too old: it says so, instead of showing a syntax error."""

import ast
import runpy
import sys
from pathlib import Path

import pytest

from tests.front_door.stub_project import PROJECT

COURSE = PROJECT / "course.py"
NEWER_THAN_PYTHON_2 = (
    ast.AnnAssign,
    ast.AsyncFunctionDef,
    ast.Await,
    ast.FormattedValue,
    ast.JoinedStr,
    ast.Match,
    ast.MatMult,
    ast.NamedExpr,
    ast.Nonlocal,
    ast.Starred,
    ast.YieldFrom,
)


def test_course_parses_everywhere() -> None:
    """course.py uses no syntax and no sign that Python 2.7 does not know."""
    source = COURSE.read_text(encoding="ascii")
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, NEWER_THAN_PYTHON_2), ast.dump(node)
        if isinstance(node, ast.FunctionDef | ast.Raise | ast.Call):
            assert not getattr(node, "returns", None)
            assert not getattr(node, "cause", None)


@pytest.mark.parametrize("has_newer", [True, False])
def test_old_python_is_told_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_newer: bool
) -> None:
    """An old Python says in one line which version is needed, and where one is."""
    if has_newer:
        (tmp_path / "python3.12").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    with pytest.raises(SystemExit) as ending:
        runpy.run_path(str(COURSE), run_name="__main__")
    message = str(ending.value.code)
    assert "needs Python 3.11 or newer" in message
    assert "Python 3.9" in message
    assert ("python3.12 course.py" if has_newer else "https://www.python.org") in message
    assert "\n" not in message
