"""One list of grades, told to people, to Gradescope, to JUnit's readers and to GitHub."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grading import report_files, reports
from grading.scores import Grade

FAILED = "expected: 'a\\n'\narrived:  'b\\n'\n           ^ first wrong byte, number 1"


def grade(test: str, outcome: str = "passed", stage: int = 1, **changes: object) -> Grade:
    """A grade for a test with 2 points."""
    values: dict[str, object] = {
        "name": f"stage{stage}/{test}",
        "stage": stage,
        "title": f"The title of {test.partition('::')[2]}.",
        "maximum": 2.0,
        "score": 2.0 if outcome == "passed" else 0.0,
        "outcome": outcome,
        "explanation": "" if outcome == "passed" else FAILED,
        "hint": "Look at <both> ends.",
        "docs": "stage1/messages#framing",
        "seconds": 0.25,
    }
    return Grade(**(values | changes))  # type: ignore[arg-type]


GRADES = [
    grade("test_room.py::test_first"),
    grade("test_lines.py::test_cut", "failed", part="framing"),
    grade("test_lines.py::test_whole", part="framing"),
    grade("test_room.py::test_second", "skipped", explanation="needs test_first"),
    grade("test_room.py::test_third", "missing"),
    grade("test_files.py::test_get", "failed", stage=4),
]


def test_the_table_has_parts_and_topics() -> None:
    """In each stage the graded parts come first; each row has its points and signs."""
    lines = [line.split() for line in reports.table(GRADES).splitlines() if line]
    assert lines == [
        ["Stage", "1"],
        ["graded", "parts"],
        ["framing", "2", "of", "4", "✗✓"],
        ["whole", "program"],
        ["room", "2", "of", "6", "✓–?"],
        ["all", "4", "of", "10"],
        ["Stage", "4"],
        ["whole", "program"],
        ["files", "0", "of", "2", "✗"],
        ["all", "0", "of", "2"],
    ]


def test_a_block_has_everything_a_student_needs() -> None:
    """What had to hold, what happened with its caret, the likely cause, and where to read on."""
    lines = reports.block(GRADES[1]).splitlines()
    assert lines == [
        "✗ The title of test_cut.  (2 points)",
        "    stage1/test_lines.py::test_cut  (part framing)",
        "",
        "    expected: 'a\\n'",
        "    arrived:  'b\\n'",
        "               ^ first wrong byte, number 1",
        "",
        "    Likely cause: Look at <both> ends.",
        "    Read on: docs/stage1/messages#framing",
    ]


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("stage1/messages#framing", "http://teacher:8000/stage1/messages.html#framing"),
        ("stage2#who-is-who", "http://teacher:8000/stage2/index.html#who-is-who"),
    ],
)
def test_with_the_sites_address_links_can_be_clicked(
    page: str, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COURSE_DOCS is where the instructor shows the site."""
    monkeypatch.setenv("COURSE_DOCS", "http://teacher:8000/")
    assert reports.link(page) == link


def test_a_bonus_comes_on_top() -> None:
    """Its points are in no maximum, and its row says so."""
    reno = grade("test_reno.py::test_halves", stage=4, part="reno")
    graded = [replace(reno, maximum=0.0, bonus=2.0), grade("test_files.py::test_get", stage=4)]
    assert reports.points(graded[:1]) == "+2 of +2"
    assert reports.points(graded) == "4 of 2"
    assert "(5 bonus points)" in reports.block(replace(reno, maximum=0.0, bonus=5.0))
    test = report_files.gradescope(graded, 1.0)["tests"][0]
    assert (test["name"][-8:], test["score"], test["max_score"]) == (" (bonus)", 2.0, 0.0)


def test_what_was_skipped_is_said_once() -> None:
    """Forty tests that wait for one mistake to be mended are one block."""
    skipped = [grade(f"test_room.py::test_{n}", "skipped", explanation="why") for n in range(40)]
    assert reports.feedback(skipped) == "– 40 tests were skipped and score nothing:\n    why"


def test_a_needed_test_is_named_by_its_sentence() -> None:
    """A student looks for a sentence, not for the name of a function."""
    skipped = grade(
        "test_room.py::test_b", "skipped", explanation="needs test_a, which failed: mend"
    )
    words = reports.feedback([grade("test_room.py::test_a", "failed"), skipped])
    assert words.endswith("needs test_a (“The title of test_a.”), which failed: mend")


