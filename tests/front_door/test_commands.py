"""What course.py answers and starts, and what it says when it cannot."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.front_door.stub_project import PROJECT, STAGES, StubProject, run_course


def one_line(text: str) -> str:
    """The only line of `text`."""
    (line,) = text.splitlines()
    return line


def test_help_lists_commands_and_stages(stub_project: StubProject) -> None:
    """`--help` names every command and every stage that is here."""
    for arguments in (["--help"], ["-h"], []):
        answer = stub_project.run(*arguments)
        assert answer.returncode == 0
        for word in ("demo", "server N", "client N", "test [--all]", *STAGES):
            assert word in answer.stdout


def test_help_leaves_out_what_is_not_here(stub_project: StubProject) -> None:
    """A stage without a client is not offered."""
    (stub_project.root / STAGES[3] / "client.py").unlink()
    assert STAGES[3] not in stub_project.run("--help").stdout
    assert stub_project.run("server", "4").returncode == 2


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["serve"], "did you mean 'server'"),
        (["xyzzy"], "demo, server, client"),
        (["server"], "say which stage"),
        (["client", "--console"], "say which stage"),
        (["server", "5"], "these are: 1, 2, 3, 4"),
        (["demo", "fast"], "demo takes no arguments"),
    ],
)
def test_typing_errors_get_one_line(
    stub_project: StubProject, typed: list[str], expected: str
) -> None:
    """What cannot be understood gets one readable line and exit code 2."""
    answer = stub_project.run(*typed)
    assert answer.returncode == 2
    assert expected in one_line(answer.stderr)
    assert answer.stdout == ""


@pytest.mark.parametrize("program", ["server", "client"])
def test_arguments_and_exit_code_are_handed_on(stub_project: StubProject, program: str) -> None:
    """What follows the stage reaches the program as it is, and its exit code comes back."""
    arguments = ["--port", "0", "", "two words", "--help"]
    answer = stub_project.run(program, "1", *arguments, STUB_EXIT_CODE="7")
    assert answer.stdout.splitlines()[0] == f"started {program}.py {' '.join(arguments)}"
    assert answer.returncode == 7


def test_stage_may_be_named_by_its_folder(stub_project: StubProject) -> None:
    """`server stage1_basic/`, as the shell completes it, is stage 1."""
    assert stub_project.run("server", "stage1_basic/").returncode == 0


def test_plain_command_is_shown(stub_project: StubProject, tmp_path: Path) -> None:
    """The line that is shown runs the same program, in the project's folder and elsewhere."""
    inside = one_line(stub_project.run("server", "1", "--port", "0").stderr)
    assert inside.endswith(" -m stage1_basic.server --port 0")
    outside = one_line(stub_project.run("server", "1", cwd=tmp_path).stderr)
    path = str(stub_project.root / "stage1_basic" / "server.py")
    assert path in outside
    if sys.platform != "win32":
        shown = outside.removeprefix("$ ")
        again = subprocess.run(shown, shell=True, capture_output=True, text=True, check=True)
        assert again.stdout.startswith("started server.py")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_program(ending: signal.Signals) -> None:
    """Ctrl+C and a polite end reach the server, which closes cleanly with exit code 0."""
    with subprocess.Popen(
        [sys.executable, "course.py", "server", "1", "--port", "0"],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as course:
        assert course.stdout
        assert course.stderr
        assert course.stdout.readline().startswith("Listening on 127.0.0.1:")
        course.send_signal(ending)
        assert course.wait(10) == 0
        assert "Traceback" not in course.stderr.read()


def test_ctrl_c_while_it_is_loaded(stub_project: StubProject) -> None:
    """Ctrl+C before course.py has read its arguments ends it in a line."""
    commands = stub_project.root / "course_tools" / "main.py"
    commands.write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    answer = stub_project.run("--help")
    assert (answer.returncode, answer.stderr.strip()) == (130, "Interrupted.")


def test_samples_fill_an_empty_library(stub_project: StubProject, tmp_path: Path) -> None:
    """A server of stage 4 finds files to offer, except where there are some already."""
    stub_project.pyproject.write_text(
        "[project.optional-dependencies]\nimages = []\n", encoding="utf-8"
    )
    stub_project.run("server", "4", "--files", str(tmp_path / "new"))
    assert (tmp_path / "new" / "readme.txt").stat().st_size > 100
    assert (tmp_path / "new" / "five_megabytes.bin").stat().st_size == 5_000_000
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "my.txt").touch()
    stub_project.run("server", "4", f"--files={mine}")
    assert [path.name for path in mine.iterdir()] == ["my.txt"]


def test_tools_are_the_projects_own(stub_project: StubProject, tmp_path: Path) -> None:
    """A tool that is used inside a submission runs our module and not a file of the submission."""
    for folder, text in ((stub_project.root, "ours"), (tmp_path, "theirs")):
        (folder / "grading").mkdir()
        program = f"import os, sys\nprint({text!r}, os.getcwd(), sys.argv[1:])"
        (folder / "grading" / "starter.py").write_text(program, encoding="utf-8")
    assert "starter" in stub_project.run("--help").stdout
    answer = stub_project.run("starter", "--quick", "two words", cwd=tmp_path)
    assert answer.stdout == f"ours {tmp_path} ['--quick', 'two words']\n"


def test_commands_work_from_another_folder(tmp_path: Path) -> None:
    """The real course.py does not depend on the current directory."""
    assert run_course(PROJECT, "--help", cwd=tmp_path).returncode == 0
