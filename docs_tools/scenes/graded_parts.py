"""The tables of graded parts, for the assignment pages: from the one list of them."""

import ast
from pathlib import Path

from course_tools.stages import PROJECT
from grading.blanks import region_lines
from grading.parts import Part, Region, parts_of


def tables(_folder: Path) -> dict[str, str]:
    """One table a stage."""
    return {f"graded_stage{stage}.md": table(stage) for stage in (1, 2, 3, 4)}


def table(stage: int) -> str:
    """Part, file, what is to be written, and where it is taught."""
    lines = ["| part | file | to be written | read |", "|---|---|---|---|"]
    for part in parts_of(stage):
        name = f"`{part.name}`" + (" (bonus)" if part.bonus else "")
        for region in part.regions:
            wanted = ", ".join(f"`{function}`" for function in functions_of(region))
            lines.append(f"| {name} | `{region.file}` | {wanted} | {link(part)} |")
            name = ""
    return "\n".join(lines) + "\n"


def functions_of(region: Region) -> list[str]:
    """The functions and methods of a region that a starter leaves open; private helpers apart."""
    source = (PROJECT / region.file).read_text(encoding="utf-8")
    start, end = region_lines(source, region.name)
    body = ast.parse(source).body
    methods = [node for outer in body if isinstance(outer, ast.ClassDef) for node in outer.body]
    functions = [node for node in [*body, *methods] if isinstance(node, ast.FunctionDef)]
    inside = sorted((f for f in functions if start < f.lineno < end), key=lambda f: f.lineno)
    public = [f.name for f in inside if not f.name.startswith("_") and f.name not in region.given]
    return public or [f.name for f in inside if f.name not in region.given]


def link(part: Part) -> str:
    """A link to the section, from a page in the stage's own folder."""
    page, _, anchor = part.page.partition("#")
    file = f"{page}.md" if "/" in page else f"{page}/index.md"
    return f"[{part.section}](../{file}#{anchor})"


SCENES = {"graded": tables}
