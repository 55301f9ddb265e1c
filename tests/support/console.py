"""How the console client of a stage is started, and what its lines look like."""

import re

from tests.support.fake_server import FakeServer
from tests.support.server import Server
from tests.support.submission import Submission

TIME = r"\[\d\d:\d\d:\d\d\]"


def client_command(submission: Submission, stage: int, *arguments: str) -> list[str]:
    """The command line of a stage's console client."""
    console = ["--console"] if stage >= 2 else []
    return submission.command(stage, "client", *arguments, *console)


def target(server: Server | FakeServer) -> list[str]:
    """The arguments that lead a client to `server`."""
    return [server.host, "--port", str(server.port)]


def console_line(sender: str, text: str) -> str:
    """The pattern of a whole line of the conversation as a console shows it."""
    return rf"^{TIME} {re.escape(sender)}: {re.escape(text)}\r?$"
