"""How long tests wait for what must come: longer on a busy computer, less long after failures."""

import os

import pytest

from tests.support.processes import FULL_WAITS, Deadline, Output, crowding


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no load")
@pytest.mark.parametrize(("load", "factor"), [(0.0, 1), (4.0, 1), (8.0, 2), (12.0, 3), (99.0, 4)])
def test_a_busy_computer_gets_more_time(
    monkeypatch: pytest.MonkeyPatch, load: float, factor: float
) -> None:
    """As many times as long as there are processes for each core, within bounds."""
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert crowding() == factor


def test_a_program_that_hangs_everywhere_is_waited_for_less_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first failures wait in full; later ones a good part of it, so that a grade has an end."""
    monkeypatch.setattr(Deadline, "default", Deadline.default)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)
    waits = []
    for failures in (0, FULL_WAITS - 1, FULL_WAITS):
        Deadline.adapt(10.0, failures)
        waits.append(Deadline.default)
    assert waits == [10.0, 10.0, 4.0]


def test_a_program_that_prints_for_ever_is_not_waited_for_longer() -> None:
    """While more and more comes, the time that a test waits has an end all the same."""
    source, sink = os.pipe()
    output = Output(source)
    looks = []

    def never(text: str) -> None:
        looks.append(text)
        os.write(sink, b"more")  # so that there is always something new to look at

    assert output.wait_for(never, 0.2) is None
    assert len(looks) > 1
    os.close(sink)
    assert output.wait_for_end(5)
    os.close(source)
