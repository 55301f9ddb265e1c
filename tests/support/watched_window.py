"""A window of the submission's, started as a student starts it, and watched from outside.

Nothing is known of how it is built: a watcher between tkinter and Tk (`watched_tk`) tells what the
window shows, which thread calls Tk, and whether Tk's main loop still turns.
"""

import re
from pathlib import Path

from tests.support.conversation import Conversation
from tests.support.processes import Program
from tests.support.submission import environment

WATCHER = Path(__file__).with_name("watched_tk")
ROUNDS = 5
ANSWERS = {"REQUEST_LIST": "IMAGE_LIST:[]", "FILES": "FILE_LIST:[]"}


def watched_environment(display: dict[str, str], word: str) -> dict[str, str]:
    """The environment of a program whose window is watched for texts with this word in them."""
    return environment(**display, PYTHONPATH=str(WATCHER), COURSE_WATCHED_WORD=word)


def welcome(side: Conversation, nickname: str) -> None:
    """Play a server of any stage to a client that joins, until it asks who is online."""
    __tracebackhide__ = True
    verb = ""
    while verb != "ONLINE":
        verb, _, rest = side.read_line().decode().partition(":")
        if verb == "NICK":
            side.send_line(f"NICK_OK:{rest}")
        elif verb in ANSWERS:
            side.send_line(ANSWERS[verb])
    side.send_line(f'ONLINE_LIST:["{nickname}"]')


def expect_shown(window: Program, text: str) -> None:
    """The window shows a text, in which the watched word stands."""
    __tracebackhide__ = True
    window.expect_output(rf"^\[tk\] shown .*{re.escape(text)}", stream="errors")


def expect_alive(window: Program) -> None:
    """From now on Tk's main loop comes round several times: keys are heard, the window is drawn."""
    __tracebackhide__ = True
    window.mark()
    window.expect_output(r"(\[tk\] alive(?s:.)*){" + str(ROUNDS) + "}", stream="errors")


def expect_picture(window: Program, colour: tuple[int, int, int]) -> None:
    """A picture with this colour in its middle is on the screen, and stays there."""
    __tracebackhide__ = True
    words = " ".join(map(str, colour))
    stays = f"a picture of the colour {words} is in the window, and stays there"
    window.expect_output(rf"^\[tk\] picture {words}$", stream="errors", what=stays)
    expect_alive(window)
    if f"[tk] gone: picture {words}\n" in window.errors.text():
        raise window.mismatch(stays, "it has vanished again")


def calls_from_other_threads(window: Program) -> list[str]:
    """The threads that have called Tk besides the one that made it, and what they called first."""
    return re.findall(r"^\[tk\] thread (.*)$", window.errors.text(), re.MULTILINE)
