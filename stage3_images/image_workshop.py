"""The program's side of the process that decodes images: hand in a job, wait for the answer.

Strategy: one process, started with the first image, one job at a time; so however many images
arrive, one is decoded. A job that takes too long, and a process that dies over an image, end in
a refusal of that image, and the next job gets a new process.
"""

import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stage3_images.images import ImageFacts, ImageRefusedError
from stage3_images.pipe_messages import (
    OUT_OF_REACH_OF_CTRL_C,
    PipeMessage,
    read_message,
    write_message,
)

TIME_LIMIT = 20.0
"""How long one image may take, in seconds. Some JPEGs of 10 MB would take hours."""

WORKER = Path(__file__).with_name("image_worker.py")

CLOSED = PipeMessage({"refused": "the program is ending"})


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that was checked and stored, under this name."""

    name: str
    facts: ImageFacts


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image as tkinter can show it (PPM), perhaps smaller than the facts say."""

    facts: ImageFacts
    picture: bytes


class ImageWorkshop:
    """Checks, stores and draws images in a process of its own. Any thread may call; each waits."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._one_job = threading.Lock()
        self._is_closed = False

    def receive(
        self,
        base64: bytes | memoryview,
        folder: Path,
        name: str,
        *,
        folder_limit: int | None = None,
        fit_extension: bool = False,
    ) -> StoredImage:
        """Check an image and store it in `folder` as `name`, or a free name near it.

        `folder_limit`: bytes that the folder may hold. `fit_extension`: a name that does not end
        as this kind of image should gets an ending that does ("a.exe" becomes "a.exe.png").
        Raises ImageRefusedError; then nothing is stored.
        """
        values = {
            "job": "receive",
            "folder": str(folder.absolute()),
            "name": name,
            "folder_limit": folder_limit,
            "fit_extension": fit_extension,
        }
        done = self._ask(PipeMessage(values, base64))
        return StoredImage(done.values.pop("name"), ImageFacts(**done.values))

    def show(self, path: Path, box: tuple[int, int]) -> DrawnImage:
        """Check an image file and draw it, no larger than `box` (width, height in pixels).

        Raises ImageRefusedError.
        """
        done = self._ask(PipeMessage({"job": "show", "path": str(path.absolute()), "box": box}))
        return DrawnImage(ImageFacts(**done.values), bytes(done.body))

    def close(self) -> None:
        """End the process. A job under way, and any later one, is refused; it leaves no file under
        a final name."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()
            with self._one_job:
                self._clean_up()

    def _ask(self, job: PipeMessage) -> PipeMessage:
        with self._one_job:
            done = CLOSED if self._is_closed else self._exchange(job)
        if "refused" in done.values:
            raise ImageRefusedError(done.values["refused"])
        return done

    def _exchange(self, job: PipeMessage) -> PipeMessage:
        process = self._running_process()
        assert process.stdin
        assert process.stdout
        alarm = threading.Timer(self._time_limit, process.kill)
        alarm.start()
        answer = None
        with suppress(OSError):  # the process is gone: there will be no answer
            write_message(process.stdin, job)
            answer = read_message(process.stdout)
        alarm.cancel()
        if answer is None:
            self._clean_up()
            return PipeMessage({"refused": "could not be decoded in reasonable time and memory"})
        return answer

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:  # it died while idle
            self._clean_up()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **OUT_OF_REACH_OF_CTRL_C,
            )
        return self._process

    def _clean_up(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError):  # a job that it never took may still wait to be written
                process.__exit__(None, None, None)
