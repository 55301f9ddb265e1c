"""The window, driven as a user drives it, under a screen of the tests' own."""

import tkinter as tk
from collections.abc import Iterator

import pytest

from stage2_gui.commands import Quit
from stage2_gui.dialogs import ConnectionErrorDialog, JoinDialog, NicknameDialog
from stage2_gui.events import Line
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow
from tests.support.conversation import Conversation
from tests.support.fake_server import FakeServer
from tests.support.fixtures import Connect, StartServer
from tests.support.ports import quiet_port
from tests.support.processes import Deadline
from tests.support.report import Transcript
from tests.support.server import Server
from tests.support.windows import Screen, press, text_of

pytestmark = [pytest.mark.stage(2, until=2), pytest.mark.window, pytest.mark.insides]


def open_window(screen: Screen, host: str, port: int, nickname: str | None) -> ChatWindow:
    """Open a window."""
    window = ChatWindow(lambda put_event: Session(put_event, "the server's command"))
    return screen.show(window, host, port, nickname)


@pytest.fixture
def played(transcript: Transcript) -> Iterator[FakeServer]:
    with FakeServer(transcript) as server:
        yield server


def opened(screen: Screen, played: FakeServer) -> tuple[ChatWindow, Conversation]:
    """A window that has joined as Alice, and the played server's side of it."""
    window = open_window(screen, played.host, played.port, "Alice")
    side = played.accept()
    side.expect_line("NICK:Alice")
    side.send_line("NICK_OK:Alice")
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Alice", "Bob"]')
    screen.until(lambda: window.online_list.names == ("Alice", "Bob"))
    return window, side


def write(window: ChatWindow, text: str) -> None:
    window.entry.insert("end", text)


def click_name(window: ChatWindow, row: int) -> None:
    rows = window.online_list.rows
    rows.update()
    box = rows.bbox(str(row))
    assert isinstance(box, tuple)
    x, y = box[0] + 5, box[1] + box[3] // 2
    rows.event_generate("<ButtonPress-1>", x=x, y=y)
    rows.event_generate("<ButtonRelease-1>", x=x, y=y)


def test_the_join_dialog(screen: Screen, played: FakeServer) -> None:
    """Nickname, server, port; a wrong one is said; Enter joins; then the window is Alice's."""
    window = open_window(screen, played.host, played.port, None)
    dialog = window.dialog
    assert isinstance(dialog, JoinDialog)
    assert dialog.server_entry.get() == ""
    assert dialog.port_entry.get() == str(played.port)
    press(dialog.nickname_entry, "<Return>")
    assert "at least one character" in dialog.message["text"]
    dialog.nickname_entry.insert(0, "a|b")
    dialog.join_button.invoke()
    assert "none of" in dialog.message["text"]
    dialog.nickname_entry.delete(0, "end")
    dialog.nickname_entry.insert(0, "Alice")
    dialog.port_entry.insert(0, "x")
    dialog.join_button.invoke()
    assert "65535" in dialog.message["text"]
    dialog.port_entry.delete(0, 1)
    press(dialog.nickname_entry, "<Return>")
    played.accept().expect_line("NICK:Alice")
    screen.until(lambda: window.root.title() == "Chat - Alice" or window.root.winfo_viewable())


def test_cancel_leaves(screen: Screen) -> None:
    """Cancel in the join dialog ends the program."""
    window = open_window(screen, "127.0.0.1", 1, None)
    assert isinstance(window.dialog, JoinDialog)
    window.dialog.cancel_button.invoke()
    screen.until(lambda: window.ended)


def test_sending_by_enter_and_by_button(screen: Screen, played: FakeServer) -> None:
    """Enter and Send send; the entry is empty afterwards, and keeps the focus."""
    window, side = opened(screen, played)
    assert window.root.title() == "Chat - Alice"
    write(window, "by enter")
    press(window.entry, "<Return>")
    side.expect_line("CLIENT:by enter")
    write(window, "by button")
    window.send_button.invoke()
    side.expect_line("CLIENT:by button")
    assert window.entry.get() == ""
    screen.until_shown(window, "by button")
    assert text_of(window).count("You   ") == 1  # one heading for both


def test_receiving(screen: Screen, played: FakeServer) -> None:
    """What others say appears; who comes and goes is on the list."""
    window, side = opened(screen, played)
    side.send_line("MESSAGE:Bob | good morning")
    side.send_line("JOINED:Carol")
    screen.until_shown(window, "good morning")
    screen.until(lambda: window.online_list.names == ("Alice", "Bob", "Carol"))
    assert window.conversation.text["state"] == "disabled"
    labels = [window.online_list.rows.item(row, "text") for row in ("0", "1")]
    assert labels == [" Alice (you)", " Bob"]


