"""The terminal of our own programs: lines are shown while someone types, at any speed."""

import os
import sys

import pytest

from tests.support.fixtures import StartProgram

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")

LINES_TYPED = 200
FLOOD = f"""
import threading
from stage1_basic.command_line import leave
from stage1_basic.terminal import Terminal

heard = []
all_heard = threading.Event()
def hear(line):
    heard.append(line)
    if len(heard) == {LINES_TYPED}:
        all_heard.set()

terminal = Terminal("> ")
terminal.read_lines(hear, all_heard.set)
while not all_heard.is_set():
    terminal.show("news")
terminal.close()
print("heard", len(heard), "lines,", len(set(heard)), "of them different")
leave(0)
"""


def test_typing_while_others_talk_without_a_pause(run: StartProgram) -> None:
    """What is shown from one thread never disturbs the line editing of another."""
    program = run([sys.executable, "-c", FLOOD], on_terminal=True)
    program.expect_output("news")
    program.type("all the letters arrive, and nothing breaks\n" * LINES_TYPED)
    program.expect_output(f"heard {LINES_TYPED} lines, 1 of them different")
    program.expect_exit(0)
