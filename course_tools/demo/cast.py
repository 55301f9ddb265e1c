"""Who plays in the demo: the server and two clients of one stage, each in a folder of its own.

The folders lie in a temporary one, so what the programs save by default goes away with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from course_tools.demo.actor import Actor
from course_tools.demo.narration import Narrator
from course_tools.stages import Stage


class Cast:
    """The programs of one performance; leaving the `with` block ends those that still run."""

    def __init__(self, stage: Stage, python: str, folder: Path, narrator: Narrator) -> None:
        self.stage = stage
        self.narrator = narrator
        self.actors: list[Actor] = []
        self.port = 0
        self._python = python
        self.folder = folder

    def __enter__(self) -> "Cast":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for actor in reversed(self.actors):
            actor.dismiss()

    @property
    def server(self) -> Actor:
        """The server, after `start` has started it."""
        return self.actor("server")

    @property
    def ada(self) -> Actor:
        """The first client."""
        return self.actor("Ada")

    @property
    def bob(self) -> Actor:
        """The second client."""
        return self.actor("Bob")

    def actor(self, label: str) -> Actor:
        """The program with this label."""
        return next(actor for actor in self.actors if actor.label == label)

    def folder_of(self, label: str) -> Path:
        """The current directory of the program with this label; made if need be."""
        folder = self.folder / label
        folder.mkdir(exist_ok=True)
        return folder

    def start(self, label: str, program: str, *arguments: str) -> Actor:
        """Start a program of the stage, such as "client", under a label such as "Ada"."""
        command = ["-m", f"{self.stage.folder}.{program}", *arguments]
        actor = Actor(self.narrator, label, self.folder_of(label), self._python, command)
        self.actors.append(actor)
        return actor


@dataclass(frozen=True, slots=True)
class Step:
    """One scene: its title, the stages that show it, what is needed beside Python, and the play."""

    title: str
    play: Callable[[Cast], None]
    since: int = 1
    only: int | None = None
    needs_images: bool = False

    def is_for(self, stage: Stage, with_images: bool) -> bool:
        """Whether the stage shows this step."""
        if self.needs_images and not with_images:
            return False
        return stage.number >= self.since and self.only in {None, stage.number}
