"""`course.py grade --all FOLDER --csv FILE`: grade a class, whatever single submissions do.

Strategy: each submission is graded by a process of its own (`worker`), on its share of the cores,
and its result is kept in a file at once; the CSV is made of all results anew each time. So an
interruption loses only what was under way, and `--resume` goes on with the rest. Points come from
this process's own manifest.
"""

import argparse
import contextlib
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from course_tools.stages import FOLDERS
from grading.class_files import BROKEN, GRADED, Files, Outcome, count_failures, settings
from grading.running import compile_tests
from grading.scores import load_manifest
from grading.submissions import Entry, entries
from grading.worker import Worker, Wrap

SHOWN_FAILURES = 10


def grade_all(arguments: argparse.Namespace, wrap: Wrap | None = None) -> int:
    """Grade the class; 0 when every submission has its points, 1 when one has none, 2 when there
    is nothing to grade. `wrap` puts each worker into a container."""
    try:
        found = entries(arguments.all.resolve())
    except OSError as error:
        return _refuse(f"--all takes the folder of the export; {arguments.all}: {error.strerror}")
    if not found:
        return _refuse(f"there is neither a folder nor a zip file in {arguments.all}")
    files = Files(arguments.csv.resolve())
    if files.csv.exists() and not arguments.resume:
        return _refuse(f"{files.csv} is there already: go on with --resume, or name another file")
    classroom = Classroom(arguments, files, found)
    try:
        files.make_folders()
        classroom.grade(wrap)
    except OSError as error:
        return _refuse(f"the results cannot be written: {error}")
    except KeyboardInterrupt:
        print("\nInterrupted. What is done is kept: the same command with --resume goes on.")
        return 130
    return classroom.conclude()


def _refuse(why: str) -> int:
    print(f"course.py grade: {why}", file=sys.stderr)
    return 2


class Classroom:
    """All submissions of a class, and what is known of each so far."""

    def __init__(self, arguments: argparse.Namespace, files: Files, found: Sequence[Entry]) -> None:
        self._files, self._found = files, found
        self._manifest = load_manifest()
        known = [n for n in range(1, len(FOLDERS) + 1) if str(n) in self._manifest["maximum"]]
        self._stages = [arguments.stage] if arguments.stage else known
        self._maximum = sum(self._manifest["maximum"][str(stage)] for stage in self._stages)
        self._earlier, self._jobs = arguments.earlier, arguments.jobs
        self._outcomes: dict[Entry, Outcome] = {}

    def grade(self, wrap: Wrap | None) -> None:
        """Grade every submission that has no result yet, some at a time."""
        fingerprint = settings(self._manifest, self._stages, self._earlier)
        for entry in self._found:
            if outcome := self._files.read(entry, fingerprint):
                self._outcomes[entry] = outcome
        todo = [entry for entry in self._found if entry not in self._outcomes]
        if self._outcomes:
            print(f"{len(self._outcomes)} of {len(self._found)} are done already", flush=True)
        self._write_csv()
        if todo and wrap is None:  # a container has its own
            compile_tests()
        worker = Worker(self._stages, self._earlier, wrap)
        began = time.monotonic()
        for number, (entry, outcome) in enumerate(self._graded(worker, todo), start=1):
            self._files.write(entry, fingerprint, outcome)
            self._outcomes[entry] = outcome
            self._write_csv()
            left = (time.monotonic() - began) / number * (len(todo) - number)
            self._tell(f"[{number}/{len(todo)}]", entry, outcome, left)

    def _graded(self, worker: Worker, todo: Sequence[Entry]) -> Iterator[tuple[Entry, Outcome]]:
        """Each entry with its outcome, as soon as it is known."""
        slots: queue.Queue[list[int]] = queue.Queue()
        for cores in shares_of_cores(self._jobs):
            slots.put(cores)

        def grade_one(entry: Entry) -> Outcome:
            cores = slots.get()
            try:
                return worker.grade(entry, cores, self._files.feedback(entry))
            except OSError as error:
                return Outcome(BROKEN, str(error))
            finally:
                slots.put(cores)

        with _in_threads(grade_one, todo, self._jobs, worker) as futures:
            for future in as_completed(futures):
                yield futures[future], future.result()

    def _write_csv(self) -> None:
        done = [(e, self._outcomes[e]) for e in self._found if e in self._outcomes]
        self._files.write_csv(done, self._stages, self._manifest)

    def _tell(self, count: str, entry: Entry, outcome: Outcome, left: float) -> None:
        words = f"{outcome.state}: {outcome.note}"
        if outcome.state == GRADED:
            points = sum(outcome.points(self._manifest, stage) for stage in self._stages)
            words = f"{points:g} of {self._maximum:g} points, {outcome.seconds:.0f} s"
        rest = f"; about {left / 60:.0f} min left" if left >= 60 else ""
        print(f"{count} {_shown(entry.student)}: {_shown(words)}{rest}", flush=True)

    def conclude(self) -> int:
        """Say what was written, and what most of the class got wrong."""
        outcomes = list(self._outcomes.values())
        failures = self._files.write_failures(outcomes, self._manifest)
        graded = sum(outcome.state == GRADED for outcome in outcomes)
        print(f"\n{graded} of {len(outcomes)} submissions have their points: {self._files.csv}")
        failed = count_failures(outcomes).most_common()
        if failed:
            print(f"\nFailed most often (all of it: {failures.name}):")
        for name, count in failed[:SHOWN_FAILURES]:
            test = self._manifest["tests"][name]
            print(f"  {count:>3} of {graded}  {test['title']}\n{'':13}{test['hint']}")
        return 0 if graded == len(outcomes) else 1


def shares_of_cores(jobs: int) -> list[list[int]]:
    """Which cores each job may use, so that none slows down another; empty: no need to say."""
    if not hasattr(os, "sched_getaffinity"):
        return [[] for _ in range(jobs)]
    cores = sorted(os.sched_getaffinity(0))
    return [cores[job::jobs] or [cores[job % len(cores)]] for job in range(jobs)]


@contextlib.contextmanager
def _in_threads(
    grade_one: Callable[[Entry], Outcome], todo: Sequence[Entry], jobs: int, worker: Worker
) -> Iterator[dict[Future[Outcome], Entry]]:
    """Grade in threads that wait for the workers; Ctrl+C and SIGTERM end all of them at once."""
    pool = ThreadPoolExecutor(jobs)
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield {pool.submit(grade_one, entry): entry for entry in todo}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        worker.end_all()
        pool.shutdown(wait=True)
        signal.signal(signal.SIGTERM, previous)


def _shown(text: str) -> str:
    """A stranger's name, harmless for a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
