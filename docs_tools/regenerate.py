"""Everything that the site shows of the programs, made anew: `course.py docs regenerate`.

It lies in docs/generated, one file a thing, and is committed: so the site builds anywhere, and a
change of the programs shows as a change there. A test makes it anew and compares.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from course_tools.stages import PROJECT
from docs_tools import scenes_list
from docs_tools.traces import SCENARIOS, TRACES, record, script

GENERATED = PROJECT / "docs" / "generated"


def make(name: str, play: Callable[[Path], dict[str, str]]) -> dict[str, str]:
    """The files of one recording: names below docs/generated, and contents."""
    with tempfile.TemporaryDirectory() as folder:
        made = play(Path(folder).resolve())
    return {file_name(name, part): content for part, content in made.items()}


def file_name(name: str, part: str) -> str:
    """A drawing is called as its scene; anything else has its part in its name."""
    if part == "svg":
        return f"{name}.svg"
    return part if "." in part else f"{name}_{part}.txt"


def write(names: Iterable[str]) -> None:
    """Make these recordings and write them."""
    GENERATED.mkdir(exist_ok=True)
    for name in names:
        for file, content in make(name, scenes_list.SCENES[name]).items():
            path = GENERATED / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
            print(path.relative_to(PROJECT))


def write_traces() -> None:
    """Record the downloads for the packet player anew."""
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            content = script(scenario, record(scenario, Path(folder)))
        path = TRACES / f"{scenario.name}.js"
        path.write_text(content, encoding="utf-8", newline="\n")
        print(path.relative_to(PROJECT))


def main() -> int:
    """Make everything, or what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="only these recordings")
    names = parser.parse_args().name
    write([name for name in names or scenes_list.SCENES if name != "traces"])
    if not names or "traces" in names:
        write_traces()
    return 0


if __name__ == "__main__":
    sys.exit(main())
