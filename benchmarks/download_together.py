"""Downloads that share the emulated link: beside TCP and each other, and the delay they make."""

import contextlib
import json
import statistics
import sys
import time
from collections import defaultdict
from typing import Any

from benchmarks.fetching import (
    MEGABYTE,
    PORT,
    Plan,
    asking,
    clean,
    make_file,
    present,
    say,
    serving,
)
from benchmarks.link import BUCKET, SERVER_ADDRESS, Conditions, Link
from benchmarks.measure import BenchmarkError, Process, jain, machine, percentile, spread, table
from benchmarks.peers import TCP_FILE, Files, KernelTcp, Ours, Peer, Place

TCP_PORT = PORT + 1
DOWNLOADS = 8
SMALL_FLOW = 100_000  # bytes: below it is conversation, not transfer
PROCESSES_AT_START = 1.0  # seconds that the later of two flows may take to begin


def place_on(link: Link, port: int = PORT) -> Place:
    return Place(SERVER_ADDRESS, port, link.server, link.client)


def flood(link: Link, seconds: float) -> Process:
    """A kernel TCP flow that lasts for so many seconds, from the server's computer."""
    command = [sys.executable, TCP_FILE, "flood", SERVER_ADDRESS, str(TCP_PORT), str(seconds)]
    return Process(command, prefix=link.client)


def flows_of(report: dict[str, Any]) -> dict[str, dict[float, int]]:
    """The transfers towards the client: bytes handed over, by the time of their bucket."""
    flows: dict[str, dict[float, int]] = defaultdict(dict)
    for at, flow, count in report["down"]["flows"]:
        flows[flow][at] = count
    return {name: times for name, times in flows.items() if sum(times.values()) > SMALL_FLOW}


def rates(times: dict[float, int], start: float, end: float) -> list[float]:
    """Mbit/s of IP packets in each second from `start` to `end`."""
    seconds = [0.0] * int(end - start)
    for at, count in times.items():
        second = int(at - start)
        if start <= at and second < len(seconds):
            seconds[second] += count * 8e-6
    return seconds


def share_link(files: Files, plan: Plan, rival: str) -> dict[str, Any]:
    """Our download beside one rival, both from the same moment on; rates by second."""
    name = make_file(files, plan.seconds * 14, empty=True)
    clean(files.received)
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(Link(Conditions()))
        place = place_on(link)
        stack.enter_context(serving(Ours(), files, place))
        if rival.startswith("kernel"):
            tcp = KernelTcp(rival.rpartition(" ")[2])
            stack.enter_context(serving(tcp, files, place_on(link, TCP_PORT)))
        stack.enter_context(asking(Ours(), files, place, name))
        if rival.startswith("kernel"):
            stack.enter_context(flood(link, plan.seconds + 5))
        elif rival:
            stack.enter_context(asking(Ours(), files, place, name))
        time.sleep(plan.seconds + PROCESSES_AT_START)
        report = link.report()
    return _by_second(report, plan, expected=2 if rival else 1)


def tcp_alone(files: Files, plan: Plan, congestion: str) -> dict[str, Any]:
    """What a kernel TCP flow alone does to the queue, for comparison."""
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(Link(Conditions()))
        place = place_on(link, TCP_PORT)
        stack.enter_context(serving(KernelTcp(congestion), files, place))
        stack.enter_context(flood(link, plan.seconds + 5))
        time.sleep(plan.seconds + PROCESSES_AT_START)
        report = link.report()
    return _by_second(report, plan, expected=1)


def _by_second(report: dict[str, Any], plan: Plan, expected: int) -> dict[str, Any]:
    flows = flows_of(report)
    if len(flows) != expected:
        raise BenchmarkError(f"expected {expected} flows on the link, found {list(flows)}")
    start = max(min(times) for times in flows.values())
    end = start + plan.seconds
    named: dict[str, list[float]] = {}
    for flow, times in sorted(flows.items(), reverse=True):
        name = "TCP" if flow.startswith("tcp") else "ours"
        named["the other of ours" if name in named else name] = rates(times, start, end)
    settled = start + plan.settled
    waits = [wait for wait in report["down"]["queue_delay"] if settled <= wait[0] < end]
    return {
        "rates": named,
        "settled": plan.settled,
        "round_trips_ms": [40 + 1000 * mean for _, mean, _ in waits],
        "dropped": report["down"]["dropped"],
    }


