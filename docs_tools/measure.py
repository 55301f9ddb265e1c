"""The engines and the strategies compared, for the pages that show them.

    python -m docs_tools.measure [--draw-only]

Measures the strategies into benchmarks/results/strategies.json, then draws all plots from the
results that are there; `--draw-only` measures nothing. The engines are measured by
`course.py bench fanout`. Measuring takes some minutes and differs from run to run, so it is done
only on demand; a test draws the plots anew and compares them.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks import plots
from benchmarks.measure import RESULTS, write_results
from benchmarks.plots import bars
from course_tools.stages import PROJECT
from docs_tools.traces import PACKET, Scenario, record

PLOTS = PROJECT / "docs" / "assets" / "plots"
LOSSES = (0, 1, 5)
RUNS = 3
LINK = ("--delay", "20", "--rate", "20")
STRATEGIES = {  # name, and how many packets take a second or two
    "fixed:1": ("stop-and-wait", 30),
    "fixed:16": ("window of 16", 500),
    "fixed:64": ("window of 64", 1500),
    "reno": ("Reno", 1500),
    "rate": ("the default", 2500),
}


def speed(congestion: str, packets: int, loss: int, seed: int) -> float:
    """One download: millions of bits of the file in a second, from the first packet on."""
    link = ["--loss", str(loss), "--seed", str(seed), *LINK]
    scenario = Scenario("", "", "", congestion, packets, link)
    with tempfile.TemporaryDirectory() as folder:
        events = [json.loads(line) for line in record(scenario, Path(folder))]
    data = [e["time"] for e in events if e["side"] == "client" and e.get("kind") == "DATA"]
    return packets * PACKET * 8e-6 / float(max(data) - min(data))


def measure_strategies() -> None:
    """Measure each strategy at each loss, and keep every run."""
    found: dict[str, dict[str, list[float]]] = {}
    for loss in LOSSES:
        for congestion, (name, packets) in STRATEGIES.items():
            speeds = [speed(congestion, packets, loss, seed) for seed in range(1, RUNS + 1)]
            found.setdefault(str(loss), {})[congestion] = speeds
            print(f"{name}, {loss} % loss: {statistics.median(speeds):.2f} Mbit/s", flush=True)
    print(write_results("strategies", {"link": LINK, "mbit_per_second": found}))


def draw_strategies() -> str:
    """The strategies over loss, as they were last measured."""
    results = json.loads((RESULTS / "strategies.json").read_text(encoding="utf-8"))
    rows = []
    for loss, speeds_by_strategy in results["mbit_per_second"].items():
        for congestion, speeds in speeds_by_strategy.items():
            label = f"{STRATEGIES[congestion][0]}, {loss} % loss"
            rows.append((label, statistics.median(speeds), min(speeds), max(speeds)))
    return bars("A line of 20 Mbit/s with a round trip of 40 ms", "Mbit/s", rows)


def draw_engines() -> str:
    """Both engines in the chat benchmark, as it was last run."""
    results = json.loads((RESULTS / "fanout.json").read_text(encoding="utf-8"))
    rows = []
    for clients in ("10", "100", "800"):
        for engine, name in (("loop", "event loop"), ("threads", "threads")):
            runs = results["rooms"][engine][clients]
            speeds = [run["per_second"] / 1e6 for run in runs]
            label = f"{name}, {clients} clients"
            rows.append((label, statistics.median(speeds), min(speeds), max(speeds)))
    return bars("Chat messages delivered in a second", "million", rows)


def draw_all(into: Path) -> list[Path]:
    """Draw every plot from the last results, those of the benchmarks, too; the pictures' paths."""
    paths = plots.draw_all(into)
    for name, draw in (("engines", draw_engines), ("strategies", draw_strategies)):
        paths.append(into / f"{name}.svg")
        paths[-1].write_text(draw(), encoding="utf-8", newline="\n")
    return paths


def main() -> None:
    """Measure, unless told not to, and draw."""
    parser = argparse.ArgumentParser(description="The pictures that compare engines, strategies.")
    parser.add_argument("--draw-only", action="store_true", help="from the last results")
    if not parser.parse_args().draw_only:
        measure_strategies()
    for path in draw_all(PLOTS):
        print(path)


if __name__ == "__main__":
    main()
