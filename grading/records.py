"""The channel on which a process of tests tells the grader what it saw.

It is a pipe that this process alone inherits. Other programs of the same user could find their way
to it all the same, so each record is signed with a key that came on stdin before any program of the
submission ran: what is not signed with it counts for nothing.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

KEY_SIZE = 32
MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a test: which, how it ended, and what the student reads about it."""

    test: str
    name: str
    outcome: str
    seconds: float
    explanation: str = ""


def inheritance(pipe: int) -> tuple[str, dict[str, Any]]:
    """What the child is told about the writing end, and the arguments of Popen that let it have it.

    Nothing else is inherited: on Windows by the list of handles, elsewhere by `pass_fds`.
    """
    if sys.platform == "win32":
        import msvcrt

        handle = msvcrt.get_osfhandle(pipe)
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return str(handle), {"startupinfo": startup}
    return str(pipe), {"pass_fds": [pipe], "start_new_session": True}


def opened(told: str) -> int:
    """The descriptor of the pipe, in the child; its own children inherit nothing of it."""
    if sys.platform == "win32":
        import msvcrt

        os.set_handle_inheritable(int(told), False)
        return msvcrt.open_osfhandle(int(told), os.O_WRONLY)
    os.set_inheritable(int(told), False)
    return int(told)


def write(pipe: int, key: bytes, run: Run) -> None:
    """Write one signed record."""
    content = json.dumps(asdict(run)).encode()
    line = _signature(key, content) + b" " + content + b"\n"
    while line:
        line = line[os.write(pipe, line) :]


def read(pipe: BinaryIO, key: bytes) -> Iterator[Run]:
    """The records that are signed with the key, up to a bounded number of bytes."""
    left = MOST_BYTES
    while left > 0 and (line := pipe.readline(left)):
        left -= len(line)
        signature, _, content = line.rstrip(b"\n").partition(b" ")
        if hmac.compare_digest(signature, _signature(key, content)):
            yield Run(**json.loads(content))
    while pipe.read(65_536):  # so that nobody blocks who goes on writing
        pass


def _signature(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).hexdigest().encode()
