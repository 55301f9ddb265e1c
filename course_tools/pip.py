"""One call of pip: what it does shown in a line, its failure in a few.

No option says where packages come from, so an offline index or a folder of wheels that the reader's
pip is set to (`PIP_NO_INDEX`, `PIP_FIND_LINKS`, pip.conf) is used as it should be.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_tools.errors import CourseError
from course_tools.launch import course_command, note
from course_tools.stages import stages_here

COMMAND = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
# A somewhat older package that is ready to use beats a new one that must be compiled.
COMMAND += ["--prefer-binary", "--progress-bar", "off"]
NEWS = ("Collecting ", "Processing ", "Downloading ", "Installing collected packages")
NO_CONNECTION = "after connection broken by "


def install(python: Path, requirements: Sequence[str]) -> None:
    """Install the requirements into the environment of `python`.

    Raises CourseError with pip's own words when that fails.
    """
    with subprocess.Popen(
        [python, *COMMAND, *requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout
        output = list(_shown(process.stdout))
    if process.returncode != 0:
        raise CourseError(_explained(output))


def _shown(lines: Iterator[str]) -> Iterator[str]:
    """The lines again; on a terminal the newest step is shown meanwhile, in one line."""
    on_terminal = sys.stderr.isatty()
    said_no_network = False
    for line in lines:
        if NO_CONNECTION in line and not said_no_network:
            note("No connection to the packages' server so far; pip tries a few times more.")
            said_no_network = True
        if on_terminal and line.strip().startswith(NEWS):
            print(f"\r\x1b[K  {line.strip()[:70]}", end="", file=sys.stderr, flush=True)
        yield line
    if on_terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _explained(output: Sequence[str]) -> str:
    errors = [line for line in output if line.startswith("ERROR")] or list(output)
    broken = [line.partition(NO_CONNECTION)[2] for line in output if NO_CONNECTION in line]
    said = "\n".join(f"  pip: {line.strip()[:300]}" for line in [*broken[:1], *errors[-3:]])
    return (
        f"the packages could not be installed.\n{said}\n"
        "Is there a network? It is needed once; an offline index or a folder of wheels that pip is"
        f" set to will do.\nWithout any package this works: {', '.join(_without_packages())}"
    )


def _without_packages() -> list[str]:
    simple = [str(stage.number) for stage in stages_here() if stage.number < 3]
    return [course_command(name, number) for number in simple for name in ("server", "client")]
