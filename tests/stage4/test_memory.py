"""How much memory a download takes, on both sides: a window of packets, not the file."""

import re
from pathlib import Path

import pytest

from tests.stage4.wire import files_of
from tests.support.fixtures import StartProgram, StartServer
from tests.support.processes import Program

pytestmark = [
    pytest.mark.stage(4, until=4),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc"),
    pytest.mark.hint(
        "A file may be larger than the memory. Read each packet's bytes from the file when the "
        "packet leaves, and write what has come in order at once; only what came too early waits, "
        "and at most a window of it.",
        docs="stage4#a-whole-file-in-the-end",
    ),
]

MIB = 1024 * 1024
FILE_SIZE = 96 * MIB
ALLOWED = 48 * MIB


@pytest.mark.points(2)
def test_a_large_file_takes_little_memory(
    start: StartServer, start_client: StartProgram, tmp_path: Path
) -> None:
    """A file of 96 MiB passes; neither server nor client grows by even half of that."""
    server = start()
    with (files_of(server) / "large.bin").open("wb") as large:
        large.truncate(FILE_SIZE)
    folders = ("--downloads", str(tmp_path / "here"), "--received", str(tmp_path / "images"))
    client = start_client(server, *folders)
    client.type("/files\n")
    client.expect_output(r"large\.bin")
    before = {program: peak_memory(program) for program in (server, client)}
    client.type("/download large.bin\n")
    client.expect_output(r"file saved: .*large\.bin")
    assert (tmp_path / "here" / "large.bin").stat().st_size == FILE_SIZE
    for program, peak in before.items():
        grown = peak_memory(program) - peak
        assert grown < ALLOWED, f"the {program.name} has grown by {grown / MIB:.0f} MiB"


def peak_memory(program: Program) -> int:
    """The most bytes that a program and those that it has started have ever used, summed up."""
    parents = {int(process.name): parent_of(process) for process in Path("/proc").glob("[0-9]*")}
    family = {program.process.pid}
    while grown := {process for process, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(peak_of(process) for process in family)


def parent_of(process: Path) -> int:
    fields = text_of(process / "stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def peak_of(process: int) -> int:
    match = re.search(r"VmHWM:\s+(\d+) kB", text_of(Path(f"/proc/{process}/status")))
    return int(match[1]) * 1024 if match else 0


def text_of(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # the process has just ended
        return ""
