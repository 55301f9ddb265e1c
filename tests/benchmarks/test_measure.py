"""Figures, tables and the page they are written into."""

import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the benchmarks need Linux", allow_module_level=True)

from benchmarks.measure import (
    BenchmarkError,
    Process,
    jain,
    percentile,
    spread,
    table,
    write_section,
)


def test_a_section_replaces_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("top\n<!-- a:start -->\nold\n<!-- a:end -->\nbottom\n", encoding="utf-8")
    write_section("a", "new", page)
    write_section("b", "added", page)
    assert page.read_text(encoding="utf-8") == (
        "top\n<!-- a:start -->\nnew\n<!-- a:end -->\nbottom\n\n"
        "<!-- b:start -->\nadded\n<!-- b:end -->\n"
    )


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100
    assert percentile([7.0], 99) == 7


def test_jains_index_is_one_for_equals_and_one_nth_for_one_winner() -> None:
    assert jain([5, 5, 5, 5]) == pytest.approx(1)
    assert jain([8, 0, 0, 0]) == pytest.approx(0.25)


def test_tables_and_spreads() -> None:
    assert spread([3, 1, 2]) == "2 (1 to 3)"
    assert spread([2.5], 1) == "2.5"
    assert table(["a", "b"], [["x|y", None]]) == "| a | b |\n| --- | --- |\n| x\\|y | - |"


def test_a_process_is_watched_and_ended() -> None:
    work = "import time; print('ready'); sum(range(10**6)); time.sleep(60)"
    with Process([sys.executable, "-c", work]) as process:
        process.wait_for_line("ready")
        assert process.sample() > 1_000_000
        assert process.poll() is None
    assert process.returncode is not None
    assert process.cpu_seconds() > 0


def test_a_program_that_fails_is_named_with_its_last_words() -> None:
    with (
        Process([sys.executable, "-c", "print('no luck'); raise SystemExit(3)"]) as process,
        pytest.raises(BenchmarkError, match="ended with 3; its last words: no luck"),
    ):
        process.must_succeed(10)


def test_a_program_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(BenchmarkError, match="no-such-program is not installed"):
        Process(["no-such-program"])
