"""Grades for people and for programs: the table, Gradescope's results, JUnit, GitHub's summary."""

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from grading.scores import Grade, total

SIGNS = {"passed": "✓", "failed": "✗", "skipped": "–", "missing": "?"}


def table(grades: Sequence[Grade]) -> str:
    """Points of each stage and of each file of tests in it."""
    lines = []
    for stage in sorted({grade.stage for grade in grades}):
        of_stage = [grade for grade in grades if grade.stage == stage]
        lines += [f"Stage {stage}", ""]
        for file in dict.fromkeys(grade.name.partition("::")[0] for grade in of_stage):
            of_file = [grade for grade in of_stage if grade.name.startswith(f"{file}::")]
            topic = Path(file).stem.removeprefix("test_").replace("_", " ")
            signs = "".join(SIGNS[grade.outcome] for grade in of_file)
            lines.append(f"  {topic:<22} {_points(of_file):>12}   {signs}")
        lines += [f"  {'all':<22} {_points(of_stage):>12}", ""]
    return "\n".join(lines)


def feedback(grades: Sequence[Grade]) -> str:
    """Every failure: what had to hold, what happened, what it probably means, where to read on."""
    blocks = [_block(grade) for grade in grades if grade.outcome in {"failed", "missing"}]
    skipped = [grade for grade in grades if grade.outcome == "skipped"]
    if skipped:
        reasons = dict.fromkeys(grade.explanation for grade in skipped)
        blocks.append(f"– {len(skipped)} tests were skipped and score nothing:")
        blocks[-1] += "".join(f"\n    {reason}" for reason in reasons)
    return "\n\n".join(blocks)


def _block(grade: Grade) -> str:
    lines = [f"✗ {grade.title}  ({grade.maximum:g} points)", f"    {grade.name}"]
    if grade.explanation:
        lines += ["", textwrap.indent(grade.explanation.rstrip(), "    ")]
    if grade.hint:
        lines += ["", *_wrapped("Likely cause: " + grade.hint)]
    if grade.docs:
        lines.append(f"    Read on: docs/{grade.docs}")
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent="    ", subsequent_indent="    ")


def _points(grades: Sequence[Grade]) -> str:
    score, maximum = total(grades)
    return f"{score:g} of {maximum:g}"


def gradescope(grades: Sequence[Grade], seconds: float) -> dict[str, Any]:
    """The content of Gradescope's `results.json`."""
    score, maximum = total(grades)
    return {
        "score": score,
        "execution_time": round(seconds),
        "output": f"{score:g} of {maximum:g} points\n\n{table(grades)}",
        "tests": [
            {
                "name": grade.title,
                "number": f"{grade.stage}.{number}",
                "score": grade.score,
                "max_score": grade.maximum,
                "status": "passed" if grade.outcome == "passed" else "failed",
                "output": "" if grade.outcome == "passed" else _block(grade),
                "tags": [f"stage{grade.stage}", grade.outcome],
            }
            for number, grade in enumerate(grades, start=1)
        ],
    }


def junit(grades: Sequence[Grade]) -> str:
    """The grades as JUnit XML: a test case for each test of the manifest."""
    bad = [grade for grade in grades if grade.outcome in {"failed", "missing"}]
    skipped = [grade for grade in grades if grade.outcome == "skipped"]
    suite = ElementTree.Element(
        "testsuite",
        name="grade",
        tests=str(len(grades)),
        failures=str(len(bad)),
        skipped=str(len(skipped)),
        time=f"{sum(grade.seconds for grade in grades):.3f}",
    )
    for grade in grades:
        file, _, name = grade.name.partition("::")
        seconds = f"{grade.seconds:.3f}"
        case = ElementTree.SubElement(suite, "testcase", classname=file, name=name, time=seconds)
        if grade.outcome == "skipped":
            ElementTree.SubElement(case, "skipped", message=_for_xml(grade.explanation))
        elif grade.outcome != "passed":
            failure = ElementTree.SubElement(case, "failure", message=grade.title)
            failure.text = _for_xml(_block(grade))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _for_xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def step_summary(grades: Sequence[Grade]) -> str:
    """The grades as Markdown, for the summary of a run on GitHub."""
    lines = [f"## {_points(grades)} points", "", "| stage | points |", "|---|---|"]
    for stage in sorted({grade.stage for grade in grades}):
        lines.append(f"| {stage} | {_points([g for g in grades if g.stage == stage])} |")
    text = feedback(grades)
    longest_run = max((len(run) for run in _runs_of_backticks(text)), default=0)
    fence = "`" * max(3, longest_run + 1)
    return "\n".join([*lines, "", fence, text, fence, ""]) if text else "\n".join([*lines, ""])


def _runs_of_backticks(text: str) -> list[str]:
    return "".join(char if char == "`" else " " for char in text).split()


def write_json(file: Path, content: dict[str, Any]) -> None:
    """Write a report that other programs read."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8", errors="replace")
