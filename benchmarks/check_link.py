"""Is the emulated link what it says? Round trip by ICMP echo, rate and queue by TCP, loss by count.

    sudo python benchmarks/check_link.py [--quick]

Writes the link's section of README.md, so that every figure taken over it can be judged.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the package
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.link import SERVER_ADDRESS, Conditions, Link
from benchmarks.measure import (
    BenchmarkError,
    Process,
    interruptible,
    machine,
    percentile,
    spread,
    table,
    write_results,
    write_section,
)

TCP_FILE = str(Path(__file__).with_name("tcp_file.py"))
PORT = 9000
PING = """
import json, os, socket, struct, sys, time
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
sock.settimeout(1)
times = []
for number in range(int(sys.argv[2])):
    body = struct.pack("!HH56x", 7, number)
    started = time.perf_counter()
    head = struct.pack("!BBH", 8, 0, checksum(b"\\x08\\0\\0\\0" + body))
    sock.sendto(head + body, (sys.argv[1], 0))
    while True:
        try:
            answer = sock.recv(200)
        except TimeoutError:
            break
        if answer[20] == 0 and answer[26:28] == body[2:4]:
            times.append((time.perf_counter() - started) * 1000)
            break
    time.sleep(0.01)
print(json.dumps(times))
"""
BLAST = """
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[2])):
    sock.sendto(bytes(972), (sys.argv[1], 9))
    if number % 10 == 9:
        time.sleep(0.002)
"""


def ping(link: Link, count: int) -> list[float]:
    """Round trips in milliseconds, from the client's computer to the server's."""
    command = [sys.executable, "-c", PING, SERVER_ADDRESS, str(count)]
    with Process(command, prefix=link.client) as process:
        process.must_succeed(60)
        times: list[float] = json.loads(process.lines[-1])
        return times


def flood(link: Link, congestion: str, seconds: float) -> tuple[float, float, float]:
    """Mbit/s of payload, CPU share of the link, longest wait in its queue in ms."""
    serve = [sys.executable, TCP_FILE, "serve", str(PORT), "--host", SERVER_ADDRESS]
    take = [sys.executable, TCP_FILE, "flood", SERVER_ADDRESS, str(PORT), str(seconds)]
    with Process([*serve, "--congestion", congestion], prefix=link.server) as server:
        server.wait_for_line("Listening")
        before = link.cpu_seconds()
        with Process(take, prefix=link.client) as client:
            client.must_succeed(seconds + 20)
            result = json.loads(client.lines[-1])
        cpu = (link.cpu_seconds() - before) / result["seconds"]
    longest = max(entry[2] for entry in link.report()["down"]["queue_delay"])
    return result["bytes"] * 8e-6 / result["seconds"], cpu, longest * 1000


def lost_percent(link: Link, count: int) -> float:
    """Send numbered datagrams that nobody waits for and see how many the link lost."""
    command = [sys.executable, "-c", BLAST, SERVER_ADDRESS, str(count)]
    before = link.report()["up"]
    with Process(command, prefix=link.client) as process:
        process.must_succeed(60)
    after = link.report()["up"]
    sent: int = after["packets"] - before["packets"]
    lost: int = after["lost"] - before["lost"]
    return 100 * lost / sent


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, rougher figures")
    quick = parser.parse_args().quick
    seconds, pings, datagrams = (2.0, 20, 2_000) if quick else (8.0, 200, 20_000)
    rows: list[list[object]] = []
    with interruptible():
        with Link(Conditions()) as link:
            times = ping(link, pings)
            if len(times) < pings:
                raise BenchmarkError("the link lost echoes without being asked to")
            rows.append(["round trip, idle", "40 ms", f"{spread(times, 2)} ms"])
            rows.append(["… 99th percentile", "40 ms", f"{percentile(times, 99):.2f} ms"])
        for congestion in ("cubic", "bbr"):
            with Link(Conditions()) as link:
                rate, cpu, longest = flood(link, congestion, seconds)
            rows.append([f"TCP {congestion}, payload", "≤ 96.5 Mbit/s", f"{rate:.1f} Mbit/s"])
            rows.append(["… longest wait in the queue", "≤ 40 ms", f"{longest:.1f} ms"])
            rows.append(["… the link's own CPU", "-", f"{100 * cpu:.0f} % of one core"])
        for loss in (1.0, 5.0):
            with Link(Conditions(loss=loss, seed=3)) as link:
                measured = lost_percent(link, datagrams)
            rows.append([f"loss over {datagrams} datagrams", f"{loss:.0f} %", f"{measured:.2f} %"])
        text = table(
            ["The emulated link: 100 Mbit/s, 20 ms each way, 500 KB", "set", "found"], rows
        )
        print(text)
        if not quick:
            write_section("link", f"### The link\n`check_link.py`. {machine()}\n\n{text}")
            write_results("link", {"rows": rows, "round_trips_ms": statistics.fmean(times)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