def test_a_click_begins_a_private_message(screen: Screen, played: FakeServer) -> None:
    """A click on a name writes `/msg NAME `, keeps what was written, and Enter sends it."""
    window, side = opened(screen, played)
    write(window, "psst")
    click_name(window, 1)
    assert window.entry.get() == "/msg Bob psst"
    press(window.entry, "<Return>")
    side.expect_line("PRIVATE:Bob|psst")
    side.send_line("PRIVATE:Bob | yes?")
    screen.until_shown(window, "Bob \u2192 You")
    click_name(window, 0)
    assert window.entry.get() == ""  # nobody talks to oneself


def test_names_by_keyboard(screen: Screen, played: FakeServer) -> None:
    """The arrow keys choose a name, Enter begins the private message."""
    window, _ = opened(screen, played)
    press(window.online_list.rows, "<Down>", "<Return>")
    assert window.entry.get() == "/msg Bob "


def test_keys_of_the_entry(screen: Screen, played: FakeServer) -> None:
    """The arrows bring back sent lines and the draft, Escape empties, Ctrl+L clears."""
    window, _ = opened(screen, played)
    for text in ("one", "two"):
        write(window, text)
        press(window.entry, "<Return>")
    write(window, "draft")
    seen = []
    for key in ("<Up>", "<Up>", "<Up>", "<Down>", "<Down>", "<Down>"):
        press(window.entry, key)
        seen.append(window.entry.get())
    assert seen == ["two", "one", "one", "two", "draft", "draft"]
    press(window.entry, "<Escape>")
    assert window.entry.get() == ""
    screen.until_shown(window, "two")
    press(window.entry, "<Control-l>")
    assert text_of(window) == ""


def test_the_tab_key_reaches_everything(screen: Screen, played: FakeServer) -> None:
    """Tab goes from the entry to the buttons, the names and the conversation, and comes back."""
    window, _ = opened(screen, played)
    window.entry.focus_force()
    window.root.update()
    order: list[tk.Misc] = [window.entry]
    while (following := order[-1].tk_focusNext()) is not window.entry:
        assert following is not None
        assert following not in order
        order.append(following)
    reached = set(order)
    assert {window.send_button, window.online_button, window.clear_button} <= reached
    assert {window.online_list.rows, window.conversation.text, window.connect_button} <= reached
    assert order[1] is window.send_button


def test_the_online_button(screen: Screen, played: FakeServer) -> None:
    """Online List asks the server and shows the answer in the conversation."""
    window, side = opened(screen, played)
    window.online_button.invoke()
    side.expect_line("ONLINE:")
    side.send_line('ONLINE_LIST:["Alice", "Bob", "Carol"]')
    screen.until_shown(window, "3 online: Alice, Bob, Carol")


def test_text_can_be_copied(screen: Screen, played: FakeServer) -> None:
    """The conversation can be selected and copied, and not be changed."""
    window, side = opened(screen, played)
    side.send_line("MESSAGE:Bob | copy me")
    screen.until_shown(window, "copy me")
    press(window.conversation.text, "<Control-a>", "<Control-c>", "<x>")
    assert "copy me" in window.root.clipboard_get()
    assert text_of(window).endswith("copy me\n")


def test_unread_messages_are_counted(screen: Screen, played: FakeServer) -> None:
    """Without the focus, the title counts messages; with it, the count is gone."""
    window, side = opened(screen, played)
    elsewhere = tk.Toplevel(window.root)
    elsewhere.update()
    elsewhere.focus_force()
    screen.until(lambda: not window.has_focus and elsewhere.focus_get() is elsewhere)
    side.send_line("MESSAGE:Bob | one")
    side.send_line("PRIVATE:Bob | two")
    side.send_line("MESSAGE:System | not counted")
    screen.until(lambda: window.root.title() == "(2) Chat - Alice")
    window.entry.focus_force()
    screen.until(lambda: window.root.title() == "Chat - Alice")


def test_a_mention_is_highlighted(screen: Screen, played: FakeServer) -> None:
    """A line with one's own nickname as a word stands out."""
    window, side = opened(screen, played)
    side.send_line("MESSAGE:Bob | ALICE, are you there?")
    side.send_line("MESSAGE:Bob | malices")
    screen.until_shown(window, "malices")
    ranges = window.conversation.text.tag_ranges("body mention")
    assert [window.conversation.text.get(*ranges)] == ["ALICE, are you there?\n"]


