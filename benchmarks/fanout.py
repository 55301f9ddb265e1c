"""Chat fan-out: how many messages a server delivers, and how soon, beside other chat servers.

The server runs on one processor, the load on another. Runs are short and interleaved: each round
visits every server, so what disturbs the machine for a while disturbs all of them; medians count.
"""

import argparse
import contextlib
import os
import resource
import shlex
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the project
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.chat_load import Crowd
from benchmarks.chat_servers import HOST, LOOP, SERVERS, ChatServer
from benchmarks.fanout_report import Cell, Report
from benchmarks.measure import (
    BenchmarkError,
    Process,
    interruptible,
    percentile,
    write_results,
    write_section,
)

SIZES = (10, 100, 800)  # clients in the room
SENDERS = 10
IN_FLIGHT = 64  # messages of one sender that not everybody has yet
WARM_UP = 0.5  # seconds
SPARE_DESCRIPTORS = 200  # of the hard limit, for all that is no client


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, for how long; and which processors the server and the load run on."""

    servers: Sequence[ChatServer]
    rounds: int
    seconds: float
    many: int  # clients of the large room
    idle_seconds: float
    server_cpu: int
    load_cpu: int


@dataclass(slots=True)
class Failures:
    """What could not be measured: said once, and skipped from then on."""

    skipped: set[tuple[str, int]] = field(default_factory=set)

    def note(self, server: ChatServer, size: int, error: Exception) -> None:
        """Remember that this server fails with so many clients."""
        self.skipped.add((server.name, size))
        print(f"{server.title} with {size} clients: {error}", flush=True)


@contextlib.contextmanager
def room(server: ChatServer, plan: Plan, size: int) -> Iterator[tuple[Process, Crowd, int]]:
    """A fresh server with a crowd in it; yields its process, the crowd and the port."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server.running(Path(folder), plan.server_cpu) as (process, port),
        Crowd(server, port, size) as crowd,
    ):
        yield process, crowd, port


def measure_rooms(plan: Plan, report: Report) -> None:
    """Deliveries a second and latency, for every server and size, round after round."""
    failures = Failures()
    for number in range(plan.rounds):
        for size in SIZES:
            for server in plan.servers:
                if (server.name, size) in failures.skipped:
                    continue
                try:
                    cell = measure_room(server, plan, size)
                except (BenchmarkError, OSError) as error:  # OSError: it hung up on the load
                    failures.note(server, size, error)
                else:
                    report.add(server.name, size, cell)
                    print(f"round {number + 1}, {server.name}, {size}: {cell}", flush=True)


def measure_room(server: ChatServer, plan: Plan, size: int) -> Cell:
    """First one message at a time, from everybody in turn; then ten who send without a pause."""
    with room(server, plan, size) as (process, crowd, _):
        latencies = crowd.latencies(plan.seconds)
        crowd.flood(WARM_UP, SENDERS, IN_FLIGHT)
        cpu = process.cpu_seconds()
        flood = crowd.flood(plan.seconds, SENDERS, IN_FLIGHT)
        return Cell(
            per_second=flood.per_second,
            named_share=flood.named / flood.deliveries,
            p50=percentile(latencies, 50),
            p99=percentile(latencies, 99),
            server_cpu=(process.cpu_seconds() - cpu) / flood.seconds,
            load_cpu=flood.load_cpu,
        )


def measure_never_reading(server: ChatServer, plan: Plan, report: Report) -> None:
    """The same room of 100 without and with one more client, who never reads a byte."""
    for number in range(plan.rounds):
        with room(server, plan, 100) as (_, crowd, port):
            crowd.flood(WARM_UP, SENDERS, IN_FLIGHT)
            before = crowd.flood(plan.seconds, SENDERS, IN_FLIGHT)
            with socket.create_connection((HOST, port)):
                beside = crowd.flood(plan.seconds, SENDERS, IN_FLIGHT)
            after = crowd.flood(plan.seconds, SENDERS, IN_FLIGHT)
        without = (before.per_second + after.per_second) / 2
        report.never_reading.append(beside.per_second / without)
        print(f"round {number + 1}, one never reads: {report.never_reading[-1]:.3f}", flush=True)


def measure_many(server: ChatServer, plan: Plan, report: Report) -> None:
    """Thousands connected at once: a broadcast to all of them, memory, and the cost of pings."""
    with room(server, plan, plan.many) as (process, crowd, _):
        latencies = crowd.latencies(plan.seconds)
        crowd.answer_pings(plan.idle_seconds / 3)  # what a room costs in its daily round
        cpu = process.cpu_seconds()
        pings = crowd.answer_pings(plan.idle_seconds)
        report.many = {
            "clients": plan.many,
            "broadcast_p50_ms": percentile(latencies, 50) * 1000,
            "idle_cpu": (process.cpu_seconds() - cpu) / plan.idle_seconds,
            "pings_answered": pings,
            "rss_mb": process.memory() / 1e6,
            "peak_rss_mb": process.sample() / 1e6,
        }
    print(f"{plan.many} clients: {report.many}", flush=True)


def make_plan(arguments: argparse.Namespace) -> Plan:
    """Turn the command line into a plan; says which servers are missing here."""
    available = []
    for server in SERVERS.values():
        if missing := server.missing():
            print(f"without {server.title}: {missing}")
        elif not arguments.only or server.name in arguments.only:
            available.append(server)
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        raise BenchmarkError("needs two processors: one for the server, one for the load")
    quick = arguments.quick
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return Plan(
        servers=available,
        rounds=1 if quick else arguments.rounds,
        seconds=1.0 if quick else arguments.seconds,
        many=min(1_000 if quick else 10_000, descriptors - SPARE_DESCRIPTORS),
        idle_seconds=6.0 if quick else 15.0,
        server_cpu=processors[0],
        load_cpu=processors[1],
    )


@contextlib.contextmanager
def load_processor(cpu: int) -> Iterator[None]:
    """Run on this processor alone, with as many descriptors as the system allows."""
    before = os.sched_getaffinity(0)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.sched_setaffinity(0, {cpu})
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument(
        "--only", nargs="+", choices=SERVERS, metavar="NAME", help=", ".join(SERVERS)
    )
    parser.add_argument("--no-write", action="store_true", help="leave README.md and results alone")
    return parser.parse_args()


def main() -> int:
    """Measure, and write the table and the figures."""
    arguments = parse_arguments()
    with interruptible():
        plan = make_plan(arguments)
        report = Report(SIZES, SENDERS, IN_FLIGHT, shlex.join(["python", *sys.orig_argv[1:]]))
        with load_processor(plan.load_cpu):
            measure_rooms(plan, report)
            if LOOP in plan.servers:
                measure_never_reading(LOOP, plan, report)
                measure_many(LOOP, plan, report)
        text = report.text()
        print(text)
        if not arguments.quick and not arguments.no_write:
            write_section("fanout", text)
            print(write_results("fanout", report.results()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
