"""What a test says of the mistakes that readers make on purpose, each one of the gallery's."""

import os
import re
import subprocess
import sys
from pathlib import Path

from course_tools.stages import PROJECT
from grading.gallery import mistakes

# The mistake, and the test of which its page says: run this one.
TESTS = {
    "row2_the_rest_is_thrown_away": ("tests/stage1/test_lines.py", "waits"),
    "row11_names_differ_by_case": ("tests/stage2/test_server.py", "taken"),
    "row14_any_path_is_served": ("tests/stage3/test_strangers.py", "outside"),
    "row19_written_in_order_of_arrival": ("tests/stage4/test_download_simulated.py", "single_loss"),
}
TOLD = re.compile(r"^E {7}(.*)$", re.MULTILINE)
BEGINNING = re.compile("done:|expected:|the file differs")
HINT = re.compile(r"^-+ What to look at -+$\n(.*?)(?=^[_=])", re.MULTILINE | re.DOTALL)


def failures(folder: Path) -> dict[str, str]:
    """The first failure of each, by its row."""
    made = {}
    for mistake in mistakes():
        if mistake.name in TESTS:
            submission = folder / mistake.name
            mistake.write(submission)
            said = test_output(submission, *TESTS[mistake.name])
            made[f"broken_row{mistake.row}.txt"] = failure_in(said)
    return made


def test_output(submission: Path, test: str, word: str) -> str:
    """What a test that must fail prints."""
    command = [sys.executable, "-m", "pytest", "-x", "--color=no", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"--submission={submission}", test, "-k", word],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    return done.stdout


def failure_in(said: str) -> str:
    """What was expected and what came instead, and the hint where the test has one.

    Raises ValueError when there is no failure.
    """
    told = "\n".join(TOLD.findall(said))
    beginning = BEGINNING.search(told)
    if beginning is None:
        raise ValueError(f"no failure in:\n{said}")
    hint = HINT.search(said)
    return told[beginning.start() :] + "\n" + (f"\n{hint[1]}" if hint else "")


SCENES = {"broken": failures}
