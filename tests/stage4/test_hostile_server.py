"""A server that chooses names, sizes and everything else, against the client program."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stage4_udp_files.get import GetFace
from stage4_udp_files.running_download import DownloadOptions
from stage4_udp_files.session import Session
from tests.stage3.pictures import png
from tests.stage4.harness import FileServer, RunningDownload
from tests.support.console import console_line
from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartProgram
from tests.support.processes import Deadline, Program

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]

READY = {"name": "a.bin", "size": 5, "token": "00" * 8, "udp_port": 9, "version": "1"}
Scene = tuple[Program, Conversation, Path]


@pytest.fixture
def scene(
    stage: int, fake_server: FakeServer, start_client: StartProgram, tmp_path: Path
) -> Iterator[Scene]:
    """The console client at a server played by the test, and the folder above its downloads."""
    assert stage
    folder = tmp_path / "user"
    folders = ("--downloads", str(folder / "downloads"), "--received", str(folder / "images"))
    client = start_client(fake_server, *folders)
    side = fake_server.accept()
    side.expect_line("FILES:")
    side.send_line('FILE_LIST:[{"name": "a.bin", "size": 5}]')
    side.expect_line("REQUEST_LIST:")
    side.expect_line("ONLINE:")
    side.send_line("ONLINE_LIST:[]")
    yield client, side, folder
    assert client.process.poll() is None, "the client has ended"


def asks_for(client: Program, side: Conversation, name: str = "a.bin") -> None:
    client.type(f"/download {name}\n")
    side.expect_line(f"DOWNLOAD:{name}")


def still_talks(client: Program, side: Conversation) -> None:
    """The client is not impressed."""
    client.type("still here\n")
    side.expect_line("CLIENT:still here")
    side.send_line("MESSAGE:Bob | so am I")
    client.expect_output(console_line("Bob", "so am I"))


CHANGES: list[dict[str, Any]] = [
    *({"size": -1}, {"size": "x"}, {"size": float("inf")}, {"size": None}, {"size": []}),
    *({"size": 2**63}, {"size": 10**4000}, {"token": "00 " * 8}),
    *({"udp_port": 0}, {"udp_port": 65_536}, {"udp_port": -1}, {"udp_port": {}}),
    *({"token": ""}, {"token": "zz" * 8}, {"token": "00" * 7}, {"token": 5}, {"token": None}),
]
NONSENSE = [
    *("", "null", "[]", "5", '"text"', "{}", "{", "[" * 100_000, '{"size": 1e999}'),
    *(json.dumps(READY | change) for change in CHANGES),
]


def test_answers_that_make_no_sense(scene: Scene) -> None:
    """A DOWNLOAD_READY that is none ends the request with a word, each time."""
    client, side, folder = scene
    for answer in NONSENSE:
        asks_for(client, side)
        side.send_line(f"DOWNLOAD_READY:{answer}")
        client.expect_output(r"Error: a\.bin: not downloaded: the server's answer makes no sense")
        client.mark()
    still_talks(client, side)
    assert list((folder / "downloads").iterdir()) == []


NO_LISTS = [
    *("null", "{}", '"x"', "[" * 100_000, "[1, null, [], {}]", '[{"name": 5, "size": 5}]'),
    *('[{"name": "x"}]', '[{"name": "x", "size": "5"}]', '[{"name": "x", "size": -1}]'),
    *('[{"name": "x", "size": 1e999}]', f'[{{"name": "x", "size": 1{"0" * 400}}}]'),
    '[{"name": "x", "size": true}]',
]


def test_lists_that_make_no_sense(scene: Scene) -> None:
    """What is no file is left out."""
    client, side, _ = scene
    for files in NO_LISTS:
        client.type("/files\n")
        side.expect_line("FILES:")
        side.send_line(f"FILE_LIST:{files}")
        client.expect_output(console_line("System", "no files"))
        client.mark()
    still_talks(client, side)


def test_names_in_a_list(scene: Scene) -> None:
    """Control characters never reach the terminal, and no unsafe name is asked for."""
    client, side, _ = scene
    names = ["../../evil", "\x1b[2Jclear.txt", "\u202egpj.exe", "CON"]
    client.type("/files\n")
    side.expect_line("FILES:")
    side.send_line("FILE_LIST:" + json.dumps([{"name": name, "size": 5} for name in names]))
    client.expect_output(r"CON \(5 bytes\)")
    assert "\x1b[2J" not in client.printed()
    for name in names:
        client.type(f"/download {name}\n")
        client.expect_output(r"not downloaded: not a plain file name(?s:.*)\Z")
        client.mark()
    still_talks(client, side)


@pytest.fixture
def evil_files() -> Iterator[FileServer]:
    server = FileServer()
    yield server
    server.close()


def test_the_server_chooses_the_name(
    scene: Scene, evil_files: FileServer, make_file: Callable[..., Path]
) -> None:
    """Whatever DOWNLOAD_READY calls the file: it gets the name that the user asked for."""
    client, side, folder = scene
    file = make_file(5000)
    for name in ("../../evil", "/tmp/evil", "..\\evil", "CON", "evil\0.txt", "", None):
        grant = evil_files.grant(file)
        asks_for(client, side)
        ready = {"name": name, "size": 5000, "token": grant.token, "udp_port": grant.port}
        side.send_line("DOWNLOAD_READY:" + json.dumps(ready | {"version": "../../\n\x1b[2J"}))
        client.expect_output(r"file saved: .*a\.bin ")
        client.mark()
        saved = folder / "downloads" / "a.bin"
        assert saved.read_bytes() == file.read_bytes()
        saved.unlink()
        assert sorted(path.name for path in folder.rglob("*")) == ["downloads", "images"]


def test_a_part_that_was_spoilt(
    scene: Scene, evil_files: FileServer, make_file: Callable[..., Path]
) -> None:
    """What lies here as the beginning is not that of the file: the client asks once more."""
    client, side, folder = scene
    file = make_file(50_000)
    host, port = side.socket.getsockname()
    origin = {"server": f"{host}:{port}", "name": "a.bin", "version": "1"}
    (folder / "downloads" / "a.bin.part").write_bytes(bytes(20_000))
    (folder / "downloads" / ".a.bin.part.json").write_text(json.dumps(origin))
    client.type("/download a.bin\n")
    for _ in range(2):
        grant = evil_files.grant(file)
        side.expect_line("DOWNLOAD:a.bin")
        ready = {"size": 50_000, "token": grant.token, "udp_port": grant.port}
        side.send_line("DOWNLOAD_READY:" + json.dumps(READY | ready))
    client.expect_output(r"file saved: .*a\.bin ")
    assert (folder / "downloads" / "a.bin").read_bytes() == file.read_bytes()
    still_talks(client, side)


@pytest.mark.slow
@pytest.mark.parametrize("promised", [20_000, 80_000])
def test_a_wrong_size(
    evil_files: FileServer, make_file: Callable[..., Path], downloads: Path, promised: int
) -> None:
    """A file that is longer or shorter than promised ends in a bounded time, without its name."""
    grant = replace(evil_files.grant(make_file(50_000)), size=promised)
    assert RunningDownload(grant, downloads).wait().error is not None
    assert not (downloads / "file.bin").exists()


def test_answers_that_nobody_asked_for(scene: Scene) -> None:
    """They change nothing, and later answers still belong to their requests."""
    client, side, _ = scene
    side.send_line("DOWNLOAD_READY:" + json.dumps(READY))
    for line in ("FILE_ERROR:a.bin|boo", "ERROR:CANCEL: boo", "ERROR:DOWNLOAD: boo", "FILE_ERROR:"):
        side.send_line(line)
    still_talks(client, side)
    asks_for(client, side)
    side.send_line("FILE_ERROR:a.bin|\x1b[2Jnot \u202etoday")
    client.expect_output(r"Error: a\.bin: not downloaded: \ufffd\[2Jnot \ufffdtoday")


def test_answers_after_a_lost_connection(
    fake_server: FakeServer, start_client: StartProgram, stage: int, tmp_path: Path
) -> None:
    """`--get` at a server that hangs up: told at once, exit code 1."""
    assert stage
    folder = str(tmp_path / "downloads")
    client = start_client(fake_server, "--downloads", folder, "--get", "a.bin", "b.bin")
    side = fake_server.accept()
    side.expect_line("FILES:")
    side.send_line("FILE_LIST:[]")
    side.wait_for("DOWNLOAD:b.bin", lambda line: line == "DOWNLOAD:b.bin")
    side.close()
    assert client.expect_exit() == 1
    assert "connection" in client.complaints()
    assert list(Path(folder).iterdir()) == []


def test_an_image_for_one_who_came_for_a_file(tmp_path: Path) -> None:
    """`--get` saves what was asked for, and nothing that a server or its operator sends besides."""
    images, sessions = tmp_path / "images", []

    def make_session(put_event: Callable[[Any], None]) -> Session:
        sessions.append(Session(put_event, "", images, DownloadOptions(tmp_path)))
        return sessions[0]

    GetFace(["a.bin"], make_session)
    session, later = sessions[0], threading.Event()
    session.received_server_image(b"a.png|" + base64.b64encode(png()))
    session._in_background(later.set)  # one after the other: then the image would be saved
    assert later.wait(Deadline.default)
    session.workshop.close()
    assert not images.exists()
