"""Grading may run in the background, from a script's `&`."""

import os
import subprocess
import sys

import pytest

from tests.support.submission import PROJECT

TEST = "tests/stage1/test_console_terminal.py::test_keys_that_leave"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_reaches_the_programs() -> None:
    """A shell has Ctrl+C ignored in what it runs in the background; programs under test hear it."""
    options = ["-q", "-p", "no:cacheprovider", "--stages=1", "--engines=loop"]
    tests = [sys.executable, "-m", "pytest", *options, TEST]
    in_the_background = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *tests]
    result = subprocess.run(
        in_the_background, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
