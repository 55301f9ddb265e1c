"""What every benchmark shares: medians, tables, and the page that shows them.

Each benchmark writes its own section of README.md, between two markers, and its figures as JSON
into results/, from which `plots.py` draws. The programs under measurement are in `processes.py`.
"""

import json
import os
import platform
import socket
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import PROJECT, BenchmarkError, Process, interruptible

__all__ = [
    "PROJECT",
    "BenchmarkError",
    "Process",
    "free_port",
    "interruptible",
    "jain",
    "machine",
    "percentile",
    "spread",
    "table",
    "write_results",
    "write_section",
]

FOLDER = Path(__file__).resolve().parent
README = FOLDER / "README.md"
RESULTS = FOLDER / "results"


def machine() -> str:
    """One line about this computer: processor, cores, memory, kernel, Python, how busy it was."""
    model = _first_value("/proc/cpuinfo", "model name") or platform.machine()
    memory = int(_first_value("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    kernel = platform.release().partition("-")[0]
    ahead = "`chrt`" if os.sched_getscheduler(0) != os.SCHED_OTHER else ""
    ahead = ahead or ("`nice`" if os.getpriority(os.PRIO_PROCESS, 0) < 0 else "")
    priority = f" (run under {ahead}, as the machine had other work)" if ahead else ""
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB memory, Linux {kernel}, "
        f"Python {platform.python_version()}; load average at the end {os.getloadavg()[0]:.1f}"
        f"{priority}; {time.strftime('%Y-%m-%d', time.gmtime())}"
    )


def _first_value(path: str, name: str) -> str:
    """What stands behind `name:` in a file of /proc; empty when nothing does."""
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; cells are shown with str(), None as a dash."""

    def line(cells: Iterable[object]) -> str:
        shown = ("-" if cell is None else str(cell).replace("|", "\\|") for cell in cells)
        return "| " + " | ".join(shown) + " |"

    return "\n".join([line(headers), line(["---"] * len(headers)), *(line(row) for row in rows)])


def spread(values: Sequence[float], digits: int = 0) -> str:
    """`median (lowest to highest)` of several runs; one run stands alone."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` % of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]


def jain(shares: Sequence[float]) -> float:
    """Jain's index of fairness: 1.0 when all get the same, 1/n when one gets all."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 0.0


def write_section(name: str, text: str, readme: Path = README) -> None:
    """Put `text` between the markers `<!-- name:start -->` and `<!-- name:end -->` of the page."""
    import fcntl  # here, so that another system is refused in words first

    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    with readme.open("r+", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)  # two benchmarks may end in the same moment
        whole = page.read()
        if start not in whole:
            whole = f"{whole.rstrip()}\n\n{start}\n{end}\n"
        before, _, rest = whole.partition(start)
        after = rest.partition(end)[2]
        page.seek(0)
        page.write(f"{before}{start}\n{text.strip()}\n{end}{after}")
        page.truncate()


def write_results(name: str, results: Mapping[str, Any]) -> Path:
    """Keep a run's figures as results/<name>.json, with the machine they come from."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = json.dumps({"machine": machine(), **results}, indent=1, ensure_ascii=False)
    path.write_text(content + "\n", encoding="utf-8")
    return path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody holds at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
