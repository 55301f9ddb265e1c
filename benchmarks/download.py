"""File download: ours against its peers. Speed, cost, memory, loss, fairness.

    python benchmarks/download.py [PART …] [--quick] [--runs N]

The parts are loopback, memory, link, fair and eight; without a name all run, in about 20 minutes.
The link's parts need root (they make network namespaces). Peers that are not installed are left
out by name: Debian's ngtcp2-server, ngtcp2-client, curl; tftpy from PyPI. Everything stays on
127.0.0.1 or in namespaces of its own, and is ended on Ctrl+C. Figures go to results/*.json, tables
to README.md (not with --quick).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the package
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.download_link import measure_link, show_link
from benchmarks.download_loopback import (
    measure_loopback,
    measure_memory,
    show_loopback,
    show_memory,
)
from benchmarks.download_together import measure_eight, measure_fair, show_eight, show_fair
from benchmarks.fetching import QUICK, Plan, make_certificate, say
from benchmarks.measure import RESULTS, interruptible, write_results, write_section
from benchmarks.peers import Files

Measure = Callable[[Files, Plan], dict[str, Any]]
Show = Callable[[dict[str, Any]], str]
PARTS: dict[str, tuple[Measure, Show]] = {
    "loopback": (measure_loopback, show_loopback),
    "memory": (measure_memory, show_memory),
    "link": (measure_link, show_link),
    "fair": (measure_fair, show_fair),
    "eight": (measure_eight, show_eight),
}
MEMORY_DISK = Path("/dev/shm")


def work_in(folder: Path) -> Files:
    """The folders and the certificate that a run needs, under `folder`."""
    files = Files(folder / "served", folder / "received", *make_certificate(folder))
    files.served.mkdir()
    files.received.mkdir()
    return files


def write_page() -> None:
    """Put the tables of every part that was ever measured into README.md."""
    shown = [
        "### File download\n`python benchmarks/download.py` (then `plots.py` for the pictures)"
    ]
    for part, (_, show) in PARTS.items():
        path = RESULTS / f"download_{part}.json"
        if path.exists():
            shown.append(show(json.loads(path.read_text(encoding="utf-8"))))
    write_section("download", "\n\n".join(shown))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="one small run of each, no page")
    parser.add_argument("--runs", type=int, help="rounds of paired runs (default 5)")
    parser.add_argument("--size", type=int, help="MB of the file for loopback (default 1000)")
    parser.add_argument("--pin", action="store_true", help="server on one core, client on another")
    parser.add_argument(
        "--folder",
        type=Path,
        default=MEMORY_DISK if MEMORY_DISK.is_dir() else Path(tempfile.gettempdir()),
        help="where files are served from and written to (default %(default)s)",
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    plan = replace(QUICK if chosen.quick else Plan(), pinned=chosen.pin)
    plan = replace(plan, runs=chosen.runs or plan.runs)
    plan = replace(plan, loopback_size=chosen.size or plan.loopback_size)
    with interruptible(), tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        files = work_in(Path(folder))
        for part in chosen.parts or PARTS:
            say(f"- {part}")
            measure, show = PARTS[part]
            results = measure(files, plan)
            print(show(results), end="\n\n", flush=True)
            if not chosen.quick:
                write_results(f"download_{part}", results)
    if not chosen.quick:
        write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main())
