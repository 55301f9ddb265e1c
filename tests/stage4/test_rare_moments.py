"""Moments that nobody can bring about at will: one side ends just when the other says something."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stage4_udp_files import downloads as module
from stage4_udp_files.downloads import Downloads
from stage4_udp_files.events import DownloadFailed
from stage4_udp_files.file_service import PROGRAM
from stage4_udp_files.running_download import DownloadOptions
from tests.support.processes import Deadline

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

READY = json.dumps(
    {"name": "a.bin", "size": 1, "token": "00112233" * 2, "udp_port": 9, "version": "1"}
)


class Client:
    """The downloads of a client, and what happens to it, in order."""

    def __init__(self, folder: Path) -> None:
        self.happened: list[Any] = []
        self.downloads = Downloads(DownloadOptions(folder), self.send, self.happened.append)

    def send(self, text: str) -> bool:
        self.happened.append(text)
        return True

    def leave(self) -> None:
        self.downloads.finish(lambda: self.happened.append("left"))


def test_leaving_at_the_moment_of_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the server's answer and the download's start, the client still waits for it."""
    client = Client(tmp_path)

    class Starting:
        def __init__(self, *_: Any) -> None:
            client.leave()

        def start(self) -> None:
            client.happened.append("started")

    monkeypatch.setattr(module, "RunningDownload", Starting)
    client.downloads.request("a.bin")
    client.downloads.ready(READY)
    assert client.happened == ["DOWNLOAD:a.bin", "started"]


def test_losing_the_server_at_the_moment_of_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download whose server is lost before it starts has failed, and is not started."""
    client = Client(tmp_path)

    class Starting:
        def __init__(self, *_: Any) -> None:
            client.downloads.connection_lost()

        def start(self) -> None:
            client.happened.append("started")

    monkeypatch.setattr(module, "RunningDownload", Starting)
    client.downloads.request("a.bin")
    client.downloads.ready(READY)
    assert client.happened == [
        "DOWNLOAD:a.bin",
        DownloadFailed("a.bin", "the connection to the server is lost"),
    ]


def test_the_chat_server_is_gone_before_the_file_server_answers() -> None:
    """With nobody left to report to, the file server ends quietly."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), "--port", "0"], stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert b"listening" in process.stdout.readline()
        process.stdout.close()
        order = {"do": "grant", "token": "00" * 8, "path": "/no such file", "peer": "127.0.0.1"}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
        assert process.wait(Deadline.default) == 0
        assert process.stderr.read() == b""
