"""Grades for people: the table of points, and what to read about each failure.

A row of the table is a graded part, tried among the reference's other parts, or a topic of the
whole program: the tests of one file that belong to no part.
"""

import os
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grading.scores import Grade, total

SIGNS = {"passed": "✓", "failed": "✗", "skipped": "–", "missing": "?"}
DOCS = "COURSE_DOCS"
"""The environment's name for the address of the course's site, for links that can be clicked."""
HOW_MANY_RUNS = re.compile(r"\A\d+ of \d+ runs failed.*\n")
WHAT_DIFFERS = re.compile(
    r"\A\d+ of \d+ runs failed.*\n|^observed: .*\n(?: {10}.*\n)*", re.MULTILINE
)
"""What may differ in failures that are the same: how many runs failed, and what each was given."""
NEEDED = re.compile(r"needs (\w+), which failed")
WIDTH = 96
SIGNS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A graded part or a topic of a stage, with the grades of its tests."""

    stage: int
    name: str
    is_part: bool
    grades: tuple[Grade, ...]


def rows(grades: Sequence[Grade]) -> list[Row]:
    """The rows of all stages: in each the graded parts first, then the topics."""
    keys = dict.fromkeys((grade.stage, not grade.part, row_name(grade)) for grade in grades)
    ordered = sorted(keys, key=lambda key: key[:2])
    return [
        Row(stage, name, not is_topic, tuple(g for g in grades if _key(g) == key))
        for key in ordered
        for stage, is_topic, name in [key]
    ]


def _key(grade: Grade) -> tuple[int, bool, str]:
    return grade.stage, not grade.part, row_name(grade)


def row_name(grade: Grade) -> str:
    """The graded part of a test, or else its topic, which is what its file is called."""
    return grade.part or Path(grade.name.partition("::")[0]).stem.removeprefix("test_")


def table(grades: Sequence[Grade]) -> str:
    """Points of each stage, and of each part and topic in it, with a sign for each test."""
    lines = []
    of_all = rows(grades)
    for stage in sorted({row.stage for row in of_all}):
        of_stage = [row for row in of_all if row.stage == stage]
        lines += [f"Stage {stage}", ""]
        for heading, wanted in (("graded parts", True), ("whole program", False)):
            if chosen := [row for row in of_stage if row.is_part is wanted]:
                lines += [f"  {heading}", *map(_line, chosen)]
        everything = [grade for row in of_stage for grade in row.grades]
        lines += [f"  {'all':<24} {points(everything):>12}", ""]
    return "\n".join(lines)


def _line(row: Row) -> str:
    signs = "".join(SIGNS[grade.outcome] for grade in row.grades)
    if len(signs) > SIGNS_SHOWN:
        passed = signs.count(SIGNS["passed"])
        signs = f"{passed} of {len(signs)} tests"
    return f"    {row.name:<22} {points(row.grades):>12}   {signs}"


def points(grades: Iterable[Grade]) -> str:
    """Points as they are shown: `7.5 of 10`, or of a bonus `+3 of +5`."""
    chosen = tuple(grades)
    score, maximum = total(chosen)
    bonus = sum(grade.bonus for grade in chosen)
    if bonus and not maximum:
        return f"+{score:g} of +{bonus:g}"
    return f"{score:g} of {maximum:g}"


def feedback(grades: Sequence[Grade]) -> str:
    """Every failure: what had to hold, what happened, what it probably means, where to read on.

    Tests of one part or topic that failed in the very same way are told together.
    """
    bad = [grade for grade in grades if grade.outcome in {"failed", "missing"}]
    alike: dict[tuple[object, ...], list[Grade]] = {}
    for grade in bad:
        cause = WHAT_DIFFERS.sub("", grade.explanation)
        alike.setdefault((row_name(grade), grade.stage, cause, grade.hint), []).append(grade)
    blocks = [block(group[0]) if len(group) == 1 else _common(group) for group in alike.values()]
    skipped = [grade for grade in grades if grade.outcome == "skipped"]
    if skipped:
        reasons = dict.fromkeys(grade.explanation for grade in skipped)
        words = "1 test was" if len(skipped) == 1 else f"{len(skipped)} tests were"
        blocks.append(f"– {words} skipped and score nothing:")
        blocks[-1] += "".join(f"\n    {_with_title(reason, grades)}" for reason in reasons)
    return "\n\n".join(blocks)


def _with_title(reason: str, grades: Sequence[Grade]) -> str:
    """Why a test was skipped, with the sentence of the test that it needs."""
    needed = NEEDED.match(reason)
    name = needed[1] if needed else ""
    titles = [grade.title for grade in grades if grade.name.endswith(f"::{name}")]
    return reason.replace(name, f"{name} (“{titles[0]}”)", 1) if needed and titles else reason


def _common(alike: Sequence[Grade]) -> str:
    """What a student reads about several tests that failed in the very same way."""
    worth = sum(grade.maximum + grade.bonus for grade in alike)
    kind = "part" if alike[0].part else "topic"
    lines = [f"✗ {len(alike)} tests of the {kind} {row_name(alike[0])}  ({worth:g} points)"]
    lines += [f"    · {grade.title}" for grade in alike]
    cause = HOW_MANY_RUNS.sub("", alike[0].explanation)
    return "\n".join(lines + _what_happened(replace(alike[0], explanation=cause)))


def block(grade: Grade) -> str:
    """What a student reads about a test that did not pass."""
    worth = grade.maximum + grade.bonus
    unit = ("bonus " if grade.bonus else "") + ("point" if worth == 1 else "points")
    lines = [f"✗ {grade.title}  ({worth:g} {unit})", f"    {grade.name}"]
    if grade.part:
        lines[-1] += f"  (part {grade.part})"
    return "\n".join(lines + _what_happened(grade))


def _what_happened(grade: Grade) -> list[str]:
    """What was seen, what it probably means, and where to read on."""
    lines = []
    if grade.explanation:
        lines += ["", textwrap.indent(grade.explanation.rstrip(), "    ")]
    if grade.hint:
        lines += ["", *_wrapped("Likely cause: " + grade.hint)]
    if grade.docs:
        lines.append(f"    Read on: {link(grade.docs)}")
    return lines


def link(page: str) -> str:
    """Where a paragraph of the docs is: on the course's site, when its address is known."""
    site = os.environ.get(DOCS, "").rstrip("/")
    if not site:
        return f"docs/{page}"
    name, hash_sign, anchor = page.partition("#")
    file = f"{name}.html" if "/" in name else f"{name}/index.html"
    return f"{site}/{file}{hash_sign}{anchor}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
