"""The keeper ends whatever its child has started, and holds it within limits."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from grading import kernel
from grading.keeper import TOO_MANY_FILES, TOO_MANY_PROCESSES, Limits, descendants
from tests.support.submission import PROJECT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what it relies on exists on Linux"
)
needs_landlock = pytest.mark.skipif(not kernel.can_confine(), reason="this kernel has no Landlock")

DAEMON = """
import os, sys
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.set_inheritable(writer, True)
        told = f"import os, time; os.write({writer}, b'!'); time.sleep(600)  # TOKEN"
        os.execve(sys.executable, [sys.executable, "-c", told], {})
    os._exit(0)
os.wait()
assert os.read(reader, 1) == b"!"  # it runs
"""


class Kept:
    """A program under a keeper, whose limits may be lowered."""

    def __init__(self, folder: Path, program: str, lowered: str = "pass", hidden: str = "") -> None:
        lifeline, self._end = os.pipe()
        inherited = os.open(os.devnull, os.O_WRONLY)
        python = [sys.prefix, sys.base_prefix, str(PROJECT)]
        hides = [hidden] if hidden else []
        limits = Limits([str(folder)], python, hides, lifeline, inherited)
        driver = f"import sys, grading.keeper as keeper; {lowered}; sys.exit(keeper.main())"
        command = [sys.executable, "-c", driver, json.dumps(asdict(limits))]
        self.process = subprocess.Popen(
            [*command, sys.executable, "-c", program],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[lifeline, inherited],
            text=True,
        )
        os.close(lifeline)
        os.close(inherited)

    def cut_lifeline(self) -> None:
        """Do what happens when the grader dies."""
        os.close(self._end)
        self._end = -1

    def result(self) -> tuple[int, str]:
        """Its exit code and what was printed, once it has ended."""
        output, _ = self.process.communicate(timeout=40)
        if self._end >= 0:
            os.close(self._end)
        return self.process.returncode, output


def with_token(token: str) -> list[str]:
    """The command lines of all processes that have this word in theirs."""
    lines = []
    for process in descendants(1):
        try:
            line = Path(f"/proc/{process.number}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        lines += [line] if token in line and "fork" not in line else []
    return lines


def test_exit_code_and_words_are_the_childs(tmp_path: Path) -> None:
    """What the child prints and its exit code arrive as they are."""
    code, output = Kept(tmp_path, "import sys; print('hello'); sys.exit(3)").result()
    assert (code, output) == (3, "hello\n")


def test_a_daemon_is_found(tmp_path: Path) -> None:
    """Left session, group and environment behind: it ends with the child all the same."""
    token = f"daemon-{os.getpid()}-{tmp_path.name}"
    assert Kept(tmp_path, DAEMON.replace("TOKEN", token)).result() == (0, "")
    assert with_token(token) == []


def test_nothing_outlives_the_grader(tmp_path: Path) -> None:
    """When the grader is gone, with whatever signal, everything ends."""
    token = f"orphan-{os.getpid()}-{tmp_path.name}"
    program = DAEMON.replace("TOKEN", token) + "print('up', flush=True)\nos.read(reader, 1)\n"
    kept = Kept(tmp_path, program)
    assert kept.process.stdout is not None
    assert kept.process.stdout.readline() == "up\n"
    assert len(with_token(token)) == 1
    kept.cut_lifeline()
    kept.result()
    assert with_token(token) == []


def test_who_needs_too_much_memory_is_ended(tmp_path: Path) -> None:
    """The child goes on; the process with most memory does not."""
    program = """
import subprocess, sys
eater = "data = bytearray(b'x' * 300_000_000); input()"
print(subprocess.Popen([sys.executable, "-c", eater], stdin=subprocess.PIPE).wait())
"""
    code, output = Kept(tmp_path, program, "keeper.MOST_MEMORY = 100 << 20").result()
    assert (code, output) == (0, "-9\n")


@pytest.mark.parametrize("limit", ["MOST_PROCESSES", "MOST_THREADS"])
def test_too_many_processes_end_everything(tmp_path: Path, limit: str) -> None:
    """A limit of processes, and one of all their threads."""
    program = """
