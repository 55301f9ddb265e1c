"""The gallery of known mistakes: wrong programs, and what the grader must say of each.

A mistake is a TOML file: a few lines of the reference and what stands there instead, the tests that
must fail, the paragraph that their hints must lead to, and the range of points that it may cost. So
a wrong program changes with the reference, and nobody keeps copies of stages.
"""

import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_tools.stages import FOLDERS, PROJECT
from grading.overlay import part_named
from grading.running import NOT_COPIED, run_tests
from grading.scores import Grade, grades, load_manifest

FOLDER = PROJECT / "tests" / "gallery" / "mistakes"


class GalleryError(ValueError):
    """A mistake does not fit the reference any more."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Lines of the reference, and what a mistaken student has there."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong program and what the grader must say of it."""

    name: str
    row: int
    """The row of the table of known mistakes."""
    stage: int
    what: str
    triggers: tuple[str, ...]
    """The tests that must fail."""
    docs: str
    """Where their hints must lead to."""
    fewest_points: float
    most_points: float
    replacements: tuple[Replacement, ...]

    def write(self, folder: Path) -> None:
        """Write the wrong program: the reference up to its stage, with the replacements.

        Raises GalleryError when the reference has changed under it.
        """
        for name in FOLDERS[: self.stage]:
            shutil.copytree(PROJECT / name, folder / name, ignore=NOT_COPIED)
        for replacement in self.replacements:
            file = folder / replacement.file
            text = file.read_text(encoding="utf-8")
            if text.count(replacement.old) != 1:
                raise GalleryError(f"{self.name}: its old lines are not once in {replacement.file}")
            file.write_text(text.replace(replacement.old, replacement.new), encoding="utf-8")

    def missed(self, graded: Sequence[Grade]) -> list[str]:
        """What is wrong with how the grader took the tests that must fail."""
        by_name = {grade.name: grade for grade in graded}
        found = []
        for name in self.triggers:
            grade = by_name[name]
            if grade.outcome != "failed":
                found.append(f"{name} {grade.outcome}, but must fail")
            if grade.docs != self.docs:
                found.append(f"the hint of {name} leads to {grade.docs}, not to {self.docs}")
        return found

    def complaints(self, graded: Sequence[Grade]) -> list[str]:
        """What is wrong with how the grader took this mistake, graded by all tests."""
        cost = lost(graded)
        found = self.missed(graded)
        if not self.fewest_points <= cost <= self.most_points:
            span = f"{self.fewest_points:g} to {self.most_points:g}"
            others = ", ".join(
                f"{grade.name} ({grade.maximum:g}, {grade.outcome})"
                for grade in graded
                if grade.score < grade.maximum and grade.name not in self.triggers
            )
            found.append(f"it costs {cost:g} points, not {span}; besides its own: {others}")
        return found

    def can_change(self, test: Mapping[str, Any]) -> bool:
        """Whether a test can see the mistake: one of a graded part sees only that part's files."""
        if test["part"] is None:
            return True
        seen = {region.file for region in part_named(test["part"]).regions}
        return any(replacement.file in seen for replacement in self.replacements)


def mistakes(stage: int | None = None) -> list[Mistake]:
    """All mistakes of the gallery, or those of one stage, in the order of the table."""
    everything = [_load(file) for file in sorted(FOLDER.glob("*.toml"))]
    wanted = [mistake for mistake in everything if stage in {None, mistake.stage}]
    return sorted(wanted, key=lambda mistake: (mistake.row, mistake.name))


def _load(file: Path) -> Mistake:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    replacements = tuple(Replacement(**entry) for entry in content.pop("replace"))
    content["triggers"] = tuple(content["triggers"])
    return Mistake(name=file.stem, replacements=replacements, **content)


def grade_mistake(mistake: Mistake, only_triggers: bool = False) -> list[Grade]:
    """Grade a wrong program; with `only_triggers`, by no other tests than those it must fail.

    Tests of graded parts that it leaves as they are can only pass, so they are not run.
    """
    manifest = load_manifest()
    of_stage = {n: test for n, test in manifest["tests"].items() if test["stage"] == mistake.stage}
    named = mistake.triggers if only_triggers else _that_can_change(mistake, of_stage)
    selection = [f"tests/{name}" for name in named]
    with tempfile.TemporaryDirectory(prefix="mistake-") as folder:
        mistake.write(Path(folder))
        results = run_tests(Path(folder), [mistake.stage], selection=selection, shares=1)
    chosen = {"tests": {name: of_stage[name] for name in of_stage if f"tests/{name}" in selection}}
    return grades(chosen, [mistake.stage], results.runs, results.missing)


def _that_can_change(mistake: Mistake, tests: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, test in tests.items() if mistake.can_change(test))


def lost(graded: Sequence[Grade]) -> float:
    """How many points a submission has lost."""
    return sum(grade.maximum - grade.score for grade in graded if not grade.bonus)
