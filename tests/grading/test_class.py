"""A class is graded whatever single submissions do, and an interruption costs nothing."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from course_tools.stages import PROJECT
from grading import class_options, classroom, worker
from grading.class_files import BROKEN, GRADED, UNUSABLE, Files, Outcome, write_whole
from grading.folders import NOT_COPIED
from grading.running import compile_tests, run_tests
from grading.scores import load_manifest
from grading.submissions import Entry

TESTS = [name for name, test in load_manifest()["tests"].items() if test["stage"] == 1]
MAXIMUM = load_manifest()["maximum"]["1"]
ALL_PASSED = Outcome(GRADED, outcomes=dict.fromkeys(TESTS, "passed"), seconds=12)


class FakeWorker:
    """Grades by a table: the submission's name → what becomes of it; an exception is raised."""

    table: dict[str, Outcome | BaseException]
    graded: list[str]
    paths: list[Path]

    def __init__(self, *_: Any) -> None:
        pass

    def grade(self, entry: Entry, _cores: Sequence[int], feedback: Path) -> Outcome:
        """Look it up."""
        self.graded.append(entry.path.name)
        self.paths.append(entry.path)
        found = self.table.get(entry.path.name, ALL_PASSED)
        if isinstance(found, BaseException):
            raise found
        write_whole(feedback, f"for {entry.student}")
        return found

    def end_all(self) -> None:
        """Nothing is under way."""


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export with three submissions, and workers that grade nothing."""
    monkeypatch.setattr(classroom, "Worker", FakeWorker)
    monkeypatch.setattr(classroom, "compile_tests", lambda: None)
    FakeWorker.table, FakeWorker.graded, FakeWorker.paths = {}, [], []
    for name in ("Ada_1_assignsubmission_file_", "Bob_2_assignsubmission_file_", "=cmd()"):
        (tmp_path / "export" / name).mkdir(parents=True)
    return tmp_path / "export"


def run(export: Path, *options: str) -> int:
    """Grade the class as the command line does; the exit code."""
    from grading.grade import _parser

    arguments = [f"--all={export}", f"--csv={export.parent / 'grades.csv'}", "--stage=1", *options]
    parser = _parser()
    parsed = parser.parse_args(arguments)
    class_options.check(parser, parsed)
    return class_options.run(parsed)


def table(export: Path) -> list[dict[str, str]]:
    """The rows of the CSV."""
    with (export.parent / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_submission_has_a_row(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Points where there are some, reasons where there are none; and nothing for a spreadsheet to
    execute."""
    FakeWorker.table = {
        "Bob_2_assignsubmission_file_": Outcome(UNUSABLE, "there is no folder stage1_basic"),
        "=cmd()": OSError("the disk is full"),
    }
    assert run(export) == 1
    rows = {row["name"]: row for row in table(export)}
    assert rows["Ada"]["id"] == "1"
    assert float(rows["Ada"]["stage1"]) == float(rows["Ada"]["total"]) >= MAXIMUM
    assert {float(row["maximum"]) for row in rows.values()} == {MAXIMUM}
    assert [rows[name]["state"] for name in ("Ada", "Bob", "'=cmd()")] == [GRADED, UNUSABLE, BROKEN]
    assert rows["Bob"]["total"] == rows["'=cmd()"]["total"] == ""
    assert rows["Bob"]["note"] == "there is no folder stage1_basic"
    printed = capsys.readouterr().out
    assert "1 of 3 submissions have their points" in printed
    feedback = export.parent / "grades-feedback" / "Ada_1_assignsubmission_file_.txt"
    assert feedback.read_text(encoding="utf-8") == "for Ada"


