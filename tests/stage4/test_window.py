"""Downloads in the window, driven as a user drives it, under a screen of the tests' own."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stage4_udp_files.console import statistics
from stage4_udp_files.download_bar import DownloadBar, finished_facts
from stage4_udp_files.events import DownloadFinished
from stage4_udp_files.running_download import DownloadOptions
from stage4_udp_files.session import Session
from stage4_udp_files.window import ChatWindow
from tests.stage4.harness import lossy_link
from tests.stage4.wire import files_of, size_of
from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.fixtures import StartServer
from tests.support.ports import quiet_port
from tests.support.server import Server
from tests.support.windows import Screen, press, text_of

pytestmark = [pytest.mark.stage(4), pytest.mark.window, pytest.mark.insides]

CONTENT = os.urandom(3_000_000)
OpenWindow = Callable[..., ChatWindow]


@pytest.fixture
def open_window(screen: Screen, tmp_path: Path, downloads: Path) -> OpenWindow:
    """Open a window that has joined; `port` is that of a link in the way of its downloads."""

    def open_one(server: Server | FakeServer, port: int | None = None) -> ChatWindow:
        options = DownloadOptions(downloads, port)
        window = ChatWindow(
            lambda put_event: Session(put_event, "the command", tmp_path / "images", options)
        )
        return screen.show(window, server.host, server.port, "Ann")

    return open_one


@pytest.fixture
def files(server: Server) -> Iterator[Path]:
    """The server's files."""
    folder = files_of(server)
    (folder / "large.bin").write_bytes(CONTENT)
    (folder / "notes.txt").write_bytes(b"some notes\n")
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture
def window(
    screen: Screen, server: Server, files: Path, open_window: OpenWindow
) -> Iterator[ChatWindow]:
    """A window at the server, whose downloads take a second or two."""
    assert files
    with lossy_link(server.port, "--rate", "15") as port:
        window = open_window(server, port)
        screen.until(lambda: window.online_list.names == ("Ann",))
        yield window
        window.session.downloads.cancel_all()


def bar_of(screen: Screen, window: ChatWindow, name: str = "large.bin") -> DownloadBar:
    """The bar of a download, once it is there."""
    screen.until(lambda: name in window.downloads.bars)
    return window.downloads.bars[name]


def value_of(bar: DownloadBar) -> float:
    return float(bar.progress_bar["value"])


def offers(bar: DownloadBar) -> str:
    return str(bar.action_button["text"])


def under_way(screen: Screen, window: ChatWindow) -> DownloadBar:
    """Download the large file, until a part of it has come."""
    window.session.download("large.bin")
    bar = bar_of(screen, window)
    screen.until(lambda: value_of(bar) > 0.1)
    return bar


def test_the_files_list(screen: Screen, window: ChatWindow, files: Path) -> None:
    """Files with their sizes; what is new there comes with Refresh; Escape closes the list."""
    window.files_button.invoke()
    browser = window.file_browser
    assert browser is not None
    screen.until(lambda: browser.files)
    rows = browser.rows
    shown = [(rows.item(row, "text").strip(), rows.set(row, "size").strip()) for row in ("0", "1")]
    assert shown == [("large.bin", "3.0 MB"), ("notes.txt", "11 bytes")]
    assert browser.heading["text"] == "2 files on the server, 3.0 MB"
    (files / "new.txt").write_bytes(b"")
    browser.refresh_button.invoke()
    screen.until(lambda: len(browser.files) == 3)
    press(browser, "<Escape>")
    assert window.file_browser is None


def test_a_double_click_downloads(screen: Screen, window: ChatWindow, downloads: Path) -> None:
    """A double click on a file, or Download for all that are selected."""
    window.browse_files()
    browser = window.file_browser
    assert browser is not None
    screen.until(lambda: browser.files)
    screen.until(browser.rows.winfo_viewable)
    browser.rows.update()
    box = browser.rows.bbox("1")
    assert isinstance(box, tuple)
    for event in ("<ButtonPress-1>", "<ButtonRelease-1>") * 2:
        browser.rows.event_generate(event, x=box[0] + 5, y=box[1] + 5)
    bar = bar_of(screen, window, "notes.txt")
    screen.until(lambda: offers(bar) == "Open Folder")
    browser.rows.selection_set("0", "1")
    browser.download_button.invoke()
    bar_of(screen, window, "large.bin")
    screen.until(lambda: (downloads / "notes (2).txt").exists())


