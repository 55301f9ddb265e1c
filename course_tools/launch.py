"""Starting the course's programs, and showing the command that does it.

On POSIX the program takes this process's place, so Ctrl+C, signals and the exit code are its own.
Windows has no such call; there this process waits, and leaves Ctrl+C to the program.
Notes go to stderr: stdout belongs to the program that is started.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from course_tools.stages import PROJECT, Stage


def note(text: str) -> None:
    """Tell the reader something that is not the program's own output."""
    print(text, file=sys.stderr, flush=True)


def launcher(python: Path | str = sys.executable) -> str:
    """How the reader can start `python`: in the way this one was started, where it is the same."""
    if str(python) != sys.executable:
        path = Path(python)
        return str(path.relative_to(PROJECT)) if Path.cwd() == PROJECT else str(path)
    if sys.platform == "win32":
        return "py" if shutil.which("py") else "python"
    typed = sys.orig_argv[0] or sys.executable
    name = Path(typed).name
    return name if shutil.which(name) == typed else typed


def course_command(*arguments: str) -> str:
    """A course.py command as the reader would type it here."""
    course = PROJECT / "course.py"
    name = "course.py" if Path.cwd() == PROJECT else str(course)
    return as_typed([launcher(), name, *arguments])


def as_typed(command: Sequence[str]) -> str:
    """`command` as one types it into this system's terminal."""
    if sys.platform == "win32":
        return subprocess.list2cmdline(command)
    return shlex.join(command)


def program_arguments(stage: Stage, name: str) -> list[str]:
    """What follows `python` to start a program: in the project's folder `-m`, else its path."""
    if Path.cwd() == PROJECT:
        return ["-m", f"{stage.folder}.{name}"]
    return [str(stage.program(name))]


def hand_over(python: Path | str, arguments: Sequence[str], show: bool = True) -> int:
    """Run a program in the current directory and return its exit code; show the command first.

    On POSIX this does not return: the program takes this process's place.
    """
    if show:
        note(f"$ {as_typed([launcher(python), *arguments])}")
    command = [str(python), *arguments]
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return process.wait()


def run_tool(python: Path | str, module: str, arguments: Sequence[str]) -> int:
    """Run one of the project's own modules in the current directory.

    That may be a stranger's submission: modules are looked for in the project only.
    """
    os.environ["PYTHONPATH"] = str(PROJECT)
    return hand_over(python, ["-P", "-m", module, *arguments], show=False)
