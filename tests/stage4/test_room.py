"""The room with downloads, without sockets and without a file server: who gets what, and when."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from stage4_udp_files.file_service import FileService, GrantedFile, NotGrantedError
from stage4_udp_files.room import DOWNLOADS_LIMIT, Room

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]


class ScriptedClient:
    """A client that keeps what it was sent."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.last_sign_of_life = 0.0
        self.received: list[str] = []

    def send(self, line: bytes) -> None:
        self.received.append(line.removesuffix(b"\n").decode())

    def close(self, why: str) -> None:
        raise AssertionError(f"the room wanted to close a client: {why}")

    def take(self) -> list[str]:
        """What has come since the last look."""
        lines, self.received = self.received, []
        return lines


class ScriptedEngine:
    """An engine whose background work is done at once, or when the test says so."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self.waits = False
        self.waiting: list[Callable[[], None]] = []

    def log(self, text: str) -> None:
        self.logged.append(text)

    def stop(self) -> None:
        raise AssertionError("nobody asked the server to stop")

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)

    def run_in_background(
        self,
        work: Callable[[], Any],
        then: Callable[[Future[Any]], None],
        holds: object = None,  # noqa: ARG002
    ) -> None:
        def do() -> None:
            future: Future[Any] = Future()
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)
            then(future)

        if self.waits:
            self.waiting.append(do)
        else:
            do()


class FakeService:
    """A file server that does nothing but remember its orders."""

    port = 4321

    def __init__(self) -> None:
        self.granted: dict[str, tuple[Path, str]] = {}
        self.cancelled: list[str] = []
        self.refuses = ""
        self.closed = False

    def grant(self, token: str, path: Path, peer: str) -> GrantedFile:
        if self.refuses:
            raise NotGrantedError(self.refuses)
        self.granted[token] = (path, peer)
        return GrantedFile(path.stat().st_size, "version 1")

    def cancel(self, token: str) -> None:
        self.cancelled.append(token)

    def close(self) -> None:
        self.closed = True


class Scene:
    """A room with two files, and two clients in it."""

    def __init__(self, folder: Path) -> None:
        for name in ("library", "uploads", "files"):
            (folder / name).mkdir()
        (folder / "files" / "a.txt").write_text("hello")
        (folder / "files" / "Übung 🎉.bin").write_bytes(bytes(1000))
        self.folder = folder / "files"
        self.engine, self.service = ScriptedEngine(), FakeService()
        folders = (folder / "library", folder / "uploads", self.folder)
        self.room = Room(self.engine, 5.0, folders, cast(FileService, self.service))
        self.ann = self.join("10.0.0.7:50123")
        self.bob = self.join("[2001:db8::1]:50124")

    def join(self, address: str) -> ScriptedClient:
        client = ScriptedClient(address)
        self.room.connected(client)
        client.take()
        return client

    def says(self, client: ScriptedClient, line: str) -> list[str]:
        """What the client is told when it says this."""
        self.room.line_received(client, line.encode())
        return client.take()

    def download(self, client: ScriptedClient, name: str = "a.txt") -> str:
        """A download that must be granted; its token."""
        (answer,) = self.says(client, f"DOWNLOAD:{name}")
        token: str = json.loads(answer.removeprefix("DOWNLOAD_READY:"))["token"]
        return token


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize("request_line", ["FILES:", "FILES"])
def test_the_list(scene: Scene, request_line: str) -> None:
    """Names and sizes, as a JSON array, in the order of the names."""
    (answer,) = scene.says(scene.ann, request_line)
    assert json.loads(answer.removeprefix("FILE_LIST:")) == [
        {"name": "a.txt", "size": 5},
        {"name": "Übung 🎉.bin", "size": 1000},
    ]
    assert scene.bob.take() == []


def test_what_download_ready_says(scene: Scene) -> None:
    """Everything that the client needs, and a secret that the file server was told too."""
    (answer,) = scene.says(scene.ann, "DOWNLOAD:Übung 🎉.bin")
    ready = json.loads(answer.removeprefix("DOWNLOAD_READY:"))
    token = ready.pop("token")
    assert ready == {
        "name": "Übung 🎉.bin",
        "size": 1000,
        "udp_port": 4321,
        "version": "version 1",
    }
    assert scene.service.granted == {token: (scene.folder / "Übung 🎉.bin", "10.0.0.7")}


def test_tokens_are_secrets(scene: Scene) -> None:
    """Every download has a token of its own that nobody can guess, also for the same file."""
    tokens = {scene.download(client) for client in (scene.ann, scene.bob) for _ in range(8)}
    assert len(tokens) == 16
    assert all(len(bytes.fromhex(token)) == 8 for token in tokens)


def test_an_ipv6_client(scene: Scene) -> None:
    """The file server is told the bare address."""
    token = scene.download(scene.bob)
    assert scene.service.granted[token][1] == "2001:db8::1"


@pytest.mark.parametrize("name", ["", "none.txt", "../a.txt", "/etc/passwd", "files", ".", "a|b"])
def test_what_cannot_be_had(scene: Scene, name: str) -> None:
    """The one answer is FILE_ERROR with the name, whatever stands in it."""
    (answer,) = scene.says(scene.ann, f"DOWNLOAD:{name}")
    assert answer.startswith(f"FILE_ERROR:{name.replace('|', '_')}|")
    assert scene.service.granted == {}


def test_a_grant_that_fails(scene: Scene) -> None:
    """What the file server cannot read is refused, and does not count."""
    scene.service.refuses = "Permission denied"
    for _ in range(DOWNLOADS_LIMIT + 1):
        assert scene.says(scene.ann, "DOWNLOAD:a.txt") == ["FILE_ERROR:a.txt|Permission denied"]


def test_eight_at_a_time(scene: Scene) -> None:
    """The ninth is refused until one has ended; another client has eight of its own."""
    tokens = [scene.download(scene.ann) for _ in range(DOWNLOADS_LIMIT)]
    (answer,) = scene.says(scene.ann, "DOWNLOAD:a.txt")
    assert answer.startswith("FILE_ERROR:a.txt|at most 8 downloads")
    scene.download(scene.bob)
    scene.room.file_report({"event": "failed", "token": tokens[0], "why": "no answer"})
    assert scene.ann.take() == ["FILE_ERROR:a.txt|no answer"]
    scene.download(scene.ann)


def test_the_end_of_a_download(scene: Scene) -> None:
    """A finished download is logged with what it has cost; its token is worth nothing then."""
    token = scene.download(scene.ann)
    report = {"bytes": 5, "seconds": 0.25, "packets": 3, "resent": 1}
    scene.room.file_report({"event": "started", "token": token})
    scene.room.file_report({"event": "finished", "token": token, **report})
    assert scene.engine.logged[-1] == (
        "10.0.0.7:50123 has downloaded a.txt: 5 bytes in 0.2 s, 1 of 3 packets sent again"
    )
    assert scene.says(scene.ann, f"CANCEL:{token}")[0].startswith("ERROR:CANCEL: ")


def test_cancel(scene: Scene) -> None:
    """The owner may cancel, once; the file server is told; the answer is FILE_ERROR."""
    token = scene.download(scene.ann)
    assert scene.says(scene.ann, f"CANCEL:{token}") == ["FILE_ERROR:a.txt|cancelled"]
    assert scene.service.cancelled == [token]
    assert scene.says(scene.ann, f"CANCEL:{token}")[0].startswith("ERROR:CANCEL: ")


@pytest.mark.parametrize("token", ["", "00" * 8, "not hexadecimal", "\ufffd"])
def test_cancel_of_nothing(scene: Scene, token: str) -> None:
    """A token that is none is refused."""
    scene.download(scene.ann)
    assert scene.says(scene.ann, f"CANCEL:{token}")[0].startswith("ERROR:CANCEL: ")
    assert scene.service.cancelled == []


def test_cancel_by_a_stranger(scene: Scene) -> None:
    """Someone else's token cancels nothing."""
    token = scene.download(scene.ann)
    assert scene.says(scene.bob, f"CANCEL:{token}")[0].startswith("ERROR:CANCEL: ")
    assert scene.service.cancelled == []


