"""What typed lines mean: every rule, and that nothing private ever becomes public."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage2 import observations
from tests.support.compare import expect_same
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(2),
    pytest.mark.part("commands"),
    pytest.mark.hint(
        "Go through the table of commands row by row, from the special to the general: what is "
        "none of them is text, but what was meant for one reader must never become text.",
        docs="stage2#private-messages",
    ),
]

Command = list[str]  # its name, and what it carries

ONLINE = ["Alice", "Ann", "Ann Lee", "Žofie", "R2 D2 unit"]
GONE = ["Bob", "Ann Marie"]
NOBODY = "nobody named '{}' is online, nothing was sent (/online lists who is)"


def told(command: Command) -> str:
    """A command in words."""
    return f"{command[0]}({', '.join(map(repr, command[1:]))})"


def parse(
    observer: Observer, *lines: str, online: list[str] = ONLINE, gone: list[str] = GONE
) -> list[Command]:
    """What typed lines ask for."""
    commands: list[Command] = observer.observe(
        observations.parsed, lines=list(lines), online=online, gone=gone
    )
    return commands


@pytest.mark.points(6)
@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("hello", ["SayText", "hello"]),
        ("    indented", ["SayText", "    indented"]),
        ("", ["Nothing"]),
        (" \t ", ["Nothing"]),
        ("Hello, world", ["SayText", "Hello, world"]),
        ("a,b,c", ["SayText", "a,b,c"]),
        (",", ["SayText", ","]),
        ("CLIENT:forged", ["SayText", "CLIENT:forged"]),
        ("//etc/hosts is a file", ["SayText", "/etc/hosts is a file"]),
        ("/online", ["ListOnline"]),
        ("/ONLINE", ["ListOnline"]),
        ("online", ["ListOnline"]),
        ("online now?", ["SayText", "online now?"]),
        ("Online", ["SayText", "Online"]),
        ("files", ["ListFiles"]),
        ("/files", ["ListFiles"]),
        ("files are here", ["SayText", "files are here"]),
        ("exit", ["Quit"]),
        ("/quit", ["Quit"]),
        ("exit the room", ["SayText", "exit the room"]),
        ("/help", ["Help"]),
        ("/images", ["ListImages"]),
        ("/image my cat.png", ["SendImage", "my cat.png"]),
        ('/image "/home/me/my cat.png"', ["SendImage", "/home/me/my cat.png"]),
        ("/image 'a.png'", ["SendImage", "a.png"]),
        ("/image '", ["SendImage", "'"]),
        ("/request cat.png", ["RequestImage", "cat.png"]),
        ("/nick Ann Lee", ["ChangeNick", "Ann Lee"]),
        ("/download big file.bin", ["Download", "big file.bin"]),
        ("download,big file.bin", ["Download", "big file.bin"]),
        ("download, big,file.bin ", ["Download", "big,file.bin"]),
        ("broadcast,Bob, where are you?", ["SayText", "Bob, where are you?"]),
        ("broadcast, /help", ["SayText", "/help"]),
    ],
)
def test_what_a_line_means(observer: Observer, typed: str, command: Command) -> None:
    """Commands, words that stand alone, short forms with a comma; everything else is text."""
    expect_same([command], parse(observer, typed), f"typed: {typed!r}", show=told)


@pytest.mark.points(3)
@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("Alice,hi", ["SendPrivate", "Alice", "hi"]),
        ("alice, hi, you", ["SendPrivate", "Alice", "hi, you"]),
        ("ŽOFIE,ahoj", ["SendPrivate", "Žofie", "ahoj"]),
        ("Ann Lee, hi", ["SendPrivate", "Ann Lee", "hi"]),
        ("/msg Alice hi there", ["SendPrivate", "Alice", "hi there"]),
        ("/msg alice  two  blanks", ["SendPrivate", "Alice", "two  blanks"]),
        ("/msg\tAlice hi", ["SendPrivate", "Alice", "hi"]),
        ("/msg Ann hi", ["SendPrivate", "Ann", "hi"]),
        ("/msg Ann Lee hi", ["SendPrivate", "Ann Lee", "hi"]),
        ("/msg ann  lee hi", ["SendPrivate", "Ann Lee", "hi"]),
        ("/msg Ann Leeward hi", ["SendPrivate", "Ann", "Leeward hi"]),
        ("/msg R2 D2 unit beep", ["SendPrivate", "R2 D2 unit", "beep"]),
        (
            "/msg Zofie no",
            ["Refused", NOBODY.format("Zofie")],
        ),
    ],
)
def test_private_messages_find_their_reader(
    observer: Observer, typed: str, command: Command
) -> None:
    """Of several names that fit, the longest is meant; case and blanks do not matter."""
    expect_same([command], parse(observer, typed), f"typed: {typed!r}", show=told)


@pytest.mark.points(3)
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
def test_what_cannot_be_done_is_refused_with_advice(
    observer: Observer, typed: str, told: str
) -> None:
    """Nothing is sent, and the user reads what to do."""
    (command,) = parse(observer, typed)
    assert command[0] == "Refused", f"{typed!r} gave {command}; it must be Refused, with a reason"
    assert told in command[1], f"{typed!r}: {told!r} is not in the reason {command[1]!r}"


@pytest.mark.points(1)
def test_a_name_that_left_and_came_back_is_online(observer: Observer) -> None:
    """Who is here now counts, whoever had left before."""
    (command,) = parse(observer, "Bob,hi", online=["Bob"], gone=["Bob"])
    assert command == ["SendPrivate", "Bob", "hi"]


def test_a_long_line_of_many_words_is_parsed_at_once(observer: Observer) -> None:
    """Thousands of words cost no time worth mentioning."""
    typed = "/msg Alice " + "word " * 13_000
    assert parse(observer, typed) == [["SendPrivate", "Alice", typed[11:].strip()]]


names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=","), min_size=1)


@settings(deadline=None)
@given(st.text(), st.lists(names), st.lists(names))
def test_any_line_gives_a_command(
    observer: Observer, typed: str, online: list[str], gone: list[str]
) -> None:
    """No line breaks the parser, and nothing is sent to someone who is not online."""
    (command,) = parse(observer, typed, online=online, gone=gone)
    if command[0] == "SendPrivate":
        assert command[1] in online


@pytest.mark.points(3)
@settings(deadline=None)
@given(st.sampled_from(GONE), st.text())
def test_a_message_to_someone_gone_is_never_public(
    observer: Observer, nick: str, text: str
) -> None:
    """What was written to someone who has just left is refused, whatever it says."""
    by_comma, by_command = parse(observer, f"{nick},{text}", f"/msg {nick} {text}")
    assert by_comma[0] == "Refused"
    assert by_command[0] != "SayText"