def test_the_folder_may_be_a_relative_path(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers have another working directory: they are told the whole path."""
    monkeypatch.chdir(export.parent)
    assert run(Path(export.name)) == 0
    assert sorted(FakeWorker.paths) == sorted(export.resolve().iterdir())


def test_failures_are_counted(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What most of the class got wrong stands first, with its hint, on paper and on the screen."""
    rare, common = TESTS[:2]
    passed = dict.fromkeys(TESTS, "passed")
    both = Outcome(GRADED, outcomes=passed | {rare: "failed", common: "failed"})
    one = Outcome(GRADED, outcomes=passed | {common: "failed", rare: "skipped"})
    FakeWorker.table = {"Ada_1_assignsubmission_file_": both, "=cmd()": one}
    assert run(export) == 0
    with (export.parent / "grades-failures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["test"], row["failed"], row["of"]) for row in rows] == [
        (common, "2", "3"),
        (rare, "1", "3"),
    ]
    test = load_manifest()["tests"][common]
    assert rows[0]["hint"] == test["hint"]
    printed = capsys.readouterr().out
    assert f"2 of 3  {test['title']}" in printed
    assert test["hint"] in printed


def test_points_are_the_manifests(export: Path) -> None:
    """A worker tells how tests ended; it can invent neither tests nor points."""
    invented = {"stage1/test_x.py::test_gift": "passed"} | dict.fromkeys(TESTS[:1], "great")
    FakeWorker.table = {"=cmd()": Outcome(GRADED, outcomes=invented)}
    run(export)
    assert [row["total"] for row in table(export) if row["name"] == "'=cmd()"] == ["0"]


def test_resume_keeps_what_is_done(export: Path) -> None:
    """What has points or cannot have any stays; what the grader failed at is tried again, and so
    is what was handed in anew."""
    FakeWorker.table = {
        "=cmd()": Outcome(UNUSABLE, "no project"),
        "Bob_2_assignsubmission_file_": Outcome(BROKEN, "killed"),
    }
    run(export)
    assert run(export) == 2  # without --resume, nothing is overwritten
    FakeWorker.graded.clear()
    FakeWorker.table = {}
    assert run(export, "--resume") == 1
    assert FakeWorker.graded == ["Bob_2_assignsubmission_file_"]
    FakeWorker.graded.clear()
    (export / "=cmd()" / "new").touch()
    assert run(export, "--resume") == 0
    assert FakeWorker.graded == ["=cmd()"]
    assert {row["state"] for row in table(export)} == {GRADED}


def test_half_a_result_is_none(export: Path) -> None:
    """A file of results that is broken, or of other tests, is not believed."""
    run(export)
    results = export.parent / "grades-results"
    file = results / "Ada_1_assignsubmission_file_.json"
    file.write_text(file.read_text(encoding="utf-8")[:50], encoding="utf-8")
    other = results / "Bob_2_assignsubmission_file_.json"
    content = json.loads(other.read_text(encoding="utf-8"))
    content["of"][0] = "other tests"
    other.write_text(json.dumps(content), encoding="utf-8")
    FakeWorker.graded.clear()
    run(export, "--resume")
    assert sorted(FakeWorker.graded) == [
        "Ada_1_assignsubmission_file_",
        "Bob_2_assignsubmission_file_",
    ]


def test_names_become_files(tmp_path: Path) -> None:
    """Whatever an export calls its submissions, each gets files of its own, beside the CSV."""
    files = Files(tmp_path / "grades.csv")
    names = ["Zoë", "a:b", "a?b", "a_b", "..", "x" * 300, "x" * 299 + "y"]
    found = {files.feedback(Entry(Path(name), "", "")) for name in names}
    assert len(found) == len(names)
    assert {file.parent for file in found} == {tmp_path / "grades-feedback"}
    assert all(len(file.name) < 200 for file in found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--all=x"], "--all needs --csv FILE"),
        (["--all=x", "--csv=y", "--part=framing"], "--part is for a single submission"),
        (["x", "--resume"], "--resume goes with --all"),
        (["x", "--jobs=2"], "--jobs goes with --all"),
        (["--all=x", "--csv=y", "--jobs=0"], "at least 1"),
        (["--self-check", "--container=docker"], "--container needs a submission"),
        (["--all=there_is_no_such_folder", "--csv=y"], "--all takes the folder of the export"),
        (["--all=docs/generated/help", "--csv=y"], "neither a folder nor a zip file"),
    ],
)
def test_what_does_not_go_together_is_said(options: list[str], message: str) -> None:
    """One readable line, exit code 2, no traceback."""
    command = [sys.executable, "-m", "grading.grade", *options]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | {"CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_cores_are_shared_out() -> None:
    """Each job has its own cores as long as there are enough; none is left without."""
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not bind processes to cores")
    cores = sorted(os.sched_getaffinity(0))
    assert classroom.shares_of_cores(1) == [cores]
    shares = classroom.shares_of_cores(len(cores) + 1)
    assert sorted(core for share in shares[:-1] for core in share) == cores
    assert all(shares)


def handed_in(folder: Path, server: str | None = None) -> Path:
    """The reference's first stage, with another server."""
    ignored = shutil.ignore_patterns(*NOT_COPIED)
    shutil.copytree(PROJECT / "stage1_basic", folder / "stage1_basic", ignore=ignored)
    if server is not None:
        (folder / "stage1_basic" / "server.py").write_text(server, encoding="utf-8")
    return folder


def test_a_worker_that_dies_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that grades may be killed: the class goes on, the row says what happened."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    entry = Entry(handed_in(tmp_path / "Ada"), "Ada", "1")
    outcome = worker.Worker([1], "reference").grade(entry, [], tmp_path / "feedback.txt")
    assert (outcome.state, outcome.note) == (BROKEN, "the grader ended early: without a word")


def results_of(folder: Path, result: dict[str, Any]) -> Outcome:
    """What becomes of a result that a worker left."""
    (folder / "results").mkdir()
    (folder / "results" / "result.json").write_text(json.dumps(result), encoding="utf-8")
    (folder / "results" / "feedback.txt").write_text("words", encoding="utf-8")
    return worker._taken_over(folder / "results", folder / "feedback.txt", "")


def test_no_grade_when_the_grader_failed(tmp_path: Path) -> None:
    """Tests that cannot be run at all are nobody's zero points: the row says so."""
    result = {"outcomes": {}, "seconds": 1, "note": "", "fault": "tests\nImportError: x"}
    assert results_of(tmp_path, result) == Outcome(
        BROKEN, "the tests could not be run: ImportError: x"
    )


def test_tests_that_cannot_be_run_are_told_apart(tmp_path: Path) -> None:
    """When pytest itself does not get to the tests, that is the grader's fault, and said."""
    results = run_tests(handed_in(tmp_path), [1], options=["--there-is-no-such-option"], shares=1)
    assert results.runs == []
    assert "--there-is-no-such-option" in results.graders_fault


def test_parts_equal_to_the_reference_are_noted(tmp_path: Path) -> None:
    """The note stands in the row, for the instructor; the state is as good as any other."""
    result = {"outcomes": {}, "seconds": 1, "note": "equal to the reference: text", "fault": ""}
    outcome = results_of(tmp_path, result)
    assert (outcome.state, outcome.note) == (GRADED, "equal to the reference: text")


def test_results_are_read_with_care(tmp_path: Path) -> None:
    """What comes out of a container may be a link to a file of the instructor's."""
    secret = tmp_path / "secret"
    secret.write_text('{"outcomes": {}, "seconds": 1}', encoding="utf-8")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "result.json").symlink_to(secret)
    (tmp_path / "results" / "feedback.txt").symlink_to(secret)
    outcome = worker._taken_over(tmp_path / "results", tmp_path / "feedback.txt", "")
    assert outcome.state == BROKEN
    assert not (tmp_path / "feedback.txt").exists()


