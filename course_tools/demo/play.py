"""Plays the script with the newest stage that is here; tells how it went, by words and exit code.

Everything is real: processes, sockets, files; only the typing is done by this program.
"""

import signal
import sys
import tempfile
from pathlib import Path

from course_tools import packages
from course_tools.demo.actor import ScriptError
from course_tools.demo.cast import Cast
from course_tools.demo.narration import Narrator
from course_tools.demo.script import STEPS
from course_tools.environment import python_with
from course_tools.errors import CourseError
from course_tools.launch import course_command, note
from course_tools.stages import Stage, newest_stage

SUBJECTS = {
    1: "a chat",
    2: "nicknames and private messages",
    3: "an image",
    4: "a download over a link that loses packets",
}


def run_demo(arguments: list[str]) -> int:
    """Play the demo; return 0 only when everything in it has happened."""
    if arguments:
        raise CourseError("demo takes no arguments", exit_code=2)
    stage = newest_stage()
    python, left_out = _python_for(stage)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no program is left behind
    narrator = Narrator()
    subjects = [subject for number, subject in SUBJECTS.items() if number <= stage.number]
    narrator.title(f"{stage.folder} at work: {', '.join(subjects)}")
    with tempfile.TemporaryDirectory(prefix="course demo ", ignore_cleanup_errors=True) as folder:
        played_well = _play(stage, python, Path(folder).resolve(), narrator, not left_out)
    return _curtain(narrator, played_well, stage, left_out)


def _play(stage: Stage, python: str, folder: Path, narrator: Narrator, with_images: bool) -> bool:
    with Cast(stage, python, folder, narrator) as cast:
        try:
            for step in STEPS:
                if step.is_for(stage, with_images):
                    narrator.step(step.title)
                    step.play(cast)
        except ScriptError as failure:
            seen = [(actor.label, actor.lines[-12:]) for actor in cast.actors]
            narrator.failed(failure.what, failure.expected, seen)
            return False
    return True


def _curtain(narrator: Narrator, played_well: bool, stage: Stage, left_out: str) -> int:
    if not played_well:
        narrator.curtain("Something did not happen as it should; see above.", well=False)
    elif left_out:
        narrator.curtain(f"All that was shown has happened, but {left_out}", well=False)
    else:
        narrator.curtain(f"All {narrator.checks} checks passed.", well=True)
        number = str(stage.number)
        narrator.remark("Now by hand, each line in a terminal of its own:")
        for name in ("server", "client", "client"):
            narrator.remark(f"   {course_command(name, number)}")
    return 0 if played_well and not left_out else 1


def _python_for(stage: Stage) -> tuple[str, str]:
    """The Python to play with, and what cannot be shown with it ("" for nothing)."""
    if stage.number < 3 or packages.this_python_has("images"):
        return sys.executable, ""
    try:
        return str(python_with("images")), ""
    except CourseError as error:
        note(f"course.py: {error}\nGoing on without an image.")
        return sys.executable, "an image was left out, since Pillow is not installed."
