"""Runs in a process of its own: calls parts of a submission and reports what it observed.

Each request is a line of JSON on stdin: module and function of an observation, which come from
the tests, and its arguments. The answer, a line of JSON, goes out on what was stdout; what the
submission itself prints goes to stderr. Nothing is judged here.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def observe(request: dict[str, Any]) -> dict[str, Any]:
    """Do what one request asks for; an exception is an observation, too."""
    try:
        module = import_module(request["module"])
        function: Callable[..., Any] = getattr(module, request["function"])
        return {"observed": function(**request["arguments"])}
    except Exception as error:
        return {"raised": told(error)}


def told(error: Exception) -> str:
    """An exception for its author: what it says, and where in the submission it was raised."""
    if isinstance(error, NotImplementedError):  # a starter's, which names the section to read
        return str(error) or "raise NotImplementedError is still there"
    lines = [f"it raised {type(error).__name__}: {error}"]
    frames = traceback.extract_tb(error.__traceback__)
    for frame in frames:
        if frame.filename.startswith(sys.argv[1]):
            file = os.path.relpath(frame.filename, sys.argv[1])
            lines.append(f"    {file}, in {frame.name}:  {frame.line}")
    if len(lines) == 1:  # it is what came out that raised, once the test looked at it
        lines.append(f"    in the test, with what came out of your part:  {frames[-1].line}")
    return "\n".join(lines)


def main() -> None:
    """Answer requests until stdin ends."""
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    import_module("tests")  # these tests, whatever the submission has under that name
    sys.path[0] = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(observe(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
