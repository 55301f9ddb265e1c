"""Downloads over loopback: how fast, at what cost of CPU and memory, against whom."""

import statistics
from dataclasses import asdict
from typing import Any

from benchmarks.fetching import MEGABYTE, Plan, Run, fetch, make_file, present, runs_of, say
from benchmarks.measure import machine, spread, table
from benchmarks.peers import Files, Http, Ngtcp2, Ours, OursWhole, Tftpy, loopback

SLOW_SHARE = 0.1  # of the usual size, for the programs that would take a minute
WHERE_OURS_GO = (
    "Ours keeps both cores busy, so its CPU seconds per GB decide how fast it is. `perf` says "
    "where they go (25 downloads of 140 MB, both sides together, two cores of an AMD EPYC): 30 % "
    "are SHA-256, 18 % the CRC-32 of each packet, 12 % reading the file (once to send it, once to "
    "hash it), 10 % writing it, 9 % sockets and the rest of the kernel, 3 % putting payloads "
    "together, 17 % Python itself. If Python cost nothing, ours would be a fifth faster, not more."
)


def measure_loopback(files: Files, plan: Plan) -> dict[str, Any]:
    """Paired runs over 127.0.0.1: in each round every peer fetches the file once."""
    name = make_file(files, plan.loopback_size)
    small = make_file(files, plan.loopback_size * SLOW_SHARE)
    peers = present([Ours(), OursWhole(), Ours(offload=False), Ngtcp2("bbr"), Http(), Tftpy()])
    runs: list[Run] = []
    for number in range(plan.runs):
        for peer in peers:
            slow = isinstance(peer, Tftpy) or not getattr(peer, "offload", True)
            run = fetch(peer, files, loopback(plan.pinned), small if slow else name)
            say(f"loopback {number + 1}/{plan.runs}: {peer.name}: {run.megabytes:.0f} MB/s")
            runs.append(run)
    return {"machine": machine(), "pinned": plan.pinned, "runs": [asdict(run) for run in runs]}


def show_loopback(results: dict[str, Any]) -> str:
    by_peer = runs_of(results)
    ours = [run.megabytes for run in by_peer["ours"]]
    one_by_one = [run.megabytes for run in by_peer[Ours(offload=False).name]]
    rows = []
    for name, runs in by_peer.items():
        gigabytes = [run.size / 1e9 for run in runs]
        rows.append(
            [
                name,
                f"{runs[0].size / MEGABYTE:.0f} MB",
                spread([run.megabytes for run in runs]),
                f"{statistics.median(run.size / 1e6 / run.whole for run in runs):.0f}",
                _ratio(ours, runs),
                _ratio(one_by_one, runs),
                _median_per(runs, "server_cpu", gigabytes),
                _median_per(runs, "client_cpu", gigabytes),
                f"{max(run.server_memory for run in runs) / 1e6:.0f}",
                f"{max(run.client_memory for run in runs) / 1e6:.0f}",
            ]
        )
    headers = [
        "program",
        "file",
        "MB/s",
        "MB/s, whole client",
        "ours is × as fast",
        "… without offload",
    ]
    headers += ["server CPU s/GB", "client CPU s/GB", "server MB", "client MB"]
    where = "server pinned to one core, client to the other" if results["pinned"] else "not pinned"
    return (
        "#### Over loopback\n\nFrom the request to the verified, written file; medians "
        f"({len(ours)} rounds, lowest and highest beside), {where}. Memory is the peak of all of a "
        f"side's processes together.\n\n{table(headers, rows)}\n\n{WHERE_OURS_GO}\n\n"
        f"{results['machine']}"
    )


def _ratio(own: list[float], runs: list[Run]) -> str:
    """The median over all rounds of our speed divided by theirs."""
    pairs = zip(own, runs, strict=False)
    return f"{statistics.median(speed / run.megabytes for speed, run in pairs):.2f}"


def _median_per(runs: list[Run], what: str, gigabytes: list[float]) -> str:
    per = [getattr(run, what) / size for run, size in zip(runs, gigabytes, strict=True)]
    return f"{statistics.median(per):.2f}"


def measure_memory(files: Files, plan: Plan) -> dict[str, Any]:
    """One download of a file far larger than any buffer; only the memory counts."""
    name = make_file(files, plan.memory_size, empty=True)
    runs = [fetch(peer, files, loopback(plan.pinned), name) for peer in (Ours(), OursWhole())]
    return {"machine": machine(), "runs": [asdict(run) for run in runs]}


def show_memory(results: dict[str, Any]) -> str:
    rows = [
        [
            name,
            f"{run.size / 1e9:g} GB",
            f"{run.server_memory / 1e6:.0f} MB",
            f"{run.client_memory / 1e6:.0f} MB",
        ]
        for name, (run, *_) in runs_of(results).items()
    ]
    headers = ["program", "file", "server, its processes together", "client"]
    return (
        "#### Memory\n\nPeak resident memory during one download over loopback (aim: at most 60 MB "
        f"on either side).\n\n{table(headers, rows)}\n\n{results['machine']}"
    )
