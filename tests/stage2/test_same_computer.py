"""Several people at one computer: their clients have one address, and still are not one person."""

import pytest

from tests.support.console import console_line
from tests.support.fixtures import Connect, StartProgram
from tests.support.server import Server

pytestmark = pytest.mark.stage(2)


@pytest.mark.points(2)
@pytest.mark.hint(
    "Whose words they are can't be told by comparing addresses: everyone at one computer, or "
    "behind one router, has the same. A client knows its own words because it has sent them; the "
    "server does not send them back.",
    docs="stage2#who-is-who",
)
def test_the_same_address_is_not_you(
    server: Server, connect: Connect, start_client: StartProgram
) -> None:
    """Someone without a nickname talks on this computer: that is shown by address, not as You."""
    client = start_client(server, "--nickname", "Alice")
    client.expect_output(console_line("System", "you are Alice"))
    guest = connect(server, "Guest")
    guest.send_line("these are not your words")
    client.expect_output(console_line(guest.address, "these are not your words"))
    client.type("these are mine\n")
    client.expect_output(console_line("You", "these are mine"))
    assert "You: these are not" not in client.printed()
