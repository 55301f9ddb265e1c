"""A screen for tests that open windows: Xvfb where there is one, else the real one if asked for."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

XVFB = shutil.which("Xvfb")


@contextmanager
def virtual_display(size: str = "1400x1000x24") -> Iterator[dict[str, str]]:
    """Start Xvfb on a free display number; what its programs need in their environment."""
    assert XVFB is not None
    reader, writer = os.pipe()
    command = [
        XVFB,
        "-displayfd",
        str(writer),
        "-screen",
        "0",
        size,
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, pass_fds=[writer], stdout=quiet, stderr=quiet)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise RuntimeError("Xvfb ended without opening a display")
        yield {"DISPLAY": f":{number}"}
    finally:
        process.terminate()
        process.wait()
