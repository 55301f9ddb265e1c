"""The process that decodes: one image at a time, bounded in time, replaced when it dies."""

import os
from pathlib import Path

import pytest

from tests.stage3 import observations
from tests.stage3.hints import OWN_PROCESS
from tests.stage3.pictures import gif, png
from tests.stage3.wire import files_in
from tests.support.observer import Observer

pytest.importorskip("PIL", reason="images are checked with Pillow")
pytestmark = [
    pytest.mark.stage(3),
    OWN_PROCESS,
]


def test_an_image_that_takes_too_long(observer: Observer, tmp_path: Path) -> None:
    """After its time limit an image is refused, the process is ended, and the next is taken."""
    answers = observer.observe(
        observations.workshop, folder=str(tmp_path), content=png().hex(), time_limits=[0.001, 20.0]
    )
    refused = "refused: could not be decoded in reasonable time and memory"
    assert answers == [refused, refused, "cat.png", "cat (2).png"]
    assert files_in(tmp_path) == ["cat (2).png", "cat.png"]


def test_many_threads_share_the_process(observer: Observer, tmp_path: Path) -> None:
    """Whoever calls gets the answer to its own image."""
    contents = [gif(2, width, width) for width in range(1, 21)]
    names = observer.observe(
        observations.workshop_in_many_threads,
        folder=str(tmp_path),
        contents=[content.hex() for content in contents],
    )
    assert [(tmp_path / name).read_bytes() for name in names] == contents


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups of this kind")
def test_ctrl_c_does_not_reach_the_process(observer: Observer, tmp_path: Path) -> None:
    """Ctrl+C is for the program that started it: its process ends when the pipe closes."""
    content = png().hex()
    assert not observer.observe(
        observations.workshop_in_this_group, folder=str(tmp_path), content=content
    )


def test_after_the_end_no_process_is_started(observer: Observer, tmp_path: Path) -> None:
    """An image that waited while the program ended is refused."""
    answer = observer.observe(
        observations.closed_workshop, folder=str(tmp_path), content=png().hex()
    )
    assert answer.startswith("refused: ")
    assert files_in(tmp_path) == []
