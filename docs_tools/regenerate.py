"""Everything that the site shows of the programs, made anew: `course.py docs regenerate`.

Texts and drawings lie in docs/generated, traces, screens and plots in docs/assets. All of it is
committed: so the site builds anywhere, and a change of the programs shows as a change there. Tests
make it anew and compare. Plots are only drawn here, from the last measurements.
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


def write_screens() -> None:
    """Take the pictures of the windows anew."""
    from docs_tools.screenshots import SCREENS, take_all  # needs tkinter, which the rest does not

    take_all(SCREENS)


def write_plots() -> None:
    """Draw the measurements anew."""
    from docs_tools.measure import PLOTS, draw_all  # needs Linux, which the rest does not

    for path in draw_all(PLOTS):
        print(path.relative_to(PROJECT))


ASSETS = {"traces": write_traces, "screens": write_screens, "plots": write_plots}


def main() -> int:
    """Make everything, or what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    choices = [*scenes_list.SCENES, *ASSETS]
    parser.add_argument("name", nargs="*", help=f"only these of: {', '.join(choices)}")
    names = parser.parse_args().name or choices
    write(name for name in names if name not in ASSETS)
    for name in names:
        if name in ASSETS:
            ASSETS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
