"""Images in the window, driven as a user drives it, under a screen of the tests' own."""

import base64
import gc
import os
import shlex
import sys
import tkinter as tk
from collections.abc import Callable
from pathlib import Path

import pytest

from stage2_gui.commands import Quit
from stage3_images import thumbnails
from stage3_images.session import Session
from stage3_images.window import ChatWindow
from tests.stage3.pictures import gif, jpeg, photo, png
from tests.stage3.wire import fetch, files_in, image_line, join, needs_pillow, upload
from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartServer
from tests.support.processes import Deadline
from tests.support.server import Server
from tests.support.windows import Screen, press, text_of

pytestmark = [pytest.mark.stage(3, until=3), pytest.mark.window, needs_pillow]

OpenWindow = Callable[..., ChatWindow]


@pytest.fixture
def open_window(screen: Screen, tmp_path: Path) -> OpenWindow:
    """Open a window that has joined, and saves images in a folder with its user's name."""

    def open_one(server: Server | FakeServer, nickname: str) -> ChatWindow:
        folder = tmp_path / f"{nickname}'s images"
        window = ChatWindow(lambda put_event: Session(put_event, "the command", folder))
        return screen.show(window, server.host, server.port, nickname)

    return open_one


@pytest.fixture
def opened(
    open_window: OpenWindow, fake_server: FakeServer, screen: Screen
) -> tuple[ChatWindow, Conversation]:
    """A window that has joined as Ann, and the server's side of it, played by the test."""
    window = open_window(fake_server, "Ann")
    side = fake_server.accept()
    side.expect_lines("REQUEST_LIST:", "NICK:Ann")
    side.send_line('IMAGE_LIST:["lake.jpg", "shake.png"]')
    side.send_line("NICK_OK:Ann")
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Ann"]')
    screen.until(lambda: window.online_list.names == ("Ann",))
    return window, side


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """An image file."""
    path = tmp_path / "lake view.jpg"
    path.write_bytes(jpeg())
    return path


def server_image(name: str, content: bytes) -> bytes:
    return f"SERVER_IMAGE:{name}|".encode() + base64.b64encode(content) + b"\n"


def is_enabled(button: tk.Misc) -> bool:
    return "disabled" not in button.state()  # type: ignore[attr-defined]