def test_the_tests_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest's compiled tests are kept, whatever the instructor's environment says."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    compiled = PROJECT / "tests" / "stage1" / "__pycache__"
    for file in compiled.glob("test_lines.*-pytest-*.pyc"):
        file.unlink(missing_ok=True)
    compile_tests()
    assert list(compiled.glob("test_lines.*-pytest-*.pyc"))


@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name != "posix", reason="a signal interrupts it")
def test_a_class_from_beginning_to_end(tmp_path: Path) -> None:
    """A zip as Canvas exports it and folders as Moodle does, one hostile: interrupted after the
    first result, resumed, all have their rows."""
    export = tmp_path / "export"
    handed_in(export / "Ada_1_assignsubmission_file_" / "project")
    handed_in(export / "Eve_2_assignsubmission_file_", "import os; os.kill(os.getppid(), 9)")
    with zipfile.ZipFile(export / "hopper_LATE_3_4_chat.zip", "w") as packed:
        for file in handed_in(tmp_path / "hopper").rglob("*.py"):
            packed.write(file, file.relative_to(tmp_path))
    command = [sys.executable, "-m", "grading.grade", f"--all={export}", "--stage=1"]
    command += [f"--csv={tmp_path / 'grades.csv'}", "--resume"]
    environment = os.environ | {"CI": "1"}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline().startswith("[1/3] Ada: ")
        first.send_signal(signal.SIGTERM)
        rest = first.stdout.read()
    assert first.returncode == 130
    assert "--resume goes on" in rest
    done = subprocess.run(
        [*command, "--jobs=2"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("1 of 3 are done already\n")
    rows = {row["name"]: row for row in table(export)}
    assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(
        ["Ada", "Eve", "hopper"], GRADED
    )
    assert float(rows["Ada"]["total"]) == float(rows["hopper"]["total"]) == MAXIMUM
    assert 0 <= float(rows["Eve"]["total"]) < MAXIMUM / 2
