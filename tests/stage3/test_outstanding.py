"""What was asked about images, and what becomes of it when the connection goes at a bad moment."""

from pathlib import Path

import pytest

from stage3_images.outstanding import Fetch, OutstandingImages, Upload

pytestmark = pytest.mark.stage(3)


class Line:
    """A connection that can be cut; what was sent on it."""

    def __init__(self) -> None:
        self.is_up = True
        self.sent: list[bytes] = []

    def send(self, line: bytes) -> bool:
        if self.is_up:
            self.sent.append(line)
        return self.is_up


def test_answers_belong_to_what_was_asked_first() -> None:
    """Uploads and fetches are answered in their order."""
    outstanding = OutstandingImages(Line().send)
    upload = Upload(Path("cat.png"))
    assert outstanding.request(upload, b"IMAGE:\n")
    assert outstanding.request(Fetch("dog.png"), b"REQUEST_IMAGE:dog.png\n")
    assert [outstanding.answered() for _ in range(3)] == [upload, Fetch("dog.png"), None]


def test_what_could_not_be_asked_waits_for_no_answer() -> None:
    """The connection went just before: the next one's answers are for what is asked there."""
    line = Line()
    outstanding = OutstandingImages(line.send)
    line.is_up = False
    assert not outstanding.request(Upload(Path("lost.png")), b"IMAGE:\n")
    outstanding.announced("lost.png")
    line.is_up = True
    outstanding.announced("new.png")
    assert line.sent == [b"REQUEST_IMAGE:new.png\n"]
    assert outstanding.answered() == Fetch("new.png")
