"""Between looking whether a name is free and taking it, another program may take it."""

from pathlib import Path

import pytest

from tests.stage3 import worst_moment
from tests.stage3.hints import NEVER_OVERWRITE
from tests.support.observer import Observer

pytestmark = [pytest.mark.stage(3), NEVER_OVERWRITE]


@pytest.mark.points(2)
@pytest.mark.part("storing")
def test_a_name_taken_at_the_last_moment(observer: Observer, tmp_path: Path) -> None:
    """Someone else takes the name just before this file gets it: both stay, whole."""
    files = observer.observe(
        worst_moment.stored_beside_a_rival,
        folder=str(tmp_path),
        name="cat.png",
        content="mine",
        rivals="theirs",
    )
    assert files == {"cat.png": "theirs", "cat (2).png": "mine"}
