"""Grade one submission of a class, in a process of its own, and write what came out into a folder.

`result.json` holds how each test ended, never points: those are the class's grader to give.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_tools.stages import FOLDERS
from grading import kernel, likeness, reports
from grading.folders import SubmissionError, remove
from grading.running import Results, run_tests
from grading.scores import Grade, grades, load_manifest, total
from grading.submissions import find_project

RESULT, FEEDBACK = "result.json", "feedback.txt"
_NOT_HANDED_IN = "this stage was not handed in"


def main() -> int:
    """Read the command line, grade, write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("submission", type=Path, help="a folder or a zip file")
    parser.add_argument("results", type=Path, help="the folder for the results")
    parser.add_argument("--stages", required=True, help="such as 1,2")
    parser.add_argument("--earlier", required=True)
    parser.add_argument("--cores", default="", help="the only ones to use, such as 0,1")
    parser.add_argument("--lifeline", action="store_true", help="end when the standard input does")
    arguments = parser.parse_args()
    kernel.hide_from_own_user()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with everything cleaned up
    if arguments.lifeline:
        threading.Thread(target=_end_with_input, daemon=True).start()
    if arguments.cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, map(int, arguments.cores.split(",")))
    stages = [int(stage) for stage in arguments.stages.split(",")]
    scratch = Path(tempfile.mkdtemp(prefix="unpacked-"))
    try:
        project = find_project(arguments.submission, scratch)
        graded, results = _graded(project, stages, arguments.earlier == "submission")
    except SubmissionError as error:
        _write(arguments.results, {"problem": str(error)}, f"It could not be graded: {error}.\n")
    else:
        outcomes = {grade.name: grade.outcome for grade in graded}
        content: dict[str, Any] = {"outcomes": outcomes, "seconds": round(results.seconds, 1)}
        equal = [part.name for part in likeness.equal_parts(project, stages)]
        content["note"] = f"equal to the reference: {', '.join(equal)}" if equal else ""
        content["fault"] = results.graders_fault
        _write(arguments.results, content, _feedback(graded, results.seconds))
    finally:
        remove(scratch)
    return 0


def _end_with_input() -> None:
    """End this process, cleaned up, when whoever started it is gone, with whatever signal."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _graded(project: Path, stages: Sequence[int], own_earlier: bool) -> tuple[list[Grade], Results]:
    """A grade for each test of all these stages, whether they were handed in or not."""
    manifest = load_manifest()
    present = [stage for stage in stages if (project / FOLDERS[stage - 1]).is_dir()]
    results = run_tests(project, present, own_earlier_stages=own_earlier)
    graded = []
    for stage in stages:
        why = results.missing
        if stage not in present:
            why = _NOT_HANDED_IN
        graded += grades(manifest, [stage], results.runs, why)
    return graded, results


def _feedback(graded: Sequence[Grade], seconds: float) -> str:
    score, maximum = total(graded)
    points = f"{score:g} of {maximum:g} points, graded in {seconds:.0f} s"
    handed_in = [grade for grade in graded if not grade.explanation.endswith(_NOT_HANDED_IN)]
    absent = sorted({grade.stage for grade in graded} - {grade.stage for grade in handed_in})
    points += "".join(f"\nStage {n}: no folder {FOLDERS[n - 1]}" for n in absent)
    return "\n\n".join([reports.table(graded).rstrip(), points, reports.feedback(handed_in)]) + "\n"


def _write(folder: Path, result: dict[str, Any], feedback: str) -> None:
    text = json.dumps(result, indent=1) + "\n"
    (folder / FEEDBACK).write_text(feedback, encoding="utf-8", errors="replace")
    (folder / RESULT).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
