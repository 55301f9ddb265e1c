"""`python -m grading.repeat`: grade the reference over and over; it must get full marks each time.

Each run has a random order of its own, which can be had again by its seed. With `--load` a process
for each core keeps the computer busy meanwhile, as in a class where everybody's work is graded.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from course_tools.stages import PROJECT
from grading.running import compile_tests, run_tests
from grading.scores import grades, has_full_marks, load_manifest, total

BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"  # ends with us


def main() -> int:
    """Read the command line, repeat, count; 0 when every run got full marks."""
    parser = argparse.ArgumentParser(prog="python -m grading.repeat", description=__doc__)
    parser.add_argument("--times", type=int, default=50, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--stage", type=int, choices=range(1, 5), action="append", metavar="N")
    parser.add_argument("--load", action="store_true", help="keep every core busy meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="of the first run's order")
    arguments = parser.parse_args()
    stages = arguments.stage or [1, 2, 3, 4]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    compile_tests()
    seeds = range(arguments.seed, arguments.seed + arguments.times)
    with busy_cores() if arguments.load else contextlib.nullcontext():
        bad = sum(not has_full_marks_once(stages, seed) for seed in seeds)
    print(f"{arguments.times - bad} of {arguments.times} runs got full marks")
    return 1 if bad else 0


def has_full_marks_once(stages: Sequence[int], seed: int) -> bool:
    """Grade the reference in the order of a seed; show a line, and what went wrong."""
    results = run_tests(PROJECT, stages, options=[f"--shuffle={seed}"])
    graded = grades(load_manifest(), stages, results.runs, results.missing)
    score, _ = total(graded)
    print(f"seed {seed}: {score:g} points, {results.seconds:.0f} s", flush=True)
    for grade in graded:
        if grade.outcome != "passed":
            print(f"  {grade.name}: {grade.outcome}\n{grade.explanation}", flush=True)
    return has_full_marks(graded)


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy."""
    command = [sys.executable, "-c", BUSY]
    processes = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    began = time.monotonic()
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    print(f"{time.monotonic() - began:.0f} s in all")
    sys.exit(code)