def measure_fair(files: Files, plan: Plan) -> dict[str, Any]:
    """Shares against each rival, and what each leaves of the delay when it is alone."""
    shared, alone = {}, {}
    rivals: list[Peer] = present([KernelTcp("cubic"), KernelTcp("bbr")])
    for rival in [*(peer.name for peer in rivals), "a second download"]:
        shared[rival] = share_link(files, plan, rival)
        say(f"beside {rival}: {_share(shared[rival]):.0%} for ours")
    shorter = Plan(seconds=plan.seconds / 2, settled=plan.settled)
    alone["ours"] = share_link(files, shorter, "")
    for peer in rivals:
        alone[peer.name] = tcp_alone(files, shorter, peer.name.rpartition(" ")[2])
    return {"machine": machine(), "seconds": plan.seconds, "shared": shared, "alone": alone}


def _share(run: dict[str, Any]) -> float:
    """Our part of all bytes handed over once settled."""
    sums = {name: sum(rate[int(run["settled"]) :]) for name, rate in run["rates"].items()}
    share: float = sums["ours"] / sum(sums.values())
    return share


def show_fair(results: dict[str, Any]) -> str:
    rows: list[list[object]] = []
    for rival, run in results["shared"].items():
        settled = {name: rate[int(run["settled"]) :] for name, rate in run["rates"].items()}
        means = [f"{statistics.fmean(rate):.1f}" for rate in settled.values()]
        rows.append([rival, f"{_share(run):.0%}", " / ".join(means), _trips(run)])
    first, last = next(iter(results["shared"].values()))["settled"], results["seconds"]
    headers = ["beside", "our share", "Mbit/s, ours / the other", "round trip ms: mean / p95"]
    alone = [
        [name, f"{statistics.fmean(_settled_rates(run)):.1f}", _trips(run)]
        for name, run in results["alone"].items()
    ]
    return (
        f"#### Sharing\n\nTwo flows on the emulated link without random loss, seconds {first:.0f} "
        f"to {last:.0f} (aim: each side between 25 and 75 %).\n\n{table(headers, rows)}\n\n"
        "Alone in steady state (aim: ours does not double the 40 ms):\n\n"
        f"{table(['flow', 'Mbit/s', headers[3]], alone)}\n\n{results['machine']}"
    )


def _settled_rates(run: dict[str, Any]) -> list[float]:
    (only,) = run["rates"].values()
    settled: list[float] = only[int(run["settled"]) :]
    return settled


def _trips(run: dict[str, Any]) -> str:
    trips = run["round_trips_ms"]
    return f"{statistics.fmean(trips):.0f} / {percentile(trips, 95):.0f}"


def measure_eight(files: Files, plan: Plan) -> dict[str, Any]:
    """Eight downloads of one file at once over the link, some rounds of it."""
    name = make_file(files, 20 if plan.runs > 1 else 5)
    size = (files.served / name).stat().st_size
    rounds = [eight_at_once(files, name) for _ in range(plan.runs)]
    return {"machine": machine(), "size": size, "rounds": rounds}


def eight_at_once(files: Files, name: str) -> dict[str, Any]:
    """One round: each download's rate while all of them are active (Mbit/s), and its seconds."""
    clean(files.received)
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(Link(Conditions()))
        place = place_on(link)
        server = stack.enter_context(serving(Ours(), files, place))
        clients = [
            stack.enter_context(asking(Ours(), files, place, name)) for _ in range(DOWNLOADS)
        ]
        for client in clients:
            client.must_succeed(120)
        seconds = [json.loads(client.lines[-1])["seconds"] for client in clients]
        server.sample()
        report = link.report()
    flows = flows_of(report)
    start = max(min(times) for times in flows.values())
    end = min(max(times) for times in flows.values()) - BUCKET
    active = [
        sum(count for at, count in times.items() if start <= at < end) * 8e-6 / (end - start)
        for times in flows.values()
    ]
    say(f"eight downloads: Jain's index {jain(active):.3f}")
    return {"rates": active, "seconds": seconds, "server_memory": server.peak_rss}


def show_eight(results: dict[str, Any]) -> str:
    rounds = results["rounds"]
    seconds = [each for one in rounds for each in one["seconds"]]
    active = [rate for one in rounds for rate in one["rates"]]
    memory = max(one["server_memory"] for one in rounds)
    rows = [
        ["finished and verified", f"{len(seconds)} of {DOWNLOADS * len(rounds)}"],
        ["Mbit/s each while all are active", f"{min(active):.1f} to {max(active):.1f}"],
        [
            "Jain's index of these (aim: at least 0.9)",
            spread([jain(one["rates"]) for one in rounds], 3),
        ],
        ["seconds until one is done", f"{min(seconds):.1f} to {max(seconds):.1f}"],
        ["server memory, its processes together", f"{memory / 1e6:.0f} MB"],
    ]
    title = f"{DOWNLOADS} downloads of {results['size'] / MEGABYTE:.0f} MB at once, over the link"
    found = f"found in {len(rounds)} rounds"
    return f"#### {title}\n\n{table([title, found], rows)}\n\n{results['machine']}"
