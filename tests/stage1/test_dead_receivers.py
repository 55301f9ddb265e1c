"""A connection that breaks while something is sent to it: its own business, not the sender's."""

import os
import signal

import pytest

from tests.support.fixtures import Connect, StartServer

pytestmark = [
    pytest.mark.stage(1),
    pytest.mark.hint(
        "An error while you send to one client belongs to that client. Catch it there, where you "
        "send to it, let that one go, and go on with the next; the one whose line it was has done "
        "nothing wrong.",
        docs="stage1#clients-that-vanish",
    ),
]


@pytest.mark.points(2)
@pytest.mark.skipif(os.name == "nt", reason="stops the server for a moment, by a signal")
def test_a_dead_receiver_costs_the_sender_nothing(start: StartServer, connect: Connect) -> None:
    """Bob's connection breaks just before Alice's line is sent to him: Alice and Carol stay."""
    server = start()
    alice, bob, carol = connect(server, "Alice"), connect(server, "Bob"), connect(server, "Carol")
    server.interrupt(signal.SIGSTOP)  # so that it finds the line and the break at the same time
    alice.send_line("hello")
    bob.reset()
    server.interrupt(signal.SIGCONT)
    carol.expect_line(f"MESSAGE:{alice.address} | hello")
    alice.send_line("ping")
    alice.expect_line("pong")
    alice.send_line("still here")
    carol.expect_line(f"MESSAGE:{alice.address} | still here")
