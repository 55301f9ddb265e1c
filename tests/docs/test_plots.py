"""The plots and the tables of measurements are those of benchmarks/results, untouched by hands."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

if sys.platform != "linux" or not all(map(importlib.util.find_spec, ("PIL", "_tkinter"))):
    pytest.skip("the benchmarks need Linux, tkinter and Pillow", allow_module_level=True)

from benchmarks import chat_beside_downloads, download, fanout, images, window_flood
from benchmarks.fanout_report import Cell, Report
from benchmarks.measure import README, RESULTS, table
from docs_tools.measure import PLOTS, draw_all

pytestmark = pytest.mark.slow

WRITERS = {
    "images": images.show,
    "chat_beside_downloads": chat_beside_downloads.show,
    "window_flood": window_flood.show,
}


def test_a_plot_drawn_now_is_the_committed_one(tmp_path: Path) -> None:
    """If a plot may differ: `course.py docs regenerate`."""
    drawn = {path.name: path.read_bytes() for path in draw_all(tmp_path)}
    committed = {path.name: path.read_bytes() for path in PLOTS.iterdir()}
    assert drawn.keys() == committed.keys()
    assert [name for name in drawn if drawn[name] != committed[name]] == []


def results(name: str) -> dict[str, Any]:
    """What was measured."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def section(name: str) -> str:
    """A section of the page of measurements."""
    page = README.read_text(encoding="utf-8")
    return page.partition(f"<!-- {name}:start -->\n")[2].partition(f"\n<!-- {name}:end -->")[0]


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_is_that_of_its_results(name: str) -> None:
    """Written now from the results, the section is the committed one."""
    found = results(name)
    with mock.patch("benchmarks.window_flood.machine", return_value=found["machine"]):
        assert section(name) == WRITERS[name](found)


def test_the_tables_of_downloads_are_those_of_their_results() -> None:
    """All parts of `course.py bench download`."""
    with mock.patch("benchmarks.download.write_section") as write:
        download.write_page()
    write.assert_called_once_with("download", section("download"))


def test_the_tables_of_the_fan_out_are_those_of_their_results() -> None:
    """`course.py bench fanout`."""
    found = results("fanout")
    report = Report(fanout.SIZES, found["senders"], found["in_flight"], found["command"])
    report.never_reading, report.many = found["one_never_reads"], found["many"]
    for server, sizes in found["rooms"].items():
        for size, cells in sizes.items():
            for cell in cells:
                report.add(server, int(size), Cell(**cell))
    with mock.patch("benchmarks.fanout_report.machine", return_value=found["machine"]):
        assert section("fanout") == report.text()


def test_the_table_of_the_link_is_that_of_its_results() -> None:
    """`course.py bench check_link`: its rows are kept as they are shown."""
    head = ["The emulated link: 100 Mbit/s, 20 ms each way, 500 KB", "set", "found"]
    found = results("link")
    assert section("link").endswith(f"{found['machine']}\n\n{table(head, found['rows'])}")
