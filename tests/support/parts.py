"""Where a graded part is tried: over the reference's neighbours, where there is a reference.

In a starter there is none of the stage to be written: there, parts are tried where they stand.
"""

import importlib.util
from pathlib import Path

import pytest

from tests.support.observer import ObservationError
from tests.support.submission import PROJECT, Submission


def root_of_part(
    part: str | None,
    submission: Submission,
    config: pytest.Config,
    temporary: pytest.TempPathFactory,
) -> Path:
    """The folder whose stages hold the submission's version of a part, or all of it for None."""
    __tracebackhide__ = True
    if part is None or submission.root == PROJECT or not _has_reference():
        return submission.root
    from grading.overlay import OverlayError, write_overlay  # not in a starter

    folder = temporary.mktemp(f"part_{part}")
    own_earlier = config.getoption("earlier") == "submission"
    try:
        write_overlay(folder, submission.root, part, own_earlier)
    except OverlayError as error:
        raise ObservationError(str(error)) from error
    return folder


def _has_reference() -> bool:
    return importlib.util.find_spec("grading.overlay") is not None
