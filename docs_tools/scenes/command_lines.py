"""What each program says to --help."""

import os
import subprocess
import sys
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT

PROGRAMS = [
    *(f"{folder}.{name}" for folder in FOLDERS for name in ("server", "client")),
    "stage1_basic.probe",
    "stage4_udp_files.lossy_link",
]


def help_pages(_folder: Path) -> dict[str, str]:
    """The help of every program that is here, by file name."""
    pages = {}
    for module in PROGRAMS:
        if PROJECT.joinpath(*module.split(".")).with_suffix(".py").exists():
            pages[f"help/{module}.txt"] = help_of("-m", module)
    return pages


def help_of(*command: str) -> str:
    """What a program prints with --help."""
    done = subprocess.run(
        [sys.executable, *command, "--help"],
        cwd=PROJECT,
        env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


SCENES = {"help": help_pages}
