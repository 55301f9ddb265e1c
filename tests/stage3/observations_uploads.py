"""What can be seen of a room that gets an image; runs in the observing child.

The workshop that checks and stores images is played: it does as the test says.
"""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from tests.stage1.observations import RecordingClient


class _PatientEngine:
    """An engine that works off what is to be done in the background when the test says so."""

    def __init__(self, seen: list[list[str]]) -> None:
        self._seen = seen
        self._waiting: list[tuple[Callable[[], Any], Callable[[Future[Any]], None]]] = []

    def log(self, text: str) -> None:
        self._seen.append(["log", text])

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)

    def run_in_background(
        self, work: Callable[[], Any], then: Callable[[Future[Any]], None], holds: Any = None
    ) -> None:
        self._seen.append(["background", getattr(holds, "name", "nobody") + " waits"])
        self._waiting.append((work, then))

    def work_off(self) -> None:
        """Do what waits, each with its answer."""
        waiting, self._waiting = self._waiting, []
        for work, then in waiting:
            future: Future[Any] = Future()
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)
            then(future)


class _Workshop:
    """A workshop that takes every image, or refuses it, or finds the disk full."""

    def __init__(self, answer: str, seen: list[list[str]]) -> None:
        self._answer, self._seen = answer, seen

    def receive(
        self, base64: Any, _folder: Path, name: str, folder_limit: int | None = None, **_more: Any
    ) -> Any:
        from stage3_images.image_workshop import StoredImage
        from stage3_images.images import ImageFacts, ImageRefusedError

        is_limited = "limited" if folder_limit is not None else "without limit"
        self._seen.append(["workshop", bytes(base64).decode(), name, is_limited])
        if self._answer == "refuse":
            raise ImageRefusedError("not an image")
        if self._answer == "disk full":
            raise OSError(28, "No space left on device")
        return StoredImage("stored.png", ImageFacts("PNG", 8, 6, 1, 100))

    def close(self) -> None:
        pass


def upload(line: str, workshop: str, folder: str) -> list[list[str]]:
    """Ann (with a nickname) sends a line, Bob looks on; everything that happens, in order.

    `workshop`: "take", "refuse" or "disk full".
    """
    from stage3_images.room import Room

    seen: list[list[str]] = []
    engine = _PatientEngine(seen)
    room = Room(engine, 5.0, Path(folder), Path(folder))  # type: ignore[arg-type]
    room.workshop.close()
    room.workshop = _Workshop(workshop, seen)  # type: ignore[assignment]
    ann, bob = RecordingClient("ann", seen), RecordingClient("bob", seen)
    for client in (ann, bob):
        room.connected(client)
    room.line_received(ann, b"NICK:Ann")
    seen.clear()
    room.line_received(ann, line.encode())
    seen.append(["line_received has returned"])
    engine.work_off()
    return seen