def test_a_nickname_that_is_taken(screen: Screen, played: FakeServer) -> None:
    """A dialog says why, and asks for another."""
    window = open_window(screen, played.host, played.port, "Alice")
    side = played.accept()
    side.expect_line("NICK:Alice")
    side.send_line("ERROR:NICK: 'Alice' is taken, choose another")
    dialog = screen.until(lambda: window.dialog)
    assert isinstance(dialog, NicknameDialog)
    assert "is taken" in dialog.message["text"]
    dialog.nickname_entry.delete(0, "end")
    dialog.nickname_entry.insert(0, "Alison")
    dialog.join_button.invoke()
    side.expect_line("ONLINE:")
    side.expect_line("NICK:Alison")
    side.send_line("NICK_OK:Alison")
    screen.until(lambda: window.root.title() == "Chat - Alison")


def test_nobody_listening(screen: Screen, played: FakeServer) -> None:
    """A failed connect opens a dialog that says what to do; Try Again tries again."""
    played.close()
    window = open_window(screen, played.host, played.port, "Alice")
    dialog = screen.until(lambda: window.dialog)
    assert isinstance(dialog, ConnectionErrorDialog)
    assert "the server's command" in dialog.message["text"]
    assert "Disconnected" in window.bar.state_label["text"]
    assert window.connect_button["text"] == "Connect"
    dialog.again_button.invoke()
    again = screen.until(lambda: window.dialog is not dialog and window.dialog)
    assert isinstance(again, ConnectionErrorDialog)
    again.other_button.invoke()
    assert isinstance(window.dialog, JoinDialog)
    window.dialog.cancel_button.invoke()
    assert not window.ended


def test_disconnect_and_connect(screen: Screen, server: Server, connect: Connect) -> None:
    """The button leaves the server and comes back, under the same nickname."""
    bob = connect(server, "Bob")
    window = open_window(screen, server.host, server.port, "Alice")
    bob.expect_line("JOINED:Alice")
    screen.until(lambda: window.online_list.names == ("Alice",))
    assert "Connected" in window.bar.state_label["text"]
    window.connect_button.invoke()
    bob.expect_line("LEFT:Alice")
    screen.until(lambda: window.connect_button["text"] == "Connect")
    assert "Disconnected" in window.bar.state_label["text"]
    window.connect_button.invoke()
    bob.expect_line("JOINED:Alice")
    screen.until(lambda: window.online_list.names == ("Alice",))


def test_a_server_that_was_killed(screen: Screen, start: StartServer) -> None:
    """Losing the server is shown; once there is one again, Connect mends it."""
    server = start("--port", str(quiet_port()))
    window = open_window(screen, server.host, server.port, "Alice")
    screen.until(lambda: window.online_list.names == ("Alice",))
    server.kill()
    screen.until_shown(window, "Connection lost")
    assert window.online_list.names == ()
    write(window, "into the void")
    press(window.entry, "<Return>")
    screen.until_shown(window, "not connected, nothing was sent")
    start("--port", str(server.port))
    window.connect_button.invoke()
    screen.until(lambda: window.online_list.names == ("Alice",))


def test_two_windows_talk(screen: Screen, server: Server) -> None:
    """Two windows at once: each sees what the other writes, in public and in private."""
    alice = open_window(screen, server.host, server.port, "Alice")
    bob = open_window(screen, server.host, server.port, "Bob")
    screen.until(lambda: alice.online_list.names == ("Alice", "Bob") == bob.online_list.names)
    write(alice, "hello, Bob")
    press(alice.entry, "<Return>")
    screen.until_shown(bob, "hello, Bob")
    write(bob, "Alice, psst")
    bob.send_button.invoke()
    screen.until_shown(alice, "Bob \u2192 You")
    alice.close()
    screen.until(lambda: bob.online_list.names == ("Bob",))


@pytest.mark.parametrize(
    "text",
    [
        *("emoji \U0001f600\U0001f44d\U0001f3fd \u231a\ufe0f", "漢字 かな", "שלום العربية"),
        *("\u202edrawkcab", "zalgo " + "\u0301" * 500, "\ufffe\uffff\U0010ffff", "{ $x [exit] \\"),
        "long " * 5_000,
        "x" * 60_000,
    ],
)
def test_whatever_is_said_can_be_shown(screen: Screen, played: FakeServer, text: str) -> None:
    """Every text is shown, or replaced, and the window lives on."""
    window, side = opened(screen, played)
    side.send_line(f"MESSAGE:Bob | {text}")
    side.send_line("MESSAGE:Bob | still here")
    screen.until_shown(window, "still here")


