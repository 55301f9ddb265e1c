"""Pictures are well-formed, follow the theme and stay whole inside Markdown."""

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.plots import bars, lines

PICTURES = {
    "bars": bars("Speed <of> & all", "MB/s", [("ours", 300, 250, 333), ("other", 0, 0, 0)]),
    "lines": lines("Sharing", "Mbit/s", {"ours": [1, 50, 100], "TCP": [99, 50, 0]}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_whole(name: str) -> None:
    picture = PICTURES[name]
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert root[0].text
    assert "currentColor" in picture
    assert "\n\n" not in picture
