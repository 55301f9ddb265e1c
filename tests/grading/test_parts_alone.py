"""A graded part is judged by itself: over the reference's neighbours, whatever its own are like."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.submission import PROJECT

if not (PROJECT / "grading" / "overlay.py").is_file():
    pytest.skip("a starter has no reference to put a part over", allow_module_level=True)

from grading.grade import main
from grading.overlay import OverlayError, write_overlay
from grading.parts import PARTS, Part, Region
from grading.scores import Grade, grades, load_manifest, total
from grading.splice import spliced

LINES = "stage1_basic/lines.py"

REFERENCE = '''"""Boxes."""

import os

LIMIT = 1


class Room:
    """Boxes in a room."""

    def __init__(self):
        self.boxes = []

    # --8<-- [start:put]
    def put(self, box):
        self.boxes.append(self._closed(box))

    def _closed(self, box):
        return box + "!"
    # --8<-- [end:put]

    def count(self):
        return len(self.boxes)
'''


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_references_own_part_changes_nothing(part: Part, tmp_path: Path) -> None:
    """The reference's part over the reference is the reference."""
    write_overlay(tmp_path, PROJECT, part.name)
    for region in part.regions:
        overlay, original = (root / region.file for root in (tmp_path, PROJECT))
        assert dump(overlay) == dump(original)


def dump(file: Path) -> str:
    """What a file says to Python."""
    return ast.dump(ast.parse(file.read_text(encoding="utf-8")))


def test_only_the_part_is_the_students() -> None:
    """The method, its new helpers, imports and attributes come along; its neighbours do not."""
    student = '''"""My boxes."""

import os
import re
from math import (
    inf,
)

LIMIT = 99
MINE = inf


def tidy(box):
    return re.sub(" ", "", box)


class Room:
    def __init__(self):
        self.boxes = None
        self.seen: set = set()

    def put(self, box):
        self.seen.add(box)
        self._note(tidy(box))

    def _note(self, box):
        self.boxes.append(box)

    def count(self):
        return MINE
'''
    module: dict[str, object] = {}
    text = spliced(REFERENCE, student, [Region("box.py", "put")])
    exec(compile(text, "box.py", "exec"), module)
    room = module["Room"]()  # type: ignore[operator]
    room.put("a b")
    assert room.boxes == ["ab"]
    assert room.count() == 1
    assert room.seen == {"a b"}
    assert module["LIMIT"] == 1
    assert not hasattr(room, "_closed")


def test_an_import_may_mean_something_else() -> None:
    """`import datetime` in the student's file, `from datetime import datetime` in the reference."""
    reference = REFERENCE.replace("import os\n", "from datetime import datetime\n").replace(
        "return len(self.boxes)", "return datetime(2026, 1, 30).day"
    )
    student = (
        "import datetime\n\n"
        + """class Room:
    def __init__(self):
        self.boxes = []

    def put(self, box):
        self.boxes.append(year())


def year():
    return datetime.datetime(2026, 1, 30).year
"""
    )
    module: dict[str, object] = {}
    text = spliced(reference, student, [Region("box.py", "put")])
    exec(compile(text, "box.py", "exec"), module)
    room = module["Room"]()  # type: ignore[operator]
    room.put("a")
    assert room.boxes == [2026]
    assert room.count() == 30


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("class Room:\n    pass\n", "box.py has no Room.put: keep the names and signatures"),
        ("def put(): pass\n", "box.py has no Room"),
        ("class Room:\n  def put(self box): pass\n", "box.py, line 2: not Python"),
        ("\0", "box.py: not Python"),
    ],
)
def test_what_cannot_be_put_over_it_is_said_in_one_line(student: str, words: str) -> None:
    """A missing function or a file that is no Python is one line for the student."""
    with pytest.raises(OverlayError) as refusal:
        spliced(REFERENCE, student, [Region("box.py", "put")])
    assert str(refusal.value).startswith(words)
    assert "\n" not in str(refusal.value)


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """A copy of the reference's stage 1, to be spoilt."""
    folder = tmp_path / "submission"
    shutil.copytree(PROJECT / "stage1_basic", folder / "stage1_basic")
    return folder


