"""The gallery of known mistakes: is each found, by the test and with the hint meant for it?

A mistake is a TOML file: a few lines of the reference and what stands there instead, the tests that
must fail, the paragraph that their hints must lead to, and the most points that it may cost. So a
wrong program changes with the reference, and nobody keeps copies of stages.
"""

import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT
from grading.running import NOT_COPIED, run_tests
from grading.scores import Grade, grades, load_manifest, total

FOLDER = PROJECT / "tests" / "gallery" / "mistakes"


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
    docs: str
    most_points: float
    replacements: tuple[Replacement, ...]

    def write(self, folder: Path) -> None:
        """Write the wrong program: the reference up to its stage, with the replacements."""
        for name in FOLDERS[: self.stage]:
            shutil.copytree(PROJECT / name, folder / name, ignore=NOT_COPIED)
        for replacement in self.replacements:
            file = folder / replacement.file
            text = file.read_text(encoding="utf-8")
            if text.count(replacement.old) != 1:
                raise ValueError(f"{self.name}: its old lines are not once in {replacement.file}")
            file.write_text(text.replace(replacement.old, replacement.new), encoding="utf-8")

    def complaints(self, graded: Sequence[Grade]) -> list[str]:
        """What is wrong with how the grader took this mistake."""
        by_name = {grade.name: grade for grade in graded}
        found = [
            f"{name} passed, but must fail"
            for name in self.triggers
            if by_name[name].outcome == "passed"
        ]
        found += [
            f"the hint of {name} leads to {by_name[name].docs}, not to {self.docs}"
            for name in self.triggers
            if by_name[name].docs != self.docs
        ]
        score, maximum = total(graded)
        if maximum - score > self.most_points:
            lost = maximum - score
            found.append(f"it costs {lost:g} points, more than {self.most_points:g}")
        return found


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
    """Grade a wrong program; with `only_triggers`, by no other tests than those it must fail."""
    selection = [f"tests/{name}" for name in mistake.triggers] if only_triggers else []
    with tempfile.TemporaryDirectory(prefix="mistake-") as folder:
        mistake.write(Path(folder))
        results = run_tests(
            Path(folder),
            [mistake.stage],
            own_earlier_stages=True,
            selection=selection,
            shares=1 if only_triggers else 4,
        )
    manifest = load_manifest()
    graded = grades(manifest, [mistake.stage], results.runs, results.missing)
    if only_triggers:
        return [grade for grade in graded if grade.name in mistake.triggers]
    return graded


def self_check(stage: int | None = None) -> int:
    """Grade every wrong program; show a line for each; 0 when the grader took all as it should."""
    bad = 0
    for mistake in mistakes(stage):
        graded = grade_mistake(mistake)
        complaints = mistake.complaints(graded)
        bad += bool(complaints)
        score, maximum = total(graded)
        sign = "✗" if complaints else "✓"
        print(f"{sign} row {mistake.row:>2}  {score:g} of {maximum:g}  {mistake.what}", flush=True)
        for complaint in complaints:
            print(f"    {complaint}", flush=True)
    print(
        f"{bad} mistakes were not taken as they should be" if bad else "All are as they should be"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(self_check())
