"""Submissions that attack: the grader goes on, gives no point too many, and leaves nothing running.

Each is the reference with some lines put before its server. Most attacks look whether they work,
and end the server if they do: the test that passes shows that they failed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grading.folders import NOT_COPIED, SubmissionError
from grading.running import run_tests
from grading.scores import grades, load_manifest
from tests.grading.test_keeper import DAEMON, needs_landlock, with_token
from tests.support.submission import PROJECT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only there most attacks, and what stops them, are"
)

TALK = "stage1/test_framing.py::test_a_line_reaches_the_others"
PART = "stage1/test_lines.py::test_the_rest_waits_for_its_end"


@dataclass(frozen=True, slots=True)
class Attack:
    """Lines that are put before the reference's server, and what then becomes of two tests."""

    name: str
    lines: str
    talk: str = "passed"
    part: str = "passed"
    marks: tuple[pytest.MarkDecorator, ...] = ()


ATTACKS = [
    Attack("hangs", "import signal; signal.pause()", talk="failed"),
    Attack(
        "does not end",
        "import signal\nfor number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)",
    ),
    Attack("leaves a daemon", DAEMON),
    Attack(
        "floods its output",
        "import os\nwhile True: os.write(1, b'all tests passed ' * 4096)",
        talk="failed",
    ),
    Attack(
        "floods its output while it serves",
        """
import os, threading
def flood():
    while True: os.write(2, b'x' * 65536)
threading.Thread(target=flood, daemon=True).start()""",
        talk="either",
    ),
    Attack(
        "has 1,000 threads",
        """
import threading
for _ in range(1000): threading.Thread(target=threading.Event().wait, daemon=True).start()""",
    ),
    Attack("ends the process", "import os; os._exit(0)", talk="failed"),
    Attack(
        "removes its own folder and its home",
        """
import os, shutil
shutil.rmtree(os.getcwd(), ignore_errors=True)
shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)""",
        talk="either",
        part="either",
    ),
    Attack(
        "prints reports",
        """
print('{"score": 100, "tests": []}')
print('<testsuite tests="1" failures="0"/>')
print('74 passed in 0.01s')
raise SystemExit(0)""",
        talk="failed",
    ),
    Attack(
        "writes to every descriptor",
        """
import os
record = b'{"test": "%s", "name": "x", "outcome": "passed", "seconds": 1}\\n'
for number in range(3, 300):
    try: os.write(number, record)
    except OSError: pass
os._exit(0)""".replace("%s", TALK),
        talk="failed",
    ),
    Attack(
        "writes into the tests' own descriptors",
        """
import os
for entry in os.listdir('/proc'):
    try:
        if entry.isdigit() and entry != str(os.getpid()) and b'pytest' in open(
            f'/proc/{entry}/cmdline', 'rb').read():
            for number in os.listdir(f'/proc/{entry}/fd'):
                os.close(os.open(f'/proc/{entry}/fd/{number}', os.O_WRONLY | os.O_NONBLOCK))
                os._exit(0)
    except OSError: pass""",
    ),
    Attack(
        "fills the disk",
        """
import tempfile
try: tempfile.TemporaryFile().truncate(8 << 30)
except OSError: pass
else: raise SystemExit(0)""",
    ),
    Attack(
        "eats memory",
        """
try: bytearray(20 << 30)
except MemoryError: pass
else: raise SystemExit(0)""",
    ),
    Attack(
        "looks for secrets",
        """
import os
assert not any('SECRET' in name for name in os.environ)
for entry in os.listdir('/proc'):
    try: assert b'treasure-of-' not in open(f'/proc/{entry}/environ', 'rb').read()
    except OSError: pass""",
        marks=(needs_landlock,),
    ),
    Attack(
        "leaves a folder nested too deep for Python",
        """
import os
home = os.getcwd()
os.chdir(os.path.expanduser('~'))
for _ in range(1200):
    os.mkdir('d')
    os.chdir('d')
os.chmod('..', 0)
os.chdir(home)""",
    ),
]


