"""What the room does with an uploaded image, without sockets and without a decoder."""

import re
from pathlib import Path

import pytest

from tests.stage3 import observations_uploads
from tests.stage3.hints import ANSWER_IN_ORDER
from tests.support.observer import Observer

pytest.importorskip("PIL", reason="without Pillow a room takes no images")
pytestmark = [
    pytest.mark.stage(3),
    pytest.mark.part("uploads"),
    ANSWER_IN_ORDER,
]

RETURNED = ["line_received has returned"]


def upload(
    observer: Observer, folder: Path, line: str, workshop: str = "take", logs: bool = False
) -> list[list[str]]:
    """What happens when Ann uploads and Bob looks on; the log only if asked for."""
    seen: list[list[str]] = observer.observe(
        observations_uploads.upload, line=line, workshop=workshop, folder=str(folder)
    )
    return [what for what in seen if logs or what[0] != "log"]


@pytest.mark.points(2)
def test_an_upload_is_answered_and_told(observer: Observer, tmp_path: Path) -> None:
    """Ann gets IMAGE_OK with the name it was stored under, Bob the news with Ann's nickname."""
    seen = upload(observer, tmp_path, "IMAGE:cat.png|QUJD")
    assert seen[-2:] == [
        ["ann", "IMAGE_OK:stored.png\n"],
        ["bob", "MESSAGE:IMAGE_RECEIVED:Ann|stored.png\n"],
    ]


@pytest.mark.points(1)
def test_the_work_is_done_in_the_background(observer: Observer, tmp_path: Path) -> None:
    """Nothing is checked before line_received has returned; only Ann waits meanwhile."""
    seen = upload(observer, tmp_path, "IMAGE:cat.png|QUJD")
    assert seen[:2] == [["background", "ann waits"], RETURNED]
    assert seen[2][0] == "workshop"


@pytest.mark.points(1)
def test_what_is_stored_and_how(observer: Observer, tmp_path: Path) -> None:
    """The workshop gets the base64 as it came, a name with time and sender, and a limit."""
    seen = upload(observer, tmp_path, "IMAGE:my|cat.png|QUJD")
    ((_, base64, name, limit),) = [what for what in seen if what[0] == "workshop"]
    assert base64 == "QUJD"
    assert re.fullmatch(r"\d{8}-\d{6}_Ann_my_cat\.png", name)
    assert limit == "limited"


@pytest.mark.points(2)
@pytest.mark.parametrize("trouble", ["refuse", "disk full"])
def test_what_is_refused_is_told_to_its_sender(
    observer: Observer, tmp_path: Path, trouble: str
) -> None:
    """IMAGE_ERROR with the name as it was sent and the reason; nobody else hears of it."""
    seen = upload(observer, tmp_path, "IMAGE:cat.png|QUJD", trouble)
    reason = {"refuse": "not an image", "disk full": "No space left on device"}[trouble]
    assert seen[-1] == ["ann", f"IMAGE_ERROR:cat.png|{reason}\n"]
    assert [what for what in seen if what[0] == "bob"] == []


def test_it_is_logged(observer: Observer, tmp_path: Path) -> None:
    """The log names sender and image."""
    seen = upload(observer, tmp_path, "IMAGE:cat.png|QUJD", logs=True)
    (logged,) = [what[1] for what in seen if what[0] == "log"]
    assert "Ann" in logged
    assert "stored.png" in logged
