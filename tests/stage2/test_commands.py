"""What typed lines mean: every rule, and that nothing private ever becomes public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stage2_gui.commands import (
    ChangeNick,
    Command,
    Download,
    Help,
    ListFiles,
    ListImages,
    ListOnline,
    Nothing,
    Quit,
    Refused,
    RequestImage,
    SayText,
    SendImage,
    SendPrivate,
    parse,
)

pytestmark = pytest.mark.stage(2)

ONLINE = ["Alice", "Ann", "Ann Lee", "Žofie", "R2 D2 unit"]
GONE = ["Bob", "Ann Marie"]
NOBODY = "nobody named '{}' is online, nothing was sent (/online lists who is)"


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("hello", SayText("hello")),
        ("    indented", SayText("    indented")),
        ("", Nothing()),
        (" \t ", Nothing()),
        ("Hello, world", SayText("Hello, world")),
        ("a,b,c", SayText("a,b,c")),
        (",", SayText(",")),
        ("CLIENT:forged", SayText("CLIENT:forged")),
        ("//etc/hosts is a file", SayText("/etc/hosts is a file")),
        ("/online", ListOnline()),
        ("/ONLINE", ListOnline()),
        ("online", ListOnline()),
        ("online now?", SayText("online now?")),
        ("Online", SayText("Online")),
        ("files", ListFiles()),
        ("/files", ListFiles()),
        ("files are here", SayText("files are here")),
        ("exit", Quit()),
        ("/quit", Quit()),
        ("exit the room", SayText("exit the room")),
        ("/help", Help()),
        ("/images", ListImages()),
        ("/image my cat.png", SendImage("my cat.png")),
        ('/image "/home/me/my cat.png"', SendImage("/home/me/my cat.png")),
        ("/image 'a.png'", SendImage("a.png")),
        ("/image '", SendImage("'")),
        ("/request cat.png", RequestImage("cat.png")),
        ("/nick Ann Lee", ChangeNick("Ann Lee")),
        ("/download big file.bin", Download("big file.bin")),
        ("download,big file.bin", Download("big file.bin")),
        ("download, big,file.bin ", Download("big,file.bin")),
        ("broadcast,Bob, where are you?", SayText("Bob, where are you?")),
        ("broadcast, /help", SayText("/help")),
    ],
)
def test_what_a_line_means(typed: str, command: Command) -> None:
    assert parse(typed, ONLINE, GONE) == command


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("Alice,hi", SendPrivate("Alice", "hi")),
        ("alice, hi, you", SendPrivate("Alice", "hi, you")),
        ("ŽOFIE,ahoj", SendPrivate("Žofie", "ahoj")),
        ("Ann Lee, hi", SendPrivate("Ann Lee", "hi")),
        ("/msg Alice hi there", SendPrivate("Alice", "hi there")),
        ("/msg alice  two  blanks", SendPrivate("Alice", "two  blanks")),
        ("/msg\tAlice hi", SendPrivate("Alice", "hi")),
        ("/msg Ann hi", SendPrivate("Ann", "hi")),
        ("/msg Ann Lee hi", SendPrivate("Ann Lee", "hi")),
        ("/msg ann  lee hi", SendPrivate("Ann Lee", "hi")),
        ("/msg Ann Leeward hi", SendPrivate("Ann", "Leeward hi")),
        ("/msg R2 D2 unit beep", SendPrivate("R2 D2 unit", "beep")),
        (
            "/msg Zofie no",
            Refused(NOBODY.format("Zofie")),
        ),
    ],
)
def test_private_messages_find_their_reader(typed: str, command: Command) -> None:
    assert parse(typed, ONLINE, GONE) == command


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Bob,secret", "Bob is no longer online"),
        ("BOB, secret", "Bob is no longer online"),
        ("/msg Bob secret", "Bob is no longer online"),
        ("/msg Ann Marie secret", "Ann Marie is no longer online"),
        ("/msg Nobody secret", "nobody named 'Nobody'"),
        ("/msg", "/msg NICK TEXT"),
        ("/msg Alice", "no text for Alice"),
        ("/msg Ann Lee", "no text for Ann Lee"),
        ("Alice,", "no text for Alice"),
        ("/nick", "/nick NAME"),
        ("/image", "/image FILE"),
        ("/request  ", "/request NAME"),
        ("/download", "/download NAME"),
        ("download,", "download,NAME"),
        ("broadcast,", "broadcast,TEXT"),
        ("/dance", "/dance is no command"),
        ("/", "is no command"),
        ("/quit now", "stands alone"),
    ],
)
def test_what_cannot_be_done_is_refused_with_advice(typed: str, told: str) -> None:
    command = parse(typed, ONLINE, GONE)
    assert isinstance(command, Refused)
    assert told in command.why


def test_a_name_that_left_and_came_back_is_online() -> None:
    assert parse("Bob,hi", ["Bob"], ["Bob"]) == SendPrivate("Bob", "hi")


def test_a_long_line_of_many_words_is_parsed_at_once() -> None:
    typed = "/msg Alice " + "word " * 13_000
    assert parse(typed, ONLINE, GONE) == SendPrivate("Alice", typed[11:].strip())


names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=","), min_size=1)


@given(st.text(), st.lists(names), st.lists(names))
def test_any_line_gives_a_command(typed: str, online: list[str], gone: list[str]) -> None:
    command = parse(typed, online, gone)
    if isinstance(command, SendPrivate):
        assert command.nick in online


@given(st.sampled_from(GONE), st.text())
def test_a_message_to_someone_gone_is_never_public(nick: str, text: str) -> None:
    assert isinstance(parse(f"{nick},{text}", ONLINE, GONE), Refused)
    assert not isinstance(parse(f"/msg {nick} {text}", ONLINE, GONE), SayText)
