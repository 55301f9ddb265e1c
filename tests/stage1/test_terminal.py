"""The terminal of our own programs: lines are shown while someone types, at any speed."""

import os
import re
import signal
import sys

import pytest

from stage1_basic.terminal import width
from tests.support.fixtures import StartProgram
from tests.support.screen import Screen
from tests.support.terminal import TerminalProgram
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal"),
    pytest.mark.insides,
]

LINE_TYPED = "the quick brown fox jumps over a lazy dog"
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
ECHO = """
import signal
from stage1_basic.terminal import Terminal

def hear(line):
    terminal.erase_typed_line(line)
    terminal.show(f"You: {line}")

terminal = Terminal("> ")
signal.signal(signal.SIGUSR1, lambda *_: terminal.show("news"))
terminal.read_lines(hear, terminal.close)
while True:
    signal.pause()
"""
NO_READLINE = "import sys; sys.modules['readline'] = None\n"
LEFT = "\x1b[D"
ROW_ERASED = "\x1b[A\r\x1b[K"  # the row above the cursor


def test_typing_while_others_talk_without_a_pause(run: StartProgram) -> None:
    """What is shown from one thread never disturbs the line editing of another: no letter is lost,
    none stands twice behind the prompt."""
    program = type_into(run, FLOOD)
    behind_prompt = set(re.findall(r"> ([a-z ]*)", program.printed()))
    assert {text for text in behind_prompt if not LINE_TYPED.startswith(text.rstrip())} == set()


def test_typing_without_readline(run: StartProgram) -> None:
    """Where Python has no readline, as on Windows, no letter is lost either."""
    type_into(run, NO_READLINE + FLOOD)


def type_into(run: StartProgram, source: str) -> TerminalProgram:
    program = run([sys.executable, "-c", source], on_terminal=True)
    assert isinstance(program, TerminalProgram)
    program.expect_output("news")
    program.type(f"{LINE_TYPED}\n" * LINES_TYPED)
    program.expect_output(f"heard {LINES_TYPED} lines, 1 of them different")
    program.expect_exit(0)
    assert program.is_as_found()
    return program


def test_a_line_shown_while_the_cursor_is_in_the_middle(run: StartProgram) -> None:
    """What is typed next still goes where the cursor stood, on the screen and in the line."""
    program = run([sys.executable, "-c", ECHO], on_terminal=True)
    program.expect_output("> ")
    program.type(f"half line{LEFT * len('line')}")
    program.expect_output("half line")
    program.interrupt(signal.SIGUSR1)
    program.expect_output(r"news\r\n(?s:.)*> half line")
    program.type("a ")
    eventually(
        lambda: Screen(program.printed()).lines[-1] == "> half a line", "it is on the screen"
    )
    program.type("\n")
    program.expect_output("You: half a line")


def test_a_long_typed_line_is_replaced_as_a_whole(run: StartProgram) -> None:
    """A line that fills several rows is erased from all of them when it comes again."""
    program = run([sys.executable, "-c", ECHO], on_terminal=True)
    program.expect_output("> ")
    program.type(f"{'long ' * 40}\n")
    program.expect_output(rf"({re.escape(ROW_ERASED)}){{3}}(?s:.)*You: long")
    assert program.printed().count(ROW_ERASED) == 3


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_width(text: str, columns: int) -> None:
    """Chinese letters fill two columns, combining accents none."""
    assert width(text) == columns
