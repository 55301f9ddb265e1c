"""The autograder for Gradescope, tried in a folder that looks like its /autograder."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.submission import FOLDERS, PROJECT

if not (PROJECT / "grading" / "gradescope_zip.py").is_file():
    pytest.skip("a starter makes no autograder", allow_module_level=True)
if sys.platform == "win32" or not shutil.which("bash"):
    pytest.skip("Gradescope's machines run Linux", allow_module_level=True)

from grading.gradescope_zip import SCRIPTS, write_zip

GRADE = """
import json, pathlib, sys
folder, file = sys.argv[1], pathlib.Path(sys.argv[sys.argv.index("--json") + 1])
pathlib.Path("arguments").write_text(" ".join(sys.argv[1:]))
"""


class Autograder:
    """A folder as Gradescope lays it out, in which grading takes no time."""

    def __init__(self, folder: Path, grade: str) -> None:
        self.folder, self.source = folder, folder / "source"
        write_zip(folder.parent / "autograder.zip", 2, "http://teacher:8000")
        with zipfile.ZipFile(folder.parent / "autograder.zip") as archive:
            archive.extractall(self.source)
        (self.source / "grading" / "grade.py").write_text(GRADE + grade, encoding="utf-8")
        python = self.source / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        write_script(python, f'exec "{sys.executable}" "$@"')
        self.submission = folder / "submission"
        self.submission.mkdir()

    def run(self, **variables: str) -> dict[str, Any]:
        """Grade what was handed in; the content of results.json."""
        environment = os.environ | {"AUTOGRADER": str(self.folder), "GRADER_USER": "no-such-user"}
        script = self.source / "run_autograder"
        done = subprocess.run(
            ["bash", str(script)],
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results = self.folder / "results" / "results.json"
        content: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
        assert isinstance(content["score"], (int, float))
        assert isinstance(content["tests"], list)
        return content


def write_script(file: Path, content: str) -> None:
    """Write a shell script that can be run."""
    file.write_text(f"#!/bin/sh\n{content}\n", encoding="utf-8")
    file.chmod(0o755)


def test_a_grade_arrives(tmp_path: Path) -> None:
    """The stage of the ZIP file is graded, and what the grader wrote is the result."""
    content = {"score": 7.5, "tests": [{"name": "ü", "score": 7.5, "max_score": 10}]}
    autograder = Autograder(
        tmp_path / "autograder", f"file.write_text('''{json.dumps(content)}'''); sys.exit(1)"
    )
    (autograder.submission / FOLDERS[2]).mkdir()
    assert autograder.run() == content
    words = (autograder.source / "arguments").read_text(encoding="utf-8").split()
    assert words[0] == str(autograder.submission)
    assert words[-2:] == ["--stage", "2"]


def test_the_project_may_lie_one_level_down(tmp_path: Path) -> None:
    """Students hand in ZIP files of a folder as often as of what is in it."""
    autograder = Autograder(tmp_path / "autograder", 'file.write_text(\'{"score":1,"tests":[]}\')')
    (autograder.submission / "my work" / FOLDERS[2]).mkdir(parents=True)
    assert autograder.run()["score"] == 1
    words = (autograder.source / "arguments").read_text(encoding="utf-8")
    assert words.startswith(f"{autograder.submission}/my work/ --json ")


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        ("raise RuntimeError('broken')", "tell your instructor"),
        ("file.write_text('{'); sys.exit(0)", "tell your instructor"),
        ("file.write_text('[]'); sys.exit(0)", "tell your instructor"),
        ("sys.exit(2)", "Hand in a ZIP file of your whole folder"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was stopped"),
    ],
)
def test_without_a_grade_there_is_a_result(grade: str, words: str, tmp_path: Path) -> None:
    """However the grader ends, results.json is valid, gives no points and says what happened."""
    content = Autograder(tmp_path / "autograder", grade).run()
    assert content["score"] == 0
    assert words in content["output"]


def test_a_grader_that_is_not_set_up_gives_a_result(tmp_path: Path) -> None:
    """Even with nothing but the two scripts in place."""
    autograder = Autograder(tmp_path / "autograder", "")
    shutil.rmtree(autograder.source / ".venv")
    assert "tell your instructor" in autograder.run()["output"]


def test_the_archive_is_as_gradescope_wants_it(tmp_path: Path) -> None:
    """The scripts are on top, can be run, and have Unix line ends; nothing private is in it."""
    write_zip(tmp_path / "a.zip", 1)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for name in SCRIPTS:
            assert archive.getinfo(name).external_attr >> 16 == 0o755
            assert b"\r" not in archive.read(name)
        names = archive.namelist()
        assert archive.read("settings.sh").decode().startswith("STAGE=1\n")
    assert {"course.py", "tests/manifest.json", "grading/grade.py"} < set(names)
    assert not [name for name in names if "__pycache__" in name or ".git/" in name]


@pytest.mark.parametrize("is_old", [False, True])
def test_setting_up(is_old: bool, tmp_path: Path) -> None:
    """System packages first, a newer Python where the system's is too old, then Python's own."""
    autograder, tools = tmp_path / "autograder", tmp_path / "tools"
    (autograder / "source").mkdir(parents=True)
    tools.mkdir()
    course = "import pathlib, sys; pathlib.Path(__file__).with_name('seen').write_text(sys.argv[1])"
    (autograder / "source" / "course.py").write_text(course, encoding="utf-8")
    for name in ("apt-get", "add-apt-repository", "useradd"):
        write_script(tools / name, f'echo "{name} $@" >> "{tmp_path}/log"')
    has_everything = f'[ "$1" = -c ] || exec "{sys.executable}" "$@"'
    write_script(tools / "python3", "exit 1" if is_old else has_everything)
    write_script(tools / "python3.12", has_everything)
    environment = os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "AUTOGRADER": str(autograder),
        "GRADER_USER": "no-such-user",
    }
    script = PROJECT / "grading" / "gradescope" / "setup.sh"
    subprocess.run(["bash", str(script)], env=environment, check=True, timeout=60)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "xvfb" in log
    assert ("python3.12-tk" in log) is is_old
    assert (autograder / "source" / "seen").read_text(encoding="utf-8") == "grade"


@pytest.mark.timeout(400)
def test_the_reference_gets_full_marks(tmp_path: Path) -> None:
    """The real grader, in a real layout, grades stage 1 of the reference."""
    autograder = Autograder(tmp_path / "autograder", "")
    shutil.copy(PROJECT / "grading" / "grade.py", autograder.source / "grading" / "grade.py")
    settings = autograder.source / "settings.sh"
    settings.write_text("STAGE=1\n", encoding="utf-8")
    shutil.copytree(PROJECT / FOLDERS[1], autograder.submission / FOLDERS[1])
    content = autograder.run()
    assert content["score"] == sum(test["max_score"] for test in content["tests"]) > 90
