"""The folder under test: where its stages are and how a student starts their programs.

By default this is the project itself; `--submission=DIR` names another folder of the same layout.
Nothing of it is ever imported into the tests' own process.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = {1: "stage1_basic", 2: "stage2_gui", 3: "stage3_images", 4: "stage4_udp_files"}
ENGINES = ("loop", "threads")

# What would make a program behave otherwise here than on the student's own terminal.
_NOT_INHERITED = frozenset(
    f"PYTHON{name}"
    for name in ("PATH", "HOME", "UNBUFFERED", "IOENCODING", "STARTUP", "DONTWRITEBYTECODE")
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A folder that holds `stage1_basic/` and its successors."""

    root: Path

    def stages(self) -> list[int]:
        """The stages that exist: those with a server."""
        return [stage for stage in FOLDERS if self.program_path(stage, "server").is_file()]

    def program_path(self, stage: int, program: str) -> Path:
        """The file of a program, for instance `…/stage1_basic/server.py`."""
        return self.root / FOLDERS[stage] / f"{program}.py"

    def command(self, stage: int, program: str, *arguments: str) -> list[str]:
        """The command line that starts a program of a stage; to be run in `root`."""
        return [sys.executable, "-m", f"{FOLDERS[stage]}.{program}", *arguments]


def in_shell(script: str, command: Sequence[str]) -> list[str]:
    """A POSIX shell's command line around another one, which is "$@" in the script."""
    return ["sh", "-c", script, "sh", *command]


def environment(**changes: str) -> dict[str, str]:
    """The tests' own environment, without what would change how programs behave, plus `changes`."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    return kept | changes