def spoil(submission: Path, old: str, new: str) -> None:
    """Change the submission's lines.py."""
    file = submission / LINES
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def graded(submission: Path, part: str, report: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Grade one part, as its student does; the exit code."""
    monkeypatch.setenv("CI", "1")
    monkeypatch.setattr(
        sys, "argv", ["grade", str(submission), f"--part={part}", f"--json={report}"]
    )
    return main()


def test_a_right_part_scores_whatever_its_neighbours_do(
    submission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With clean_text broken, framing still gets full marks, and text does not."""
    spoil(submission, 'return UNSAFE_CHARACTERS.sub("\\ufffd", text)', "raise ValueError(text)")
    report = tmp_path / "report.json"
    assert graded(submission, "framing", report, monkeypatch) == 0
    assert graded(submission, "text", report, monkeypatch) == 1
    content = json.loads(report.read_text(encoding="utf-8"))
    words = "\n".join(test["output"] for test in content["tests"])
    assert "it raised ValueError" in words
    assert "stage1_basic/lines.py, in clean_text" in words


def test_a_file_that_is_no_python_costs_points_not_the_maximum(
    submission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts get nothing, with one line that says where it stops being Python."""
    spoil(submission, "class LineReader:", "class LineReader")
    report = tmp_path / "report.json"
    assert graded(submission, "framing", report, monkeypatch) == 1
    content = json.loads(report.read_text(encoding="utf-8"))
    maximum = sum(test["max_score"] for test in content["tests"])
    assert (content["score"], maximum) == (0, points_of_part("framing"))
    assert all("lines.py, line" in test["output"] for test in content["tests"])


def points_of_part(part: str) -> float:
    """What a part can give, by the manifest."""
    tests = load_manifest()["tests"].values()
    return sum(float(test["points"]) for test in tests if test["part"] == part)


@pytest.mark.parametrize("own_earlier", [False, True])
def test_whose_earlier_stages(submission: Path, tmp_path: Path, own_earlier: bool) -> None:
    """Below the part's stage lie the reference's stages, or with `--earlier=submission` its own."""
    shutil.copytree(PROJECT / "stage2_gui", submission / "stage2_gui")
    spoil(submission, "LINE_LIMIT = 65_536", "LINE_LIMIT = 1_000")
    overlay = tmp_path / "overlay"
    write_overlay(overlay, submission, "nicknames", own_earlier)
    text = (overlay / LINES).read_text(encoding="utf-8")
    assert ("LINE_LIMIT = 1_000" in text) == own_earlier


def test_an_unknown_part(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name is answered with the right ones."""
    monkeypatch.setattr(sys, "argv", ["grade", str(PROJECT), "--part=framming"])
    assert main() == 2
    assert "framing" in capsys.readouterr().err


def test_bonus_points_are_in_no_maximum() -> None:
    """Reno's points are shown and counted on top."""
    manifest = load_manifest()
    of_reno: list[Grade] = grades(manifest, [4], [], "not run", part="reno")
    assert of_reno
    assert total(of_reno)[1] == 0
    assert sum(grade.bonus for grade in of_reno) > 0
    assert manifest["maximum"]["4"] == total(grades(manifest, [4], [], ""))[1]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_needs_a_failed_test_is_skipped(submission: Path, workers: str) -> None:
    """With plain pytest, too, in one process or in several: one mistake is not forty."""
    spoil(submission, '        *endings, rest = data.split(b"\\n")', "        return []")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [
            *(*command, "-n", workers, f"--submission={submission}", "--deadline=1"),
            *("--stages=1", "--engines=loop", "tests/stage1/test_framing.py"),
            "tests/stage1/test_connection.py::test_what_is_sent_arrives",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "needs test_a_line_reaches_the_others, which failed: mend that first" in done.stdout
    assert done.stdout.splitlines()[-1].count("passed") == 1  # the part that stands alone
