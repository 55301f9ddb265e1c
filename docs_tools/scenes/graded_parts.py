"""What is graded, for the assignment pages: from the one list of parts and the manifest's points.

With it come the tests of Classroom 50's assignments, which are made from the same manifest.
"""

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_tools.stages import PROJECT
from grading import classroom50
from grading.blanks import region_lines
from grading.parts import Part, Region, parts_of
from grading.reports import Row, rows
from grading.scores import grades, load_manifest

STAGES = (1, 2, 3, 4)


def tables(_folder: Path) -> dict[str, str]:
    """For each stage a table of its parts, one of its topics, and its tests for Classroom 50."""
    manifest = load_manifest()
    made = {}
    for stage in STAGES:
        worth = rows(grades(manifest, [stage], [], ""))
        made[f"graded_stage{stage}.md"] = parts_table(stage, worth)
        made[f"topics_stage{stage}.md"] = topics_table(worth)
        tests = classroom50.as_json(classroom50.assignment(stage, manifest))
        made[f"classroom50_stage{stage}.json"] = tests
    return made


def parts_table(stage: int, worth: Sequence[Row]) -> str:
    """What the stage is worth; part, points, file, what is to be written, where it is taught."""
    points = {row.name: row_points(row) for row in worth if row.is_part}
    of_parts = _sum(row for row in worth if row.is_part)
    of_program = _sum(row for row in worth if not row.is_part)
    sums = f"{of_parts:g} for the parts, and {of_program:g} for the whole program"
    lines = [f"**{of_parts + of_program:g} points**: {sums}.", ""]
    lines += ["| part | points | file | to be written | read |", "|---|---:|---|---|---|"]
    for part in parts_of(stage):
        first = [f"`{part.name}`" + (" (bonus)" if part.bonus else ""), points.get(part.name, "")]
        for region in part.regions:
            wanted = ", ".join(f"`{function}`" for function in functions_of(region))
            lines.append(_line(*first, f"`{region.file}`", wanted, link(part)))
            first = ["", ""]
    return "\n".join(lines) + "\n"


def topics_table(worth: Sequence[Row]) -> str:
    """Topic, points, and what each of its tests demands, in the tests' own words."""
    lines = ["| topic | points | what must hold |", "|---|---:|---|"]
    for row in worth:
        if not row.is_part:
            demands = "<br>".join(grade.title for grade in row.grades)
            lines.append(_line(f"`{row.name}`", row_points(row), demands))
    return "\n".join(lines) + "\n"


def row_points(row: Row) -> str:
    """What a part or a topic can give."""
    bonus = sum(grade.bonus for grade in row.grades)
    return f"+{bonus:g}" if bonus else f"{sum(grade.maximum for grade in row.grades):g}"


def _sum(worth: Iterable[Row]) -> float:
    return sum(grade.maximum for row in worth for grade in row.grades)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


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