def test_what_fails_alike_is_told_together() -> None:
    """A part that is not written yet is one block with all it must do, not twenty."""
    why = "feed is not written yet"
    alike = [grade(f"test_lines.py::test_{n}", "failed", part="framing") for n in range(3)]
    graded = [replace(one, explanation=why) for one in alike]
    graded[0] = replace(graded[0], explanation=f"3 of 3 runs failed\n{why}")
    graded[1] = replace(graded[1], explanation=f"9 of 9 runs failed, the first with x\n{why}")
    graded[2] = replace(graded[2], explanation=f"observed: Feed it.\n          it = 1\n{why}")
    other = grade("test_room.py::test_x", "failed")
    together, alone = reports.feedback([*graded, other]).split("\n\n✗ ")
    assert together.splitlines()[:6] == [
        "✗ 3 tests of the part framing  (6 points)",
        "    · The title of test_0.",
        "    · The title of test_1.",
        "    · The title of test_2.",
        "",
        f"    {why}",
    ]
    assert together.count("Likely cause") == 1
    assert alone == reports.block(other).removeprefix("✗ ")


def test_gradescopes_results() -> None:
    """What its specification asks for, with numbers that count within each stage."""
    content = json.loads(json.dumps(report_files.gradescope(GRADES, 12.4)))
    assert content["score"] == 4
    assert content["execution_time"] == 12
    formats = ("output_format", "test_output_format", "test_name_format")
    assert {content[name] for name in formats} == {"text"}
    assert [test["number"] for test in content["tests"]] == [
        "1.1",
        "1.2",
        "1.3",
        "1.4",
        "1.5",
        "4.1",
    ]
    assert content["tests"][0] == {
        "name": "The title of test_cut.",
        "number": "1.1",
        "score": 0.0,
        "max_score": 2.0,
        "status": "failed",
        "output": reports.block(GRADES[1]),
        "tags": ["stage1", "part:framing", "failed"],
    }
    assert {test["status"] for test in content["tests"]} == {"passed", "failed"}
    assert sum(test["score"] for test in content["tests"]) == content["score"]


def test_junit() -> None:
    """A suite a stage, whose counts are those of its cases; no character that XML forbids."""
    bad = grade("test_room.py::test_x", "failed", explanation="\x1b[31m \ud800 é", title="\x07!")
    root = ElementTree.fromstring(report_files.junit([*GRADES, bad]))
    assert [suite.get("name") for suite in root] == ["stage1", "stage4"]
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    assert root[0].get("failures") == "3"
    failure = root[0].findall("testcase/failure")[-1]
    assert "\ufffd[31m \ufffd é" in (failure.text or "")


def test_a_summary_cannot_be_broken_out_of() -> None:
    """What a submission prints stays in its fence, however many backticks it prints."""
    bad = grade("test_room.py::test_x", "failed", explanation="``` \n````\n# Full marks!")
    summary = report_files.step_summary([bad])
    assert "\n`````text\n" in summary
    assert summary.count("`````") == 2
    assert summary.index("`````text") < summary.index("# Full marks!") < summary.rindex("`````")


def test_a_summary_stays_below_githubs_limit(tmp_path: Path) -> None:
    """What does not fit is counted; GitHub would show nothing at all of a longer summary."""
    long = [grade(f"test_x.py::test_{n}", "failed", explanation="é" * 20_000) for n in range(100)]
    file = tmp_path / "summary.md"
    file.write_text("earlier\n" * 1000, encoding="utf-8")
    report_files.add_step_summary(file, long)
    size = file.stat().st_size
    assert size <= 1024 * 1024
    assert size > 900_000
    shown = file.read_text(encoding="utf-8").count("<details>")
    assert f"… {100 - shown} more failures are in the log." in file.read_text(encoding="utf-8")


def test_a_summary_without_room_is_left_out(tmp_path: Path) -> None:
    """Where the step has used up its room, nothing is added that would hide it all."""
    file = tmp_path / "summary.md"
    file.write_bytes(b"x" * (1024 * 1024))
    report_files.add_step_summary(file, GRADES)
    assert file.stat().st_size == 1024 * 1024