def test_who_leaves_takes_the_downloads_along(scene: Scene) -> None:
    """The end of the connection ends its downloads, and nobody else's."""
    tokens = [scene.download(scene.ann) for _ in range(2)]
    scene.download(scene.bob)
    scene.room.disconnected(scene.ann)
    assert scene.service.cancelled == tokens
    for token in tokens:
        scene.room.file_report({"event": "cancelled", "token": token})
    assert [granted.client for granted in scene.room.granted.values()] == [scene.bob]


def test_who_leaves_as_soon_as_the_file_is_there(scene: Scene) -> None:
    """The client's goodbye overtakes the file server's report, which is logged all the same."""
    scene.says(scene.ann, "NICK:Ann")
    token, other = scene.download(scene.ann), scene.download(scene.ann)
    scene.room.disconnected(scene.ann)
    report = {"bytes": 5, "seconds": 0.25, "packets": 3, "resent": 1}
    scene.room.file_report({"event": "finished", "token": token, **report})
    scene.room.file_report({"event": "failed", "token": other, "why": "no answer"})
    assert scene.engine.logged[-1].startswith("Ann has downloaded a.txt: 5 bytes")
    assert scene.room.granted == {}
    assert scene.ann.take() == []


def test_who_leaves_before_the_answer(scene: Scene) -> None:
    """A grant whose owner has gone in the meantime is taken back."""
    scene.engine.waits = True
    scene.room.line_received(scene.ann, b"DOWNLOAD:a.txt")
    scene.room.disconnected(scene.ann)
    (job,) = scene.engine.waiting
    job()
    assert scene.service.cancelled == list(scene.service.granted)
    assert scene.ann.take() == []


def test_reports_of_what_has_ended(scene: Scene) -> None:
    """A report that crosses a CANCEL is about nothing any more."""
    token = scene.download(scene.ann)
    scene.says(scene.ann, f"CANCEL:{token}")
    scene.room.file_report({"event": "failed", "token": token, "why": "no answer"})
    report = {"bytes": 5, "seconds": 0.25, "packets": 3, "resent": 1}
    scene.room.file_report({"event": "finished", "token": token, **report})
    assert scene.ann.take() == []


def test_the_end_of_the_file_server(scene: Scene) -> None:
    """Should it die, everyone who waits for a file is told, and the operator."""
    for client in (scene.ann, scene.bob):
        scene.download(client)
    scene.room.file_report({"event": "ended"})
    for client in (scene.ann, scene.bob):
        assert client.take() == ["FILE_ERROR:a.txt|the file server has ended"]
    assert "the file server has ended: there are no downloads any more" in scene.engine.logged


def test_the_operator_lists_files(scene: Scene) -> None:
    """`files` shows what there is; with an argument it is text for everyone."""
    scene.room.operator_line("files")
    assert scene.engine.logged[2:] == ["2 files", "  a.txt (5 bytes)", "  Übung 🎉.bin (1.0 KB)"]
    scene.room.operator_line("files are here now")
    assert scene.ann.take() == ["MESSAGE:Server | files are here now"]


def test_closing(scene: Scene) -> None:
    """The file server ends with the chat."""
    scene.room.closing()
    assert scene.service.closed
