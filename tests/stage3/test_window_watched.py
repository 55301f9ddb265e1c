"""A picture in the window, from outside: it appears, and it stays."""

import base64
import io
from pathlib import Path

import pytest

from tests.stage3.wire import needs_pillow
from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartProgram
from tests.support.submission import Submission
from tests.support.watched_window import expect_picture, watched_environment, welcome

pytestmark = [pytest.mark.stage(3), pytest.mark.window, needs_pillow]

GREEN = (17, 153, 85)
"""A colour that no theme has."""


def green_picture() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (120, 80), GREEN).save(file, "PNG")
    return file.getvalue()


@pytest.mark.points(2)
@pytest.mark.hint(
    "Tk shows a PhotoImage only as long as Python keeps it: when the last name for it is gone, it "
    "is collected, and the picture turns blank without a word. Keep each picture that is on the "
    "screen in an attribute or a list that lives as long as the window.",
    docs="stage3#the-vanishing-picture",
)
def test_a_picture_stays_on_the_screen(
    stage: int,
    submission: Submission,
    run: StartProgram,
    fake_server: FakeServer,
    display: dict[str, str],
    tmp_path: Path,
) -> None:
    """An image that Bob has sent appears in the window, and is still there a moment later."""
    where = (fake_server.host, "--port", str(fake_server.port), "--nickname", "Alice")
    command = submission.command(stage, "client", *where, "--received", str(tmp_path / "images"))
    window = run(command, name="window", env=watched_environment(display, ""))
    side = fake_server.accept()
    welcome(side, "Alice")
    side.send_line("MESSAGE:IMAGE_RECEIVED:Bob|green.png")
    side.expect_line("REQUEST_IMAGE:green.png")
    content = base64.b64encode(green_picture()).decode()
    side.send_line(f"SERVER_IMAGE:green.png|{content}")
    expect_picture(window, GREEN)