def click_picture(window: ChatWindow) -> None:
    """Click the last picture of the conversation."""
    text = window.conversation.text
    text.update()
    index = text.index(f"{text.image_names()[-1]}")
    text.see(index)
    text.update()
    box = text.bbox(index)
    assert box is not None
    x, y = box[0] + box[2] // 2, box[1] + box[3] // 2
    for event in ("<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        text.event_generate(event, x=x, y=y)


@pytest.mark.parametrize("ask", ["ask_for_image", "ask_for_folder"])
def test_leaving_with_a_file_dialog_open(
    screen: Screen, opened: tuple[ChatWindow, Conversation], ask: str
) -> None:
    """Ctrl+C on the terminal ends the program, although Tk's file dialog waits in a loop."""
    window, side = opened
    root = window.root
    if root.tk.call("tk", "windowingsystem") != "x11":
        pytest.skip("the system's own dialogs are out of reach")
    too_late: list[str] = []

    def leave_once_it_is_open() -> None:
        children = root.tk.splitlist(root.tk.call("winfo", "children", "."))
        if any(str(child).startswith(".__tk_") for child in children):
            side.close()
            window.put_event(Quit())
        else:
            root.after(20, leave_once_it_is_open)

    def give_up() -> None:  # rather than wait for ever
        too_late.append("the dialog still waited")
        root.tk.call("set", "::tk::Priv(selectFilePath)", "")

    root.after(round(Deadline.default * 1_000), give_up)
    root.after(0, getattr(window, ask))
    root.after(0, leave_once_it_is_open)
    screen.until(lambda: window.ended)
    assert too_late == []


def test_an_image_from_window_to_window(
    screen: Screen, server: Server, open_window: OpenWindow, picture: Path
) -> None:
    """Select, look, send: it appears in both conversations, and the very file is saved."""
    ann, bob = open_window(server, "Ann"), open_window(server, "Bob")
    screen.until(lambda: ann.online_list.names == ("Ann", "Bob") == bob.online_list.names)
    assert ann.send_button["text"] == "Send Text"
    assert not is_enabled(ann.send_image_button)
    ann.select_image(picture)
    screen.until(ann.strip.winfo_ismapped)
    assert ann.strip.name_label["text"] == "lake view.jpg"
    assert ann.strip.facts_label["text"] == "JPEG, 1200 x 750, 41.1 KB"
    ann.send_image_button.invoke()
    screen.until(lambda: len(bob.thumbnails) == 1 == len(ann.thumbnails))
    screen.until(lambda: not ann.strip.winfo_ismapped())
    assert not is_enabled(ann.send_image_button)
    (stored,) = files_in(bob.session.received)
    assert (bob.session.received / stored).read_bytes() == jpeg()
    assert stored in text_of(bob)
    assert "lake view.jpg" in text_of(ann)


def test_pictures_stay(
    screen: Screen, opened: tuple[ChatWindow, Conversation], display: dict[str, str]
) -> None:
    """A picture is still on the screen after Python has collected its garbage."""
    from PIL import ImageGrab

    window, side = opened
    white = png(60, 60, (b"\0" + b"\x11" * 60) * 60)
    side.send_raw(server_image("grey.png", white))
    screen.until(lambda: len(window.thumbnails) == 1)
    gc.collect()
    screen.until(window.root.winfo_viewable)
    window.root.lift()
    window.root.update()
    text = window.conversation.text
    box = text.bbox(text.image_names()[0])
    assert box is not None
    x, y = text.winfo_rootx() + box[0] + 30, text.winfo_rooty() + box[1] + 30
    shot = ImageGrab.grab((x, y, x + 10, y + 10), xdisplay=display.get("DISPLAY"))
    assert shot.getcolors() == [(100, (0x11, 0x11, 0x11))]


def test_a_click_opens_it_full_size(
    screen: Screen, opened: tuple[ChatWindow, Conversation]
) -> None:
    """A click on a picture opens the image in its real size; Escape closes it."""
    window, side = opened
    side.send_raw(server_image("lake.jpg", jpeg()))
    screen.until(lambda: len(window.thumbnails) == 1)
    click_picture(window)
    viewer = screen.until(lambda: window.viewer)
    assert viewer.title() == "lake.jpg (JPEG, 1200 x 750, 41.1 KB)"
    assert (viewer.picture.width(), viewer.picture.height()) == (1200, 750)
    press(viewer, "<Escape>")
    assert not viewer.winfo_exists()


def test_a_huge_image_is_shown_smaller(
    screen: Screen, opened: tuple[ChatWindow, Conversation]
) -> None:
    """Forty megapixels are shown too, reduced, and the title says so."""
    window, side = opened
    side.send_raw(server_image("huge.png", png(8_000, 5_000, bytes(8_001 * 5_000))))
    screen.until(lambda: len(window.thumbnails) == 1)
    click_picture(window)
    viewer = screen.until(lambda: window.viewer)
    assert "8000 x 5000" in viewer.title()
    assert "shown as 2400 x 1500" in viewer.title()


def test_announced_images_are_fetched_one_at_a_time(
    screen: Screen, opened: tuple[ChatWindow, Conversation]
) -> None:
    """The window asks for announced images itself: the next when the one before has come."""
    window, side = opened
    for name in ("1.png", "2.png", "3.png"):
        side.send_line(f"MESSAGE:IMAGE_RECEIVED:Bob|{name}")
    side.expect_line("REQUEST_IMAGE:1.png")
    window.list_online()
    side.expect_line("ONLINE:")  # nothing else was asked for before
    side.send_raw(server_image("1.png", png()))
    side.expect_line("REQUEST_IMAGE:2.png")
    side.send_line("IMAGE_ERROR:2.png|it is gone")
    side.expect_line("REQUEST_IMAGE:3.png")
    side.send_raw(server_image("3.png", gif(2)))
    screen.until(lambda: len(window.thumbnails) == 2)
    assert "Bob" in text_of(window)
    assert "it is gone" in text_of(window)


def test_a_hostile_server(screen: Screen, opened: tuple[ChatWindow, Conversation]) -> None:
    """Bad images and bad names do the window no harm; what is good is saved in its folder."""
    window, side = opened
    side.send_raw(server_image("bomb.png", png(30_000, 30_000, b"")))
    side.send_raw(server_image("cut.png", png()[:-1]))
    side.send_raw(server_image("../../evil \U0001f600\u202e.exe", png()))
    side.send_raw(b"SERVER_IMAGE:\nIMAGE_OK:\nIMAGE_ERROR:\nMESSAGE:IMAGE_RECEIVED:\n")
    screen.until(lambda: len(window.thumbnails) == 1)
    assert "bomb.png: not saved: larger than 40 megapixels" in text_of(window)
    assert "cut.png: not saved: damaged PNG" in text_of(window)
    assert files_in(window.session.received) == ["evil \U0001f600_.exe.png"]


def test_the_servers_images(screen: Screen, opened: tuple[ChatWindow, Conversation]) -> None:
    """Server Images shows the list; Fetch, Enter and Refresh do what they say."""
    window, side = opened
    window.browse_button.invoke()
    side.expect_line("REQUEST_LIST:")
    side.send_line('IMAGE_LIST:["lake.jpg", "shake.png"]')
    browser = screen.until(lambda: window.browser)
    screen.until(lambda: browser.names == ("lake.jpg", "shake.png"))
    browser.fetch_button.invoke()
    side.expect_line("REQUEST_IMAGE:lake.jpg")
    browser.listbox.selection_clear(0, "end")
    browser.listbox.selection_set(1)
    press(browser.listbox, "<Return>")
    side.expect_line("REQUEST_IMAGE:shake.png")
    browser.refresh_button.invoke()
    side.expect_line("REQUEST_LIST:")
    side.send_line("IMAGE_LIST:[]")
    screen.until(lambda: browser.names == ())
    browser.fetch_button.invoke()
    window.change_look()
    press(browser, "<Escape>")
    window.change_look()
    assert not browser.winfo_exists()


def test_typed_commands(screen: Screen, opened: tuple[ChatWindow, Conversation]) -> None:
    """`/images` and `/request` work in the entry as they do on a console."""
    window, side = opened
    window.send_text("/images")
    side.expect_line("REQUEST_LIST:")
    side.send_line('IMAGE_LIST:["lake.jpg"]')
    screen.until_shown(window, "1 image: lake.jpg")
    window.send_text("/request lake.jpg")
    side.expect_line("REQUEST_IMAGE:lake.jpg")
    side.send_raw(server_image("lake.jpg", jpeg()))
    screen.until(lambda: len(window.thumbnails) == 1)


def test_progress_and_refusal(
    screen: Screen, opened: tuple[ChatWindow, Conversation], picture: Path
) -> None:
    """While an image leaves there is a bar; when it is refused, it can be sent again."""
    window, side = opened
    picture.write_bytes(photo(2_000_000))
    window.select_image(picture)
    screen.until(window.strip.winfo_ismapped)
    window.send_image_button.invoke()
    assert side.read_line() + b"\n" == image_line("lake view.jpg", photo(2_000_000))
    screen.until(lambda: "the server checks it" in window.strip.facts_label["text"])
    screen.until(window.strip.progress_bar.winfo_ismapped)
    assert not is_enabled(window.select_button)
    assert not is_enabled(window.send_image_button)
    side.send_line("IMAGE_ERROR:lake view.jpg|not today")
    screen.until_shown(window, "lake view.jpg: not sent: not today")
    assert is_enabled(window.send_image_button)
    assert "2000 x" not in window.strip.facts_label["text"]
    screen.until(lambda: not window.strip.progress_bar.winfo_ismapped())
    window.strip.remove_button.invoke()
    assert not is_enabled(window.send_image_button)
    screen.until(lambda: not window.strip.winfo_ismapped())


def test_the_server_goes_in_the_middle(
    screen: Screen, opened: tuple[ChatWindow, Conversation], picture: Path
) -> None:
    """The connection is lost while an image leaves: it stays selected, to be sent again."""
    window, side = opened
    window.select_image(picture)
    screen.until(window.strip.winfo_ismapped)
    window.send_image_button.invoke()
    side.expect_start("IMAGE:lake view.jpg|")
    side.reset()
    screen.until_shown(window, "Connection lost")
    assert is_enabled(window.send_image_button)
    window.send_image_button.invoke()
    screen.until_shown(window, "not connected, nothing was sent")
    screen.until(lambda: is_enabled(window.send_image_button))


def test_what_is_no_image_is_not_selected(
    screen: Screen, opened: tuple[ChatWindow, Conversation], tmp_path: Path
) -> None:
    """A file that is no image, or none at all, is refused before anything is sent."""
    window, _ = opened
    (tmp_path / "notes.png").write_text("no image")
    window.select_image(tmp_path / "notes.png")
    screen.until_shown(window, "notes.png: not an image")
    window.select_image(tmp_path / "none.png")
    screen.until_shown(window, "none.png: No such file")
    assert window.selected is None
    assert not is_enabled(window.send_image_button)


def test_images_are_saved_elsewhere(
    screen: Screen, opened: tuple[ChatWindow, Conversation], tmp_path: Path
) -> None:
    """Save to… takes another folder; one that cannot be is refused, and nothing changes."""
    window, side = opened
    (tmp_path / "file").write_text("")
    window.save_to(tmp_path / "file" / "folder")
    screen.until_shown(window, "cannot make the folder")
    window.save_to(tmp_path / "other")
    side.send_raw(server_image("lake.jpg", jpeg()))
    screen.until(lambda: len(window.thumbnails) == 1)
    assert files_in(tmp_path / "other") == ["lake.jpg"]


@pytest.mark.skipif(sys.platform != "linux", reason="plays xdg-open")
def test_the_folder_is_opened_without_a_shell(
    screen: Screen,
    opened: tuple[ChatWindow, Conversation],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """View Received hands the folder's path to the file manager as it is; no shell reads it."""
    window, _ = opened
    seen = tmp_path / "seen"
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {shlex.quote(str(seen))}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "a; touch pwned; $(touch pwned) 'b"
    window.save_to(folder)
    window.view_button.invoke()
    screen.until(lambda: seen.exists() and seen.read_text() == str(folder))
    monkeypatch.setenv("PATH", "")
    window.view_button.invoke()
    screen.until_shown(window, "no program here opens folders")


def test_a_server_without_images(
    screen: Screen, open_window: OpenWindow, fake_server: FakeServer
) -> None:
    """At an older server the buttons say that it has no images, and text works."""
    window = open_window(fake_server, "Ann")
    side = fake_server.accept()
    side.expect_lines("REQUEST_LIST:", "NICK:Ann")
    side.send_line("ERROR:REQUEST_LIST: this server does not know it")
    side.send_line("NICK_OK:Ann")
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Ann"]')
    screen.until(lambda: window.online_list.names == ("Ann",))
    window.browse_button.invoke()
    screen.until_shown(window, "this server has no images")
    window.send_text("hello")
    side.expect_line("CLIENT:hello")


def test_without_pillow(
    screen: Screen,
    open_window: OpenWindow,
    server: Server,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without Pillow there is an orange button that names the cure, and text chat is whole."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    bob = connect(server, "Bob")
    window = open_window(server, "Ann")
    bob.expect_line("JOINED:Ann")
    screen.until(lambda: window.online_list.names)  # it knows by then that there are images
    assert window.warning_button["style"] == "Warning.TButton"
    window.warning_button.invoke()
    screen.until_shown(window, "course.py client 3")
    window.send_text("/image cat.png")
    screen.until_shown(window, "no images here: Pillow is not installed")
    window.send_text("hello")
    bob.expect_line("MESSAGE:Ann | hello")
    window.connect_button.invoke()
    screen.until(lambda: window.connect_button["text"] == "Connect")


def test_an_image_of_the_operators(
    screen: Screen, start: StartServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    """What the operator sends appears as Server's."""
    server = start()
    library = Path(server.command[server.command.index("--server-images") + 1])
    (library / "lake.jpg").write_bytes(jpeg())
    window = open_window(server, "Ann")
    screen.until(lambda: window.online_list.names == ("Ann",))
    server.type("send lake.jpg\n")
    screen.until(lambda: len(window.thumbnails) == 1)
    assert "Server" in text_of(window)
    assert files_in(tmp_path / "Ann's images") == ["lake.jpg"]


def test_pictures_and_consoles(
    screen: Screen, server: Server, connect: Connect, open_window: OpenWindow
) -> None:
    """What a window sends, any other client can fetch, and the other way round."""
    bob = connect(server, "Bob")
    join(bob, "Bob")
    window = open_window(server, "Ann")
    bob.expect_line("JOINED:Ann")
    upload(bob, "cat.gif", gif(3))
    screen.until(lambda: len(window.thumbnails) == 1)
    window.session.send_image(str(window.session.received / files_in(window.session.received)[0]))
    name = bob.expect_start("MESSAGE:IMAGE_RECEIVED:Ann|").partition("|")[2]
    assert fetch(bob, name) == gif(3)


def test_old_pictures_leave(
    screen: Screen, opened: tuple[ChatWindow, Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the newest pictures stay, and Clear removes them all."""
    window, side = opened
    monkeypatch.setattr(thumbnails, "MOST_SHOWN", 3)
    for number in range(5):
        side.send_raw(server_image(f"{number}.png", png()))
    screen.until_shown(window, "4.png")
    screen.until(lambda: len(window.conversation.text.image_names()) == 3)
    assert len(window.thumbnails) == 3
    window.clear_button.invoke()
    assert len(window.thumbnails) == 0
    assert not window.conversation.text.image_names()
    side.send_raw(server_image("again.png", png()))
    screen.until(lambda: len(window.thumbnails) == 1)
