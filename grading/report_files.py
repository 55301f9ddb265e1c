"""Grades for programs: Gradescope's results, JUnit XML, the summary of a run on GitHub.

Sources: gradescope-autograders.readthedocs.io/en/latest/specs (output format); the JUnit form that
pytest writes; docs.github.com, "Workflow commands", for the size of a step's summary.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from grading.reports import block, points, row_name, rows, table
from grading.scores import Grade, total

LONGEST_SUMMARY = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step; it shows nothing of a longer one."""
BAD = {"failed", "missing"}


def gradescope(grades: Sequence[Grade], seconds: float) -> dict[str, Any]:
    """The content of Gradescope's `results.json`. Everything in it is plain text, never HTML."""
    score, _ = total(grades)
    numbers: Counter[int] = Counter()
    return {
        "score": score,
        "execution_time": round(seconds),
        "output": f"{points(grades)} points\n\n{table(grades)}",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "tests": [_gradescope_test(grade, numbers) for grade in _in_order(grades)],
    }


def _in_order(grades: Sequence[Grade]) -> list[Grade]:
    """The grades as the table has them: part by part, then topic by topic."""
    return [grade for row in rows(grades) for grade in row.grades]


def _gradescope_test(grade: Grade, numbers: Counter[int]) -> dict[str, Any]:
    numbers[grade.stage] += 1
    kind = "part" if grade.part else "topic"
    return {
        "name": grade.title + (" (bonus)" if grade.bonus else ""),
        "number": f"{grade.stage}.{numbers[grade.stage]}",
        "score": grade.score,
        "max_score": grade.maximum,
        "status": "passed" if grade.outcome == "passed" else "failed",
        "output": "" if grade.outcome == "passed" else block(grade),
        "tags": [f"stage{grade.stage}", f"{kind}:{row_name(grade)}", grade.outcome],
    }


def junit(grades: Sequence[Grade]) -> str:
    """The grades as JUnit XML: a suite for each stage, a case for each test of the manifest."""
    suites = ElementTree.Element("testsuites", {"name": "grade"} | _counts(grades))
    for stage in sorted({grade.stage for grade in grades}):
        of_stage = [grade for grade in grades if grade.stage == stage]
        attributes = {"name": f"stage{stage}"} | _counts(of_stage)
        suite = ElementTree.SubElement(suites, "testsuite", attributes)
        for grade in of_stage:
            _add_case(suite, grade)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)


def _counts(grades: Sequence[Grade]) -> dict[str, str]:
    outcomes = [grade.outcome for grade in grades]
    return {
        "tests": str(len(grades)),
        "failures": str(sum(outcome in BAD for outcome in outcomes)),
        "errors": "0",
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(grade.seconds for grade in grades):.3f}",
    }


def _add_case(suite: ElementTree.Element, grade: Grade) -> None:
    file, _, name = grade.name.partition("::")
    seconds = f"{grade.seconds:.3f}"
    case = ElementTree.SubElement(suite, "testcase", classname=file, name=name, time=seconds)
    if grade.outcome == "skipped":
        ElementTree.SubElement(case, "skipped", message=_for_xml(grade.explanation))
    elif grade.outcome in BAD:
        failure = ElementTree.SubElement(case, "failure", message=_for_xml(grade.title))
        failure.text = _for_xml(block(grade))


def _for_xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def step_summary(grades: Sequence[Grade], room: int = LONGEST_SUMMARY) -> str:
    """The grades as Markdown of at most `room` bytes: the table, and as many failures as fit."""
    lines = [f"## {points(grades)} points", "", "| stage | part or topic | points |"]
    lines += ["|---:|---|---:|"]
    lines += [f"| {row.stage} | {row.name} | {points(row.grades)} |" for row in rows(grades)]
    text = "\n".join([*lines, "", ""])
    if len(text.encode()) > room:
        return ""
    bad = [grade for grade in _in_order(grades) if grade.outcome in BAD]
    for shown, grade in enumerate(bad):
        details = _details(grade)
        left_out = f"… {len(bad) - shown} more failures are in the log.\n"
        if len((text + details + left_out).encode(errors="replace")) > room:
            return text + left_out
        text += details
    return text


def _details(grade: Grade) -> str:
    """A failure that unfolds, in a fence that nothing inside can end."""
    content = block(grade)
    only_backticks = "".join(char if char == "`" else " " for char in content)
    fence = "`" * max(3, 1 + max(map(len, only_backticks.split()), default=0))
    title = grade.title.replace("&", "&amp;").replace("<", "&lt;")
    summary = f"<details><summary>✗ {title}</summary>"
    return f"{summary}\n\n{fence}text\n{content}\n{fence}\n\n</details>\n\n"


def add_step_summary(file: Path, grades: Sequence[Grade]) -> None:
    """Append to the summary of the step, which holds 1 MiB in all."""
    there = file.stat().st_size if file.exists() else 0
    with file.open("a", encoding="utf-8", errors="replace") as summary:
        summary.write(step_summary(grades, LONGEST_SUMMARY - there))


def write_json(file: Path, content: dict[str, Any]) -> None:
    """Write a report that other programs read."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8", errors="replace")


def write_junit(file: Path, grades: Sequence[Grade]) -> None:
    """Write the grades as JUnit XML."""
    file.write_text(junit(grades) + "\n", encoding="utf-8", errors="replace")