@pytest.mark.parametrize("text", ["a\0b", "\ud83d", "\udc00 low", "\x1b[31m"])
def test_what_tk_cannot_take_is_replaced(screen: Screen, played: FakeServer, text: str) -> None:
    """Text that no wire can bring, such as an exception's, cannot end the window either."""
    window, _ = opened(screen, played)
    window.show_line("error", "Error", text)
    window.show_line("other", text, "still here")
    screen.until_shown(window, "still here")


def test_the_text_does_not_grow_without_end(screen: Screen, played: FakeServer) -> None:
    """The newest 5,000 lines are kept, and the newest is in view."""
    window, side = opened(screen, played)
    for number in range(6_000):
        window.put_event(Line("other", "Bob", f"line {number}"))
    side.send_line("MESSAGE:Bob | the last one")
    screen.until_shown(window, "the last one")
    assert len(text_of(window).splitlines()) <= 5_000
    assert "line 5999" in text_of(window)
    screen.until(window.conversation.is_at_end)


def test_who_reads_further_up_is_left_in_peace(screen: Screen, played: FakeServer) -> None:
    """New lines do not move the view of someone who reads older ones; a button leads to them."""
    window, side = opened(screen, played)
    for number in range(500):
        window.put_event(Line("other", "Bob", f"line {number}"))
    screen.until_shown(window, "line 499")
    screen.until(window.conversation.is_at_end)
    press(window.entry, "<Prior>", "<Prior>")
    before = window.conversation.text.index("@0,0")
    side.send_line("MESSAGE:Bob | news")
    screen.until_shown(window, "news")
    assert window.conversation.text.index("@0,0") == before
    screen.until(window.conversation.newest_button.winfo_ismapped)
    window.conversation.newest_button.invoke()
    screen.until(window.conversation.is_at_end)


def test_both_looks(screen: Screen, played: FakeServer) -> None:
    """Light and dark can be changed while the window is open."""
    window, _ = opened(screen, played)
    colours = []
    for _ in range(2):
        window.bar.look_button.invoke()
        window.root.update()
        colours.append(str(window.conversation.text["background"]))
    assert colours[0] != colours[1]


def test_a_failing_callback_is_seen(
    screen: Screen, played: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception in a callback is printed and shown; it never vanishes."""
    window, _ = opened(screen, played)
    window.root.after(0, lambda: 1 / 0)
    screen.until_shown(window, "internal error: ZeroDivisionError")
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert isinstance(window.failures.pop(), ZeroDivisionError)


def test_closing_sends_what_was_written(screen: Screen, played: FakeServer) -> None:
    """The last words of a window that is closed still arrive."""
    window, side = opened(screen, played)
    write(window, "bye")
    press(window.entry, "<Return>")
    window.close()
    side.expect_line("CLIENT:bye")
    side.close()
    screen.until(lambda: window.ended)


def test_quit_closes(screen: Screen, played: FakeServer) -> None:
    """`/quit` in the entry closes the window."""
    window, side = opened(screen, played)
    write(window, "/quit")
    press(window.entry, "<Return>")
    side.close()
    screen.until(lambda: window.ended)


@pytest.mark.usefixtures("screen")
def test_quit_before_the_window_is_up(played: FakeServer) -> None:
    """Ctrl+C in the moment between the start and Tk's main loop closes the window, too."""
    window = ChatWindow(lambda put_event: Session(put_event, "the server's command"))
    window.put_event(Quit())
    too_late: list[str] = []

    def give_up() -> None:  # rather than wait for ever
        too_late.append("it was still open")
        window.root.quit()

    window.root.after(round(Deadline.default * 1_000), give_up)
    assert window.run(played.host, played.port, "Alice") == 0
    assert too_late == []
    assert window.failures == []


def test_closing_while_much_arrives(screen: Screen, server: Server, connect: Connect) -> None:
    """A window that is closed in the middle of a flood is gone at once."""
    mallory = connect(server, "Mallory")
    window = open_window(screen, server.host, server.port, "Alice")
    mallory.expect_line("JOINED:Alice")
    mallory.send_raw(b"flood\n" * 20_000)
    screen.until_shown(window, "flood")
    window.close()
    screen.until(lambda: window.ended)
