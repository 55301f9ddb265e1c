"""Waiting for what no line and no event tells: look, and look again, until it is so."""

import time
from collections.abc import Callable
from typing import Any

from tests.support.processes import Deadline


def eventually(condition: Callable[[], Any], words: str) -> Any:
    """Wait until something outside this process is so; what `condition` returned."""
    __tracebackhide__ = True
    end = time.monotonic() + Deadline.default
    while not (result := condition()):
        assert time.monotonic() < end, f"it did not come to that: {words}"
        time.sleep(0.01)
    return result
