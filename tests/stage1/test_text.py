"""Text from strangers: letters of all scripts pass, what could command a terminal does not."""

import pytest

from tests.support.fixtures import Connect
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "Decode a line only when it is whole, replacing what is not UTF-8; then replace control "
        "characters before the text goes to anyone, your own terminal included.",
        docs="stage1#text-from-strangers",
    ),
]


@pytest.mark.points(1)
@pytest.mark.hint(
    "A letter may be several bytes, and recv may return half of it; half a letter is not text. "
    "Collect bytes until the line is whole, and decode the line.",
    docs="stage1/messages#decode-late",
)
def test_a_character_cut_in_two(server: Server, connect: Connect) -> None:
    """A letter whose bytes arrive in two pieces stays that letter."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    first, second = "für 🎉\n".encode()[:2], "für 🎉\n".encode()[2:]
    alice.send_raw(first)
    bob.send_line("ping")  # its answer shows that the server has read the first piece
    bob.expect_line("pong")
    alice.send_raw(second)
    bob.expect_line(f"MESSAGE:{alice.address} | für 🎉")


@pytest.mark.points(1)
def test_invalid_utf8_is_replaced(server: Server, connect: Connect) -> None:
    """Bytes that are not UTF-8 become U+FFFD, and their sender stays connected."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"caf\xe9 au lait\nstill here\n")
    bob.expect_lines(
        f"MESSAGE:{alice.address} | caf\ufffd au lait", f"MESSAGE:{alice.address} | still here"
    )


@pytest.mark.parametrize("text", ["日本語 한국어", "مرحبا שלום", "👩‍👩‍👧 e\u0301", "tab\there"])
def test_text_of_all_scripts_passes(server: Server, connect: Connect, text: str) -> None:
    """Letters of all scripts, emoji and tabs arrive as they were sent."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(text)
    bob.expect_line(f"MESSAGE:{alice.address} | {text}")


@pytest.mark.points(1)
@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x08", "\x0b", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u202e", "\u2066"],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_control_characters_are_replaced(server: Server, connect: Connect, character: str) -> None:
    """A control character becomes U+FFFD in what others get and in the server's own log."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line(f"a{character}b")
    bob.expect_line(f"MESSAGE:{alice.address} | a\ufffdb")
    server.expect_output("a(\ufffd|\\?)b")
    log = server.printed().replace("\r\n", "\n")
    assert character not in log, f"{character!r} is in the server's log"


@pytest.mark.points(1)
def test_a_terminal_escape_is_harmless(server: Server, connect: Connect) -> None:
    """A whole escape sequence reaches neither the others nor the server's terminal."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("\x1b]0;owned\x07\x1b[2Jclear")
    bob.expect_line(f"MESSAGE:{alice.address} | \ufffd]0;owned\ufffd\ufffd[2Jclear")
    server.expect_output("owned")
    assert "\x1b" not in server.printed()