import os, signal
children = [os.fork() or signal.pause() for _ in range(40)]
os.wait()
"""
    code, _ = Kept(tmp_path, program, f"keeper.{limit} = 20").result()
    assert code == TOO_MANY_PROCESSES


def test_too_many_bytes_of_files_end_everything(tmp_path: Path) -> None:
    """Many small files fill a disk as well as a large one."""
    program = f"""
import signal
for number in range(50):
    open({str(tmp_path)!r} + f"/{{number}}", "wb").write(b"x" * 100_000)
signal.pause()
"""
    code, _ = Kept(tmp_path, program, "keeper.MOST_BYTES_OF_FILES = 1_000_000").result()
    assert code == TOO_MANY_FILES


def test_a_file_has_a_largest_size(tmp_path: Path) -> None:
    """Beyond it there is an error, not a full disk."""
    program = f"""
try:
    open({str(tmp_path / "big")!r}, "wb").truncate(8 << 30)
except OSError as error:
    print(type(error).__name__)
"""
    assert Kept(tmp_path, program).result() == (0, "OSError\n")


def test_a_process_has_a_largest_size(tmp_path: Path) -> None:
    """Beyond it there is an error, in the process that asks for too much."""
    program = "try: bytearray(20 << 30)\nexcept MemoryError: print('no')"
    assert Kept(tmp_path, program).result() == (0, "no\n")


@needs_landlock
def test_other_folders_cannot_be_changed(tmp_path: Path) -> None:
    """Written, removed, moved: nothing of it works outside of the child's own folder."""
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "file").write_text("precious", encoding="utf-8")
    program = f"""
import os, shutil
own, other = {str(own)!r}, {str(other)!r}
for change in (
    lambda: open(other + "/file", "a"),
    lambda: open(other + "/new", "w"),
    lambda: os.remove(other + "/file"),
    lambda: os.truncate(other + "/file", 0),
    lambda: os.rename(other + "/file", own + "/file"),
    lambda: os.rename(own, other + "/own"),
    lambda: os.mkdir(other + "/folder"),
    lambda: os.symlink(own, other + "/link"),
    lambda: shutil.rmtree(other),
):
    try:
        change()
        print("it worked")
    except PermissionError:
        pass
os.makedirs(own + "/a/b")
os.rename(own + "/a/b", own + "/c")
print(open(other + "/file").read())
"""
    assert Kept(own, program).result() == (0, "precious\n")
    assert [path.name for path in other.iterdir()] == ["file"]


@needs_landlock
def test_what_is_hidden_cannot_be_read(tmp_path: Path) -> None:
    """Neither its files nor their names; the child's own folder in it is not hidden."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    program = f"""
import os
for look in (lambda: open({str(tmp_path / "secret")!r}), lambda: os.listdir({str(tmp_path)!r})):
    try:
        print(look())
    except PermissionError:
        pass
print(open({str(own / "mine")!r}).read())
"""
    assert Kept(own, program, hidden=str(tmp_path)).result() == (0, "mine\n")


@needs_landlock
def test_other_processes_cannot_be_watched(tmp_path: Path) -> None:
    """The environment, the memory and the open files of the user's other programs stay theirs."""
    environment = os.environ | {"SECRET": "treasure"}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1, env=environment) as other:
        program = f"""
for what in ("environ", "mem", "fd/0"):
    try:
        print(open("/proc/{other.pid}/" + what, "rb").read(1))
    except OSError:
        pass
"""
        try:
            assert Kept(tmp_path, program).result() == (0, "")
        finally:
            other.kill()


@pytest.mark.skipif(kernel.landlock_version() < 6, reason="signals are held back since Linux 6.12")
def test_other_processes_get_no_signals(tmp_path: Path) -> None:
    """Neither the grader nor any other program of the user can be ended from within."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        program = f"""
import os
for process in ({other.pid}, {os.getpid()}, os.getppid()):
    try:
        os.kill(process, 15)
        print("it worked")
    except PermissionError:
        pass
"""
        try:
            assert Kept(tmp_path, program).result() == (0, "")
            assert other.poll() is None
        finally:
            other.kill()
