"""The files that grading a class leaves: the CSV, and beside it the feedback and the results.

For `grades.csv` these are `grades-feedback/NAME.txt`, `grades-failures.csv`, and, for `--resume`,
`grades-results/NAME.json`. Each is written under another name first, then given its own: so none is
ever half a file.
"""

import csv
import hashlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grading.submissions import Entry

GRADED, UNUSABLE, BROKEN = "graded", "cannot be graded", "not graded"
"""How a submission ended: with points; it is no project; the grader could not do its work."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission: how each test ended, or why there are no points."""

    state: str
    note: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def points(self, manifest: Mapping[str, Any], stage: int) -> float:
        """The points of a stage, bonus and all."""
        return sum(
            float(test["points"])
            for name, test in manifest["tests"].items()
            if test["stage"] == stage and self.outcomes.get(name) == "passed"
        )


def settings(manifest: Mapping[str, Any], stages: Sequence[int], earlier: str) -> str:
    """A fingerprint of what a result depends on beside the submission."""
    text = json.dumps([manifest, list(stages), earlier], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Files:
    """Where everything of a class is written."""

    csv: Path

    def _beside(self, what: str) -> Path:
        return self.csv.with_name(f"{self.csv.stem}-{what}")

    def make_folders(self) -> None:
        """Make the folders that are not there yet."""
        for what in ("feedback", "results"):
            self._beside(what).mkdir(parents=True, exist_ok=True)

    def feedback(self, entry: Entry) -> Path:
        """The file that a student is to read."""
        return self._beside("feedback") / f"{_plain(entry.path.name)}.txt"

    def _result(self, entry: Entry) -> Path:
        return self._beside("results") / f"{_plain(entry.path.name)}.json"

    def write(self, entry: Entry, settings: str, outcome: Outcome) -> None:
        """Keep a result for `--resume`."""
        content = asdict(outcome) | {"of": [settings, _fingerprint(entry.path)]}
        write_whole(self._result(entry), json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def read(self, entry: Entry, settings: str) -> Outcome | None:
        """The result of an earlier run, if the submission and the tests are still the same."""
        try:
            content = json.loads(self._result(entry).read_text(encoding="utf-8"))
            is_current = content.pop("of") == [settings, _fingerprint(entry.path)]
            outcome = Outcome(**content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        is_done = is_current and self.feedback(entry).exists()
        return outcome if is_done and outcome.state != BROKEN else None

    def write_csv(
        self,
        outcomes: Iterable[tuple[Entry, Outcome]],
        stages: Sequence[int],
        manifest: Mapping[str, Any],
    ) -> None:
        """Write a row for each submission; without points where there is no grade."""
        maximum = sum(manifest["maximum"][str(stage)] for stage in stages)
        columns = [f"stage{stage}" for stage in stages]
        rows = [["name", "id", *columns, "total", "maximum", "state", "note", "submission"]]
        for entry, outcome in outcomes:
            points = [outcome.points(manifest, stage) for stage in stages]
            figures = [f"{value:g}" for value in [*points, sum(points)]]
            if outcome.state != GRADED:
                figures = [""] * len(figures)
            rows.append([entry.student, entry.id, *figures, f"{maximum:g}", outcome.state])
            rows[-1] += [outcome.note, entry.path.name]
        write_whole(self.csv, _as_csv(rows))

    def write_failures(self, outcomes: Sequence[Outcome], manifest: Mapping[str, Any]) -> Path:
        """Write how many submissions failed each test, most of them first; the file."""
        failed = count_failures(outcomes)
        rows = [["failed", "of", "test", "what must hold", "hint", "read on"]]
        for name, count in failed.most_common():
            test = manifest["tests"][name]
            words = [test["title"], test["hint"], test["docs"]]
            rows.append([str(count), str(_graded(outcomes)), name, *words])
        write_whole(self._beside("failures.csv"), _as_csv(rows))
        return self._beside("failures.csv")


def count_failures(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How many submissions failed each test. What was skipped or never ran is not counted."""
    return Counter(
        name for outcome in outcomes for name, how in outcome.outcomes.items() if how == "failed"
    )


def _graded(outcomes: Iterable[Outcome]) -> int:
    return sum(outcome.state == GRADED for outcome in outcomes)


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The rows for a spreadsheet, which must take no name for a formula, nor guess the encoding."""
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell for cell in row]
        )
    return file.getvalue()


def _plain(name: str) -> str:
    """A file name for every system, still another one for each submission."""
    plain = re.sub(r"[^\w .,()-]", "_", name).strip(" .")[:100]
    return (
        plain if plain == name else f"{plain}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
    )


def _fingerprint(path: Path) -> str:
    """Changes when a file of the submission does."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    seen = hashlib.sha256()
    for file in files:
        status = file.lstat()
        seen.update(os.fsencode(file) + f"{status.st_size} {status.st_mtime_ns}".encode())
    return seen.hexdigest()


def write_whole(file: Path, text: str) -> None:
    """Write a file so that others see the old one or the new one, and nothing between."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8", errors="replace", newline="") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    temporary.replace(file)
