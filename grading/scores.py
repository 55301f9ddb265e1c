"""What a submission gets: the manifest says what there is to gain, the tests' results say how much.

A test scores when each of its runs was seen to pass. What did not run, was skipped or broke scores
nothing, so a submission can only lose points, never the maximum.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.records import Run

_SAYS_NOTHING = re.compile(r"stage\d|client\d|loop|threads|[a-z_]+\d+|")
"""What pytest calls a value that has no short form, and what each run of a test has anyway."""

MANIFEST = Path(__file__).resolve().parents[1] / "tests" / "manifest.json"


@dataclass(frozen=True, slots=True)
class Grade:
    """One test of the manifest: what it could give, what it gave, and why not more."""

    name: str
    stage: int
    title: str
    maximum: float
    score: float
    outcome: str
    """passed, failed, skipped, or missing."""
    explanation: str
    hint: str
    docs: str
    seconds: float
    part: str = ""
    """The graded part that it tests; empty for tests of the whole program."""
    bonus: float = 0.0
    """Points that it may give on top: they are in no maximum."""


def load_manifest(file: Path = MANIFEST) -> dict[str, Any]:
    """The committed manifest."""
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return manifest


def grades(
    manifest: Mapping[str, Any],
    stages: Sequence[int],
    runs: Sequence[Run],
    missing: str,
    part: str | None = None,
) -> list[Grade]:
    """A grade for each test of these stages (of one part only, if it is given).

    `missing` explains those that never ran.
    """
    of_test: dict[str, dict[str, Run]] = {}
    for run in runs:
        of_test.setdefault(run.test, {})[run.name] = run
    return [
        _grade(name, entry, list(of_test.get(name, {}).values()), missing)
        for name, entry in manifest["tests"].items()
        if entry["stage"] in stages and part in {None, entry["part"]}
    ]


def _grade(name: str, entry: Mapping[str, Any], runs: Sequence[Run], missing: str) -> Grade:
    outcome, explanation = _outcome(entry["runs"], runs, missing)
    is_bonus, points = entry["bonus"], entry["points"]
    return Grade(
        name=name,
        stage=entry["stage"],
        title=entry["title"],
        maximum=0.0 if is_bonus else points,
        score=points if outcome == "passed" else 0.0,
        outcome=outcome,
        explanation=explanation,
        hint=entry["hint"],
        docs=entry["docs"],
        seconds=sum(run.seconds for run in runs),
        part=entry["part"] or "",
        bonus=points if is_bonus else 0.0,
    )


def _outcome(expected_runs: int, runs: Sequence[Run], missing: str) -> tuple[str, str]:
    for outcome in ("failed", "skipped"):
        bad = [run for run in runs if run.outcome == outcome]
        if bad:
            some = outcome == "failed" and expected_runs > 1
            return outcome, (_of_how_many(bad, expected_runs) if some else "") + bad[0].explanation
    if len(runs) < expected_runs:
        return "missing", f"{len(runs)} of {expected_runs} runs took place; {missing}"
    return "passed", ""


def _of_how_many(bad: Sequence[Run], expected_runs: int) -> str:
    """How many runs failed, and with which values the first of them did, if they say anything."""
    values = bad[0].name.partition("[")[2].removesuffix("]").split("-")
    telling = "-".join(value for value in values if not _SAYS_NOTHING.fullmatch(value))
    first = f", the first with {telling}" if telling else ""
    return f"{len(bad)} of {expected_runs} runs failed{first}\n"


def total(grades: Sequence[Grade]) -> tuple[float, float]:
    """The points reached, bonus and all, and the most that can be without bonus."""
    return sum(grade.score for grade in grades), sum(grade.maximum for grade in grades)


def has_full_marks(grades: Sequence[Grade]) -> bool:
    """Whether nothing is missing but, perhaps, bonus points."""
    return all(grade.outcome == "passed" for grade in grades if not grade.bonus)
