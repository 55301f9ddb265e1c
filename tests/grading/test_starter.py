"""What students begin with: complete, self-contained, and worth nothing until they write."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from course_tools.stages import FOLDERS
from tests.support.submission import PROJECT

if not (PROJECT / "grading" / "starter.py").is_file():
    pytest.skip("a starter writes no starters", allow_module_level=True)

from grading.blanks import blanked, without_marks
from grading.parts import PARTS, Part, Region, parts_of
from grading.starter import write_starter

STAGES = range(1, len(FOLDERS) + 1)


def grade(folder: Path, stage: int, report: Path) -> dict[str, Any]:
    """Grade a folder as its student does; the content of the report."""
    command = [sys.executable, "-m", "grading.grade", ".", f"--stage={stage}", f"--json={report}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    content: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("number", STAGES)
def test_a_starter_is_what_it_should_be(number: int, tmp_path: Path) -> None:
    """Every file can be compiled, each graded part is left to write, no later stage is there."""
    write_starter(tmp_path, number)
    for file in tmp_path.rglob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"), str(file))
    present = [name for name in FOLDERS if (tmp_path / name).exists()]
    assert present == list(FOLDERS[:number])
    for part in parts_of(number):
        for region in part.regions:
            text = (tmp_path / region.file).read_text(encoding="utf-8")
            assert f"# TODO: “{part.section}” in the walkthrough, {part.page}" in text
            assert "--8<--" not in text
    assert not (tmp_path / "tests" / "gallery").exists()
    assert not (tmp_path / "grading" / "parts.py").exists()


@pytest.mark.parametrize("number", STAGES)
def test_its_programs_start(number: int, tmp_path: Path) -> None:
    """The programs of a starter start: only what is to be written is missing."""
    write_starter(tmp_path, number)
    for program in ("server", "client"):
        command = [sys.executable, "-m", f"{FOLDERS[number - 1]}.{program}", "--help"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=30)


@pytest.mark.skipif(not (PROJECT / "docs").is_dir(), reason="this folder has no docs")
def test_each_part_names_a_section_of_the_walkthrough() -> None:
    """Where a TODO sends a student, there is such a heading."""
    for part in PARTS:
        page, _, anchor = part.page.partition("#")
        folder = PROJECT / "docs" / page
        file = folder / "index.md" if folder.is_dir() else folder.with_suffix(".md")
        headings = file.read_text(encoding="utf-8").splitlines()
        assert any(line.lstrip("#") == f" {part.section}" for line in headings), part
        assert anchor == part.section.lower().replace(" ", "-"), part


def test_a_body_is_taken_out() -> None:
    """Signature and docstring stay; given functions stay; helpers of the part alone go."""
    source = '''# --8<-- [start:box]
class Box:
    """A box."""

    def __init__(self) -> None:
        self.content = 1

    def open(self) -> int:
        """What is inside."""
        return self._look()

    def _look(self) -> int:
        return self.content


# --8<-- [end:box]
'''
    region = Region("box.py", "box", frozenset({"__init__"}))
    part = Part(1, "box", "Boxes", "stage1#boxes", (region,))
    assert (
        without_marks(blanked(source, region, part)).rstrip()
        == '''class Box:
    """A box."""

    def __init__(self) -> None:
        self.content = 1

    def open(self) -> int:
        """What is inside."""
        # TODO: “Boxes” in the walkthrough, stage1#boxes
        raise NotImplementedError("open is not written yet: see “Boxes”")'''
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_gets_nothing_for_its_stage(tmp_path: Path) -> None:
    """Graded by itself, alone in its folder, a starter of stage 1 gets no point and says why."""
    starter = tmp_path / "starter"
    write_starter(starter, 1)
    content = grade(starter, 1, tmp_path / "report.json")
    assert content["score"] == 0
    words = " ".join(test["output"] for test in content["tests"])
    assert "NotImplementedError" in words
    assert "mend that first" in words


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_part_raises_the_score(tmp_path: Path) -> None:
    """The parts of stage 1 filled in one after the other: more points each time, in the end all."""
    scores = []
    names = [part.name for part in parts_of(1)]
    for count in range(len(names) + 1):
        starter = tmp_path / str(count)
        write_starter(starter, 1, written=names[:count])
        scores.append(grade(starter, 1, tmp_path / "report.json")["score"])
    assert scores == sorted(set(scores)), scores
    assert scores[0] == 0
    assert scores[-1] == 100
