"""Messages over a pipe: a JSON line that says how many bytes follow, then those bytes.

The chat marks where a message ends (a newline), so its content must not contain the mark, and
images travel as base64. This is the other way to frame: say the length first, then send raw bytes.
Both ends of the pipe use this module.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, Any

# Ctrl+C in a terminal goes to every program that was started from it. One at the other end of a
# pipe shall not die of it, with a traceback, but end when its pipe closes.
OUT_OF_REACH_OF_CTRL_C: dict[str, Any]
if sys.platform == "win32":
    flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    OUT_OF_REACH_OF_CTRL_C = {"creationflags": flags}
else:
    OUT_OF_REACH_OF_CTRL_C = {"start_new_session": True}


@dataclass(frozen=True, slots=True)
class PipeMessage:
    """A few values that JSON can express, and a body of bytes."""

    values: dict[str, Any]
    body: bytes | memoryview = b""


def write_message(pipe: IO[bytes], message: PipeMessage) -> None:
    """Write one message; raise OSError when the other end is gone."""
    pipe.write(json.dumps(message.values | {"body": len(message.body)}).encode() + b"\n")
    pipe.write(message.body)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> PipeMessage | None:
    """Read one message; None when the other end is gone, also in the middle of a message."""
    header = pipe.readline()
    if not header.endswith(b"\n"):
        return None
    values = json.loads(header)
    length = values.pop("body")
    body = pipe.read(length)
    return PipeMessage(values, body) if len(body) == length else None
