"""Downloads recorded for the packet player: file server, bad network and download are all real.

A recording is written as a script, because a page that was opened from the disk may load scripts
but no other files. It differs from run to run as networks do, so it is not compared with a new one;
a test checks that a new one has the same events with the same fields.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_tools.stages import PROJECT
from stage4_udp_files.download import Download, Grant
from stage4_udp_files.trace import TraceFile

TRACES = PROJECT / "docs" / "assets" / "traces"
PACKET = 1400  # bytes of the file in one packet
TOKEN = "0123456789abcdef"
GOES_ON_ANSWERING = 1.5  # seconds; a repeated FIN is answered for a while after the end


@dataclass(frozen=True, slots=True)
class Scenario:
    """One recording: what is downloaded how, over which network."""

    name: str
    title: str
    about: str
    congestion: str
    packets: int
    link: Sequence[str]


SCENARIOS = [
    Scenario(
        "stop_and_wait",
        "Stop-and-wait, 10 % loss",
        "One packet, one answer, and so on. Round trip 40 ms. Most of the time nothing happens; "
        "each loss costs a whole timeout.",
        "fixed:1",
        30,
        ["--loss", "10", "--delay", "20", "--seed", "3"],
    ),
    Scenario(
        "window_16",
        "Window of 16, 5 % loss",
        "Up to 16 packets are under way at once. Round trip 40 ms. A gap is seen from later "
        "answers, and mended without a timeout.",
        "fixed:16",
        160,
        ["--loss", "5", "--delay", "20", "--seed", "3"],
    ),
    Scenario(
        "reno",
        "Reno, a line of 5 Mbit/s, 1 % loss",
        "The window grows until something is lost, then halves: Reno takes every loss for a full "
        "line.",
        "reno",
        260,
        ["--loss", "1", "--delay", "20", "--rate", "5", "--seed", "5"],
    ),
    Scenario(
        "rate",
        "The default, a line of 5 Mbit/s, 5 % loss",
        "The default measures how fast packets arrive and sends at that speed; a loss alone does "
        "not slow it down.",
        "rate",
        260,
        ["--loss", "5", "--delay", "20", "--rate", "5", "--seed", "5"],
    ),
]


@contextmanager
def program(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A program of stage 4. At the end its input is closed, which ends the file server properly."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
            process.terminate()


def first_line(process: "subprocess.Popen[str]") -> str:
    """The first line that a program prints."""
    assert process.stdout is not None
    return process.stdout.readline()


def record(scenario: Scenario, folder: Path) -> list[str]:
    """Download a file; the JSON lines of both sides."""
    source = folder / "lecture.bin"
    source.write_bytes(random.Random(1).randbytes(scenario.packets * PACKET))
    server_trace, client_trace = folder / "server.jsonl", folder / "client.jsonl"
    with ExitStack() as stack:
        server = stack.enter_context(
            program("stage4_udp_files.file_server", "--port", "0", "--trace", str(server_trace))
        )
        port = json.loads(first_line(server))["port"]
        link = stack.enter_context(
            program(
                *("stage4_udp_files.lossy_link", "--listen", "0", "--to", str(port)),
                *scenario.link,
            )
        )
        link_port = int(first_line(link).partition(",")[0].rpartition(":")[2])
        download(scenario, grant(server, source, link_port), folder, client_trace)
    events = [*read_events(server_trace), *read_events(client_trace)]
    events.sort(key=lambda event: event["time"])
    start = events[0]["time"]
    for event in events:
        event["time"] = round(event["time"] - start, 6)
        del event["download"]  # there is only this one
    return [json.dumps(event) for event in events]


def grant(server: "subprocess.Popen[str]", source: Path, port: int) -> Grant:
    """Have the server grant the download of a file."""
    assert server.stdin is not None
    order = {"do": "grant", "token": TOKEN, "path": str(source), "peer": "127.0.0.1"}
    print(json.dumps(order), file=server.stdin, flush=True)
    granted = json.loads(first_line(server))
    return Grant(
        host="127.0.0.1",
        port=port,
        token=TOKEN,
        name=source.name,
        size=granted["size"],
        version=granted["version"],
        server="recording",
    )


def download(scenario: Scenario, grant: Grant, folder: Path, trace_file: Path) -> None:
    """Fetch it."""
    downloads = folder / "downloads"
    downloads.mkdir()
    trace = TraceFile(trace_file)
    Download(grant, downloads, congestion=scenario.congestion, trace=trace).run()
    time.sleep(GOES_ON_ANSWERING)
    trace.close()


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events in the whole lines of a file that may still be written to."""
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def script(scenario: Scenario, lines: Sequence[str]) -> str:
    """The recording as a script that adds it to the player's list."""
    recording = {"title": scenario.title, "about": scenario.about, "texts": ["\n".join(lines)]}
    content = json.dumps(recording, ensure_ascii=False)
    return f"(window.packetTraces = window.packetTraces || []).push({content});\n"
