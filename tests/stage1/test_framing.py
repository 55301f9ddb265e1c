"""A byte stream is not a sequence of messages: however the bytes come, the lines are the same."""

import pytest

from tests.support.fixtures import Connect
from tests.support.server import Server

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "One recv may return half a line or three lines. Keep what is not finished yet, and take "
        "out a line only when its newline has come.",
        docs="stage1#framing",
    ),
]


@pytest.mark.points(1)
def test_a_line_reaches_the_others(server: Server, connect: Connect) -> None:
    """A line that one client sends reaches the other client."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("hello")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


@pytest.mark.points(2)
def test_lines_glued_together(server: Server, connect: Connect) -> None:
    """Three lines that arrive in one piece are three messages."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"one\nCLIENT:two\nthree\n")
    bob.expect_lines(*(f"MESSAGE:{alice.address} | {text}" for text in ("one", "two", "three")))


@pytest.mark.points(1)
def test_a_line_in_pieces(server: Server, connect: Connect) -> None:
    """A line that arrives in two pieces is one message, and nothing is sent on before its end."""
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    alice.send_raw(b"CLIENT:hel")
    carol.send_line("meanwhile")
    bob.expect_line(f"MESSAGE:{carol.address} | meanwhile")
    alice.send_raw(b"lo\n")
    bob.expect_line(f"MESSAGE:{alice.address} | hello")


@pytest.mark.points(1)
def test_a_line_and_a_half(server: Server, connect: Connect) -> None:
    """What comes after a newline is the beginning of the next line: it is not thrown away."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"first\nsec")
    bob.expect_line(f"MESSAGE:{alice.address} | first")
    alice.send_raw(b"ond\nthird\n")
    bob.expect_lines(f"MESSAGE:{alice.address} | second", f"MESSAGE:{alice.address} | third")


@pytest.mark.points(1)
def test_byte_by_byte(server: Server, connect: Connect) -> None:
    """Lines that arrive one byte at a time are whole messages, letters of several bytes too."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    for byte in "Grüße 🎉\r\nzwei\n".encode():
        alice.send_raw(bytes([byte]))
    bob.expect_lines(f"MESSAGE:{alice.address} | Grüße 🎉", f"MESSAGE:{alice.address} | zwei")


def test_carriage_return_is_dropped(server: Server, connect: Connect) -> None:
    """A line may end in \\r\\n, as telnet sends it; the \\r is not part of the text."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"one\r")
    alice.send_raw(b"\ntwo\r\n")
    bob.expect_lines(f"MESSAGE:{alice.address} | one", f"MESSAGE:{alice.address} | two")


def test_blank_lines_are_ignored(server: Server, connect: Connect) -> None:
    """Blank lines are nobody's message."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"\n\r\n\nafter the blank lines\n")
    bob.expect_line(f"MESSAGE:{alice.address} | after the blank lines")


def test_only_newline_ends_a_line(server: Server, connect: Connect) -> None:
    """U+2028, a line end for str.splitlines, ends no line here."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_line("one\u2028still one")
    bob.expect_line(f"MESSAGE:{alice.address} | one\u2028still one")


def test_many_lines_stay_in_order(server: Server, connect: Connect) -> None:
    """A thousand lines in one go arrive all, once, and in order."""
    alice, bob = connect(server, "Alice"), connect(server, "Bob")
    alice.send_raw(b"".join(b"line %d\n" % number for number in range(1000)))
    bob.expect_lines(*(f"MESSAGE:{alice.address} | line {number}" for number in range(1000)))


@pytest.mark.points(1)
def test_a_long_line_arrives_whole(server: Server, connect: Connect) -> None:
    """A line of 60,000 bytes, more than one recv returns, arrives whole at everyone."""
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    text = "0123456789" * 6000
    alice.send_line(text)
    bob.expect_line(f"MESSAGE:{alice.address} | {text}")
    carol.expect_line(f"MESSAGE:{alice.address} | {text}")
