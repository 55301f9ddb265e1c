"""One download at a time over the emulated link, at three rates of random loss, against peers."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from typing import Any

from benchmarks.fetching import MEGABYTE, Plan, fetch_over_link, make_file, present, say
from benchmarks.link import Conditions
from benchmarks.measure import BenchmarkError, machine, spread, table
from benchmarks.peers import Files, KernelTcp, Ngtcp2, Ours, OursWhole, Peer
from stage4_udp_files.fair_share import START_OVERSHOOT
from stage4_udp_files.rate_based import (
    GROWTH,
    INITIAL_RATE,
    INITIAL_WINDOW,
    QUEUE_RATIO,
    ROUNDS_WITHOUT_GROWTH,
    STARTUP_GAIN,
)

LOSSES = (0.0, 1.0, 5.0)  # percent
MOST_FOR_SLOW = 10  # MB, where a peer takes a minute for them
TARGETS = {10: (74, 70, 64), 50: (88, 86, 80)}  # Mbit/s of goodput for each loss


def measure_link(files: Files, plan: Plan) -> dict[str, Any]:
    """Paired runs over the emulated link, all of a round on links with the same seed."""
    peers = present(
        [Ours(), OursWhole(), Ngtcp2("bbr"), KernelTcp("bbr"), Ngtcp2("cubic"), KernelTcp("cubic")]
    )
    small = make_file(files, 3)
    bases = {peer.name: _wire_per_byte(peer, files, small) for peer in peers}
    runs: list[dict[str, Any]] = []
    failures: list[str] = []
    for size, loss, number, peer in _rounds(peers, plan):
        what = f"{size} MB, {loss:g} %, {peer.name}"
        conditions = Conditions(loss=loss, seed=number)
        try:
            run = fetch_over_link(peer, files, conditions, make_file(files, size))
        except BenchmarkError as error:
            failures.append(f"{what}: {error}")
            say(failures[-1])
            continue
        say(f"{what}: {run.mbit:.1f} Mbit/s")
        runs.append({**asdict(run), "loss": loss, "base": bases[peer.name]})
    return {"machine": machine(), "runs": runs, "failures": failures}


def _rounds(peers: Sequence[Peer], plan: Plan) -> Iterator[tuple[int, float, int, Peer]]:
    """Every run: size in MB, loss in percent, the round's number, and who runs."""
    numbers = range(1, plan.runs + 1)
    for size, loss, number, peer in product(plan.link_sizes, LOSSES, numbers, peers):
        if not _takes_minutes(peer, loss) or (number == 1 and size <= MOST_FOR_SLOW):
            yield size, loss, number, peer


def _takes_minutes(peer: Peer, loss: float) -> bool:
    """Loss-based control takes every random loss for a full queue."""
    return loss > 0 and getattr(peer, "congestion", "") == "cubic"


def _wire_per_byte(peer: Peer, files: Files, name: str) -> float:
    """IP bytes sent for each byte of file when nothing is lost: what headers and hellos cost."""
    run = fetch_over_link(peer, files, Conditions(queue=10 * MEGABYTE), name)
    return run.wire_bytes / run.size


def show_link(results: dict[str, Any]) -> str:
    parts = []
    for size in sorted({fields["size"] for fields in results["runs"]}):
        rows = []
        at_size = [fields for fields in results["runs"] if fields["size"] == size]
        for name in dict.fromkeys(fields["peer"] for fields in at_size):
            cells: list[object] = [name]
            for loss in LOSSES:
                found = [f for f in at_size if f["peer"] == name and f["loss"] == loss]
                cells += _link_cells(found)
            rows.append(cells)
        megabytes = size // MEGABYTE
        if megabytes in TARGETS:
            aims = [(f"**≥ {aim}**", None, None) for aim in TARGETS[megabytes]]
            rows.append(["aim", *(cell for aim in aims for cell in aim)])
        headers = [f"{megabytes} MB"]
        for loss in LOSSES:
            headers += [f"{loss:g} % loss: Mbit/s", "whole", "resent"]
        parts.append(table(headers, rows))
    parts += [f"Failed: {failure}" for failure in results["failures"]]
    tables = "\n\n".join(parts)
    return (
        "#### Over an emulated link\n\n100 Mbit/s, 40 ms round trip, 500 KB of queue, random loss "
        "in both directions. Mbit/s: goodput from the request (a program without a clock of its "
        "own: from its first packet) to the verified file, median (lowest to highest); whole: the "
        "same over the client process's whole life; resent: IP bytes that the server sent beyond "
        "those of a loss-free transfer, as a share of these. CUBIC under loss: one run of 10 MB.\n"
        "\n"
        f"Ours begins with a window of {INITIAL_WINDOW} packets, paced over "
        f"{INITIAL_WINDOW / INITIAL_RATE * 1000:.0f} ms, and sends {STARTUP_GAIN:g} times as fast "
        "as packets arrive, so twice as much each round trip. That ends when packets have waited "
        f"in a queue for half a round trip (each took {QUEUE_RATIO:g} times the shortest one), or "
        f"when {ROUNDS_WITHOUT_GROWTH} rounds brought less than {GROWTH:g} times the rate before. "
        f"Then the queue is emptied, and the window may be 1/{START_OVERSHOOT:g} of what was in "
        "flight, until it has grown again.\n"
        "\n"
        f"{tables}\n\n{results['machine']}"
    )


def _link_cells(found: list[dict[str, Any]]) -> list[object]:
    if not found:
        return [None, None, None]
    goodput = [f["size"] * 8e-6 / f["seconds"] for f in found]
    whole = [f["size"] * 8e-6 / f["whole"] for f in found]
    resent = [100 * (f["wire_bytes"] / f["size"] / f["base"] - 1) for f in found]
    median = statistics.median
    return [spread(goodput, 1), f"{median(whole):.1f}", f"{max(0.0, median(resent)):.1f} %"]