def test_the_bar_moves(screen: Screen, window: ChatWindow, downloads: Path) -> None:
    """Bytes, speed, time left and retransmissions; at the end the file is here, verified."""
    bar = under_way(screen, window)
    assert offers(bar) == "Cancel"
    for words in (" of 3.0 MB", "B/s", " s left", "sent again"):
        assert words in bar.facts
    first = value_of(bar)
    screen.until(lambda: value_of(bar) > first)
    screen.until(lambda: offers(bar) == "Open Folder")
    assert value_of(bar) == 1.0
    assert "verified" in bar.facts
    assert (downloads / "large.bin").read_bytes() == CONTENT
    screen.until_shown(window, f"large.bin is here, verified: {downloads / 'large.bin'}")


def test_several_at_once(screen: Screen, window: ChatWindow, downloads: Path) -> None:
    """A small file does not wait for a large one; hidden bars leave their place to others."""
    bar = under_way(screen, window)
    window.session.download("notes.txt")
    small = bar_of(screen, window, "notes.txt")
    screen.until(lambda: offers(small) == "Open Folder")
    assert offers(bar) == "Cancel"
    assert list(window.downloads.bars) == ["large.bin", "notes.txt"]
    small.hide_button.invoke()
    assert list(window.downloads.bars) == ["large.bin"]
    screen.until(lambda: offers(bar) == "Open Folder")
    bar.hide_button.invoke()
    window.root.update()
    assert not window.downloads.winfo_ismapped()
    assert (downloads / "large.bin").exists()


def test_cancel_and_continue(screen: Screen, window: ChatWindow, downloads: Path) -> None:
    """Cancel keeps what has come; Continue is one click, and goes on from there."""
    bar = under_way(screen, window)
    bar.action_button.invoke()
    screen.until(lambda: offers(bar) == "Continue")
    assert "is kept" in bar.facts
    kept = size_of(downloads / "large.bin.part")
    assert 0 < kept < len(CONTENT)
    bar.action_button.invoke()
    screen.until(lambda: offers(bar) == "Cancel")
    screen.until(lambda: value_of(bar) >= kept / len(CONTENT))
    screen.until(lambda: offers(bar) == "Open Folder")
    assert (downloads / "large.bin").read_bytes() == CONTENT
    assert "not downloaded" not in text_of(window)
    assert re.match(r"the last [12]\.\d MB of 3\.0 MB in ", bar.facts)


def test_the_speed_of_a_download_that_was_resumed() -> None:
    """What lay here before did not come in this time."""
    event = DownloadFinished("a.bin", Path("a.bin"), 3_000_000, 2.0, 1_429, 0, 1_000_000)
    assert finished_facts(event).startswith(
        "the last 2.0 MB of 3.0 MB in 2.0 s \N{MIDDLE DOT} 1.0 MB/s"
    )
    assert statistics(event).startswith("the last 2.0 MB of 3.0 MB in 2.0 s, 1.0 MB/s, ")


def test_the_server_goes_away(
    screen: Screen, start: StartServer, open_window: OpenWindow, downloads: Path, stage: int
) -> None:
    """A lost server ends the download; after Connect, Continue fetches the rest."""
    assert stage == 4
    server = start("--port", str(quiet_port()))
    (files_of(server) / "large.bin").write_bytes(CONTENT)
    with lossy_link(server.port, "--rate", "15") as port:
        window = open_window(server, port)
        screen.until(lambda: window.session.server_has_files)
        window.browse_files()
        bar = under_way(screen, window)
        server.kill()
        screen.until(lambda: offers(bar) == "Continue")
        assert "connection" in bar.facts
        assert window.file_browser is not None
        assert window.file_browser.heading["text"] == "Not connected"
        bar.action_button.invoke()
        screen.until_shown(window, "not connected")
        start("--port", str(server.port))
        window.connect_button.invoke()
        screen.until(lambda: window.file_browser and window.file_browser.files)
        bar.action_button.invoke()
        screen.until(lambda: offers(bar) == "Open Folder")
    assert (downloads / "large.bin").read_bytes() == CONTENT


