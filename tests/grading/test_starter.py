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


def grade(folder: Path, stage: int, report: Path, *options: str) -> dict[str, Any]:
    """Grade a folder as its student does; the content of the report."""
    command = [sys.executable, "-m", "grading.grade", ".", f"--stage={stage}", f"--json={report}"]
    command += options
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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", STAGES)
def test_each_part_raises_the_score(number: int, tmp_path: Path) -> None:
    """Graded alone in its folder a starter gets nothing; then each part written brings more."""
    scores = []
    names = [part.name for part in parts_of(number)]
    for count in range(len(names) + 1):
        starter = tmp_path / str(count)
        write_starter(starter, number, written=names[:count])
        content = grade(starter, number, tmp_path / "report.json")
        scores.append(content["score"])
        if count == 0:
            expect_helpful_words(content)
    assert scores == sorted(set(scores)), dict(zip(["nothing", *names], scores, strict=True))
    assert scores[0] == 0
    assert scores[-1] == everything(number)


def expect_helpful_words(content: dict[str, Any]) -> None:
    """Each failure says what is not written yet, or what is to be mended first."""
    for test in content["tests"]:
        words = test["output"]
        assert "not written yet: see “" in words or "mend that first" in words, words
        assert "Traceback" not in words or "is not written yet" in words, words


def everything(number: int) -> float:
    """What a stage can give, bonus and all."""
    manifest = json.loads((PROJECT / "tests" / "manifest.json").read_text(encoding="utf-8"))
    tests = manifest["tests"].values()
    return sum(float(test["points"]) for test in tests if test["stage"] == number)


@pytest.mark.timeout(600)
def test_earlier_stages_get_full_marks(tmp_path: Path) -> None:
    """In the starter of the last stage, all stages before are complete."""
    write_starter(tmp_path / "starter", 4)
    for number in (1, 2, 3):
        content = grade(tmp_path / "starter", number, tmp_path / "report.json")
        assert content["score"] == everything(number), failures(content)


def failures(content: dict[str, Any]) -> str:
    """What was said of failed tests."""
    return "\n\n".join(test["output"] for test in content["tests"] if test["output"])


def test_a_failure_names_the_section_to_read(tmp_path: Path) -> None:
    """In a starter by itself, a part's tests run where it stands, and say what is to be written."""
    starter = tmp_path / "starter"
    write_starter(starter, 1, written=["framing", "text"])
    content = grade(starter, 1, tmp_path / "report.json", "--part=broadcast")
    assert content["score"] == 0
    assert "is not written yet: see “Who is speaking”" in content["tests"][0]["output"]


def test_its_tests_run_alone(tmp_path: Path) -> None:
    """`pytest` in the folder of a starter tests that folder, with nothing else of ours."""
    write_starter(tmp_path, 2)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--stages=1"]
    done = subprocess.run(
        [*command, "tests/stage1/test_lines.py", "tests/stage1/test_framing.py", "--engines=loop"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
