"""The process that decodes strangers' images, so that the chat does not have to.

Decoding holds up everything else in a process (Python's global lock), may need 160 MB, and runs
through large C libraries. Here it can do none of that to the chat: one job at a time comes in
through the pipe, one answer goes out, and when the pipe closes the process ends.
"""

import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage3_images.images import (
    BYTE_LIMIT,
    EXTENSIONS,
    ImageRefusedError,
    ImagesUnavailableError,
    check_image,
    decode_base64,
    draw_picture,
)
from stage3_images.names import safe_name
from stage3_images.pipe_messages import PipeMessage, read_message, write_message
from stage3_images.storing import store


def receive(values: dict[str, Any], body: bytes) -> PipeMessage:
    """Check an image that came as base64 and store it; the answer has its name and facts."""
    content = decode_base64(body)
    facts = check_image(content)
    name = safe_name(values["name"])
    if values["fit_extension"] and not name.lower().endswith(EXTENSIONS[facts.kind]):
        name += EXTENSIONS[facts.kind][0]
    name = store(Path(values["folder"]), name, content, values["folder_limit"])
    return PipeMessage({"name": name, **asdict(facts)})


def show(values: dict[str, Any], _body: bytes) -> PipeMessage:
    """Check an image file and draw it to fit a box; the answer has its facts, and the picture."""
    with Path(values["path"]).open("rb") as file:
        content = file.read(BYTE_LIMIT + 1)
    facts = check_image(content)
    return PipeMessage(asdict(facts), draw_picture(content, tuple(values["box"])))


JOBS = {"receive": receive, "show": show}


def answer(job: PipeMessage) -> PipeMessage:
    """Do one job; what goes wrong is an answer too."""
    try:
        return JOBS[job.values["job"]](job.values, bytes(job.body))
    except (ImageRefusedError, ImagesUnavailableError) as error:
        return PipeMessage({"refused": str(error)})
    except OSError as error:
        return PipeMessage({"refused": error.strerror or str(error)})
    except MemoryError:
        return PipeMessage({"refused": "too large for this computer's memory"})


def main() -> None:
    """Answer jobs until the pipe closes."""
    if hasattr(os, "nice"):
        os.nice(5)  # when the processor is busy, the chat goes first
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing that a library prints gets between the answers
    with suppress(OSError):
        while job := read_message(jobs):
            write_message(answers, answer(job))


if __name__ == "__main__":
    main()