def test_requests_after_a_reconnect(
    screen: Screen, window: ChatWindow, downloads: Path, files: Path
) -> None:
    """A download that a lost connection has ended leaves no request behind: the next answer
    belongs to the next request."""
    assert files
    bar = under_way(screen, window)
    window.connect_button.invoke()
    screen.until(lambda: offers(bar) == "Continue")
    window.connect_button.invoke()
    screen.until(lambda: window.session.server_has_files)
    window.session.download("notes.txt")
    screen.until(lambda: offers(bar_of(screen, window, "notes.txt")) == "Open Folder")
    assert (downloads / "notes.txt").read_bytes() == b"some notes\n"


def test_what_cannot_be_had(screen: Screen, window: ChatWindow) -> None:
    """A refusal is told in the conversation."""
    window.send_text("/download none.txt")
    screen.until_shown(window, "none.txt: not downloaded: ")
    assert window.downloads.bars == {}


def test_a_server_without_files(
    screen: Screen, fake_server: FakeServer, open_window: OpenWindow
) -> None:
    """Files List says so in words, and asks for nothing."""
    window = open_window(fake_server)
    side = fake_server.accept()
    side.expect_lines("FILES:", "REQUEST_LIST:", "NICK:Ann")
    side.send_line("ERROR:FILES: this server does not know it")
    side.send_line("NICK_OK:Ann")
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Ann"]')
    screen.until(lambda: window.online_list.names == ("Ann",))
    window.files_button.invoke()
    screen.until_shown(window, "this server has no files")
    assert window.file_browser is None
    side.send_line("ping")
    side.expect_line("pong")


def test_a_hostile_server(screen: Screen, fake_server: FakeServer, open_window: OpenWindow) -> None:
    """Odd names and reasons do the window no harm."""
    window = open_window(fake_server)
    side: Conversation = fake_server.accept()
    side.send_line('FILE_LIST:[{"name": "x.bin", "size": 5}]')
    screen.until(lambda: window.session.server_has_files)
    window.browse_files()
    side.wait_for("a request", lambda line: line == "NICK:Ann")
    odd = "\U0001f600 \u202e" + "long " * 200
    side.send_line(f'FILE_LIST:[{{"name": "{odd}", "size": {2**62}}}, {{"name": "b", "size": 1}}]')
    browser = window.file_browser
    assert browser is not None
    screen.until(lambda: len(browser.files) == 2)
    window.session.download("b")
    side.wait_for("the request", lambda line: line == "DOWNLOAD:b")
    side.send_line(f"FILE_ERROR:b|{odd}")
    screen.until_shown(window, "b: not downloaded: ")


def test_open_folder(
    screen: Screen,
    open_window: OpenWindow,
    fake_server: FakeServer,
    tmp_path: Path,
    downloads: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system's file manager gets the folder; a shell never sees its name."""
    if sys.platform != "linux":
        pytest.skip("plays xdg-open")
    opened = tmp_path / "opened"
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    window = open_window(fake_server)
    window.open_downloads()
    screen.until(lambda: size_of(opened))
    assert opened.read_text() == str(downloads)


def test_both_looks_and_a_narrow_window(screen: Screen, window: ChatWindow) -> None:
    """Bars and list follow the look; every button can be reached in a narrow window."""
    under_way(screen, window)
    window.browse_files()
    window.change_look()
    assert window.file_browser is not None
    assert window.file_browser["background"] == window.theme.palette.background
    window.root.geometry("520x420")
    screen.until(lambda: window.root.winfo_width() < 600)
    window.root.update()
    right = window.toolbar.winfo_rootx() + window.toolbar.winfo_width()
    for button in (window.files_button, window.clear_button):
        assert button.winfo_ismapped()
        assert button.winfo_rootx() + button.winfo_width() <= right


def test_closing_while_a_file_comes(screen: Screen, window: ChatWindow, downloads: Path) -> None:
    """The window closes at once; what has come waits for another day."""
    under_way(screen, window)
    window.close()
    screen.until(lambda: window.ended)
    assert not (downloads / "large.bin").exists()
    assert size_of(downloads / "large.bin.part") > 0
