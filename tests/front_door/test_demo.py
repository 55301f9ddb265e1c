"""The demo plays to its end, leaves nothing behind, and tells what went wrong if something did."""

import os
import sys
from pathlib import Path

import pytest

from tests.front_door.stub_project import PROJECT, StubProject, run_course

CLIENT_THAT_ENDS = "print('no server for me'); raise SystemExit(3)"
SERVER_THAT_ENDS = "print('Listening on 127.0.0.1:9', flush=True)"


def processes_with(variable: str) -> list[str]:
    """The command lines of running processes that have this text in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is someone else's
    return found


def test_demo_plays_to_its_end(tmp_path: Path) -> None:
    """Everything that the demo shows happens; then no process and no file of it is left."""
    mark = f"COURSE_DEMO_TEST_{os.getpid()}"
    folders = {name: str(tmp_path) for name in ("TMPDIR", "TEMP", "TMP")}
    answer = run_course(PROJECT, "demo", cwd=PROJECT, **folders, **{mark: "1"})
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Bob reads what Ada wrote" in answer.stdout
    assert "checks passed" in answer.stdout
    assert "\x1b" not in answer.stdout
    assert list(tmp_path.iterdir()) == []
    if sys.platform == "linux":
        assert processes_with(mark) == []


@pytest.fixture
def one_stage(stub_project: StubProject) -> StubProject:
    """A project that has only stage 1."""
    for stage in ("stage2_gui", "stage3_images", "stage4_udp_files"):
        for program in ("server", "client"):
            (stub_project.root / stage / f"{program}.py").unlink()
    return stub_project


def test_demo_tells_what_was_expected_and_seen(one_stage: StubProject) -> None:
    """A program that does not do its part is shown with what was expected of it."""
    one_stage.write_program("stage1_basic", "server", SERVER_THAT_ENDS)
    one_stage.write_program("stage1_basic", "client", CLIENT_THAT_ENDS)
    answer = one_stage.run("demo")
    assert answer.returncode == 1
    assert "FAILED: the server knows of Ada" in answer.stdout
    assert "expected: a line of server" in answer.stdout
    assert "Listening on 127.0.0.1:9" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