def write(folder: Path, attack: Attack) -> Path:
    """Write the reference's first stage, with the attack in it."""
    shutil.copytree(
        PROJECT / "stage1_basic",
        folder / "stage1_basic",
        ignore=shutil.ignore_patterns(*NOT_COPIED),
    )
    file = folder / "stage1_basic" / "server.py"
    file.write_text(attack.lines + "\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def graded(folder: Path, tests: tuple[str, ...] = (TALK, PART)) -> tuple[dict[str, str], float]:
    """How these tests ended on a submission, by name, and the maximum of the stage."""
    results = run_tests(
        folder,
        [1],
        own_earlier_stages=True,
        selection=[f"tests/{name}" for name in tests],
        options=["--deadline=4"],
        shares=1,
    )
    all_grades = grades(load_manifest(), [1], results.runs, results.missing)
    outcomes = {grade.name: grade.outcome for grade in all_grades if grade.name in tests}
    return outcomes, sum(grade.maximum for grade in all_grades)


@pytest.fixture(autouse=True)
def treasure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A secret in the grader's environment, and in that of another program of the same user."""
    monkeypatch.setenv("MY_SECRET", "treasure-of-the-grader")
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        yield
        other.kill()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "attack",
    [pytest.param(attack, id=attack.name, marks=attack.marks) for attack in ATTACKS],
)
def test_it_gets_what_it_deserves(attack: Attack, tmp_path: Path) -> None:
    """The tests end as they must, the maximum is what it was, and no process is left."""
    token = f"hostile-{os.getpid()}-{tmp_path.name}"
    lines = attack.lines.replace("TOKEN", token)
    folder = write(tmp_path, Attack(attack.name, lines))
    outcomes, maximum = graded(folder)
    expected = {TALK: attack.talk, PART: attack.part}
    assert {n: outcomes[n] for n in expected if expected[n] != "either"} == {
        n: outcome for n, outcome in expected.items() if outcome != "either"
    }
    assert maximum == load_manifest()["maximum"]["1"]
    assert with_token(token) == []


def test_its_copies_of_the_grader_do_not_count(tmp_path: Path) -> None:
    """Tests, settings, and modules with the names of others, in the submission's own folder."""
    folder = write(tmp_path, Attack("copies", ""))
    files = {
        "conftest.py": "import os; os._exit(0)",
        "sitecustomize.py": "import os; os._exit(0)",
        "usercustomize.py": "import os; os._exit(0)",
        "evil.pth": "import os; os._exit(0)",
        "pytest.ini": "[pytest]\naddopts = --collect-only",
        "pytest.py": "import os; os._exit(0)",
        "grading/__init__.py": "import os; os._exit(0)",
        "grading/recorder.py": "import os; os._exit(0)",
        "course_tools/stages.py": "import os; os._exit(0)",
        "tests/conftest.py": "import os; os._exit(0)",
        "tests/manifest.json": '{"maximum": {"1": 1}, "tests": {}}',
        "tests/stage1/test_framing.py": "def test_a_line_reaches_the_others(): pass",
        "tests/stage1/observations.py": "import os; os._exit(0)",
        "stage1_basic/conftest.py": "import os; os._exit(0)",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    outcomes, maximum = graded(folder)
    assert outcomes == {TALK: "passed", PART: "passed"}
    assert maximum == load_manifest()["maximum"]["1"]


def test_a_part_that_ends_the_process(tmp_path: Path) -> None:
    """Imported to be tried alone, it costs its points; the grader goes on."""
    folder = write(tmp_path, Attack("part", ""))
    file = folder / "stage1_basic" / "lines.py"
    text = file.read_text(encoding="utf-8")
    head = "class LineReader:\n"
    assert text.count(head) == 1
    text = text.replace(head, f"{head}    __import__('os')._exit(0)\n")
    file.write_text(text, encoding="utf-8")
    outcomes, _ = graded(folder, (PART,))
    assert outcomes == {PART: "failed"}


def test_its_own_json_hurts_itself_only(tmp_path: Path) -> None:
    """A module of the submission that has the name of one of Python's is its own problem."""
    folder = write(tmp_path, Attack("json", "import json"))
    (folder / "json.py").write_text("import os; os._exit(0)", encoding="utf-8")
    outcomes, _ = graded(folder)
    assert outcomes == {TALK: "failed", PART: "passed"}


@needs_landlock
def test_files_of_others_stay_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the instructor's home, nor the submission as it was handed in, can be changed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "precious").write_text("precious", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    lines = f"""
import os, shutil
for folder in ({str(home)!r}, {str(tmp_path / "handed_in")!r}):
    shutil.rmtree(folder, ignore_errors=True)
    try: open(folder + "/stage1_basic/server.py", "w")
    except OSError: pass
try: open({str(home / "precious")!r})
except OSError: pass
else: os._exit(0)
"""
    folder = write(tmp_path / "handed_in", Attack("wipes", lines))
    before = {file: file.read_bytes() for file in folder.rglob("*.py")}
    outcomes, _ = graded(folder)
    assert outcomes[TALK] == "passed"
    assert (home / "precious").read_text(encoding="utf-8") == "precious"
    assert {file: file.read_bytes() for file in folder.rglob("*.py")} == before


def test_links_and_pipes_stay_behind(tmp_path: Path) -> None:
    """A link out of the submission is not followed, a pipe does not stop the copy."""
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    folder = write(
        tmp_path / "handed_in", Attack("links", "import os\nassert not os.path.lexists('link')")
    )
    (folder / "link").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    outcomes, _ = graded(folder, (TALK,))
    assert outcomes == {TALK: "passed"}


def test_a_submission_has_a_largest_size(tmp_path: Path) -> None:
    """Sparse as it may be, what does not fit is refused in one line."""
    folder = write(tmp_path, Attack("large", ""))
    with (folder / "huge").open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(SubmissionError, match="500 MB"):
        graded(folder)
