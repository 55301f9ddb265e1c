"""The stages of the course that are here: what they are called and where their programs are.

A stage counts as here when both its server and its client are: a starter has no later stages, and
everything that lists stages (help, demo, error messages) goes by this module.
"""

from dataclasses import dataclass
from pathlib import Path

from course_tools.errors import CourseError

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("stage1_basic", "stage2_gui", "stage3_images", "stage4_udp_files")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its number, from 1, and the name of its folder."""

    number: int
    folder: str

    def program(self, name: str) -> Path:
        """The file of this stage's program, such as "server"."""
        return PROJECT / self.folder / f"{name}.py"

    @property
    def is_here(self) -> bool:
        """Whether the stage can be run."""
        return self.program("server").exists() and self.program("client").exists()


def stages_here() -> list[Stage]:
    """The stages that can be run, the first one first."""
    stages = [Stage(number, folder) for number, folder in enumerate(FOLDERS, start=1)]
    return [stage for stage in stages if stage.is_here]


def newest_stage() -> Stage:
    """The last stage that can be run."""
    stages = stages_here()
    if not stages:
        raise CourseError("there is no stage here: was the project copied whole?")
    return stages[-1]


def stage_named(typed: str) -> Stage:
    """The stage that someone means who types `typed`, a number or a folder's name."""
    for stage in stages_here():
        if typed.strip("/\\") in {str(stage.number), stage.folder}:
            return stage
    numbers = ", ".join(str(stage.number) for stage in stages_here())
    raise CourseError(f"there is no stage {typed!r} here; these are: {numbers}", exit_code=2)
