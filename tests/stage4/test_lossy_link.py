"""The command line of `lossy_link`: what makes no sense is said in a line, and nothing begins."""

import socket
import subprocess
import sys

import pytest

from tests.stage4.harness import STAGE
from tests.support.processes import Deadline
from tests.support.submission import environment

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Start a link that ends at once, because its command line is wrong."""
    return subprocess.run(
        [sys.executable, str(STAGE / "lossy_link.py"), *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=Deadline.default,
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--listen", "70000"),
        ("--to", "-1"),
        ("--loss", "120"),
        ("--corrupt", "few"),
        ("--delay", "-5"),
        ("--delay", "nan"),
        ("--rate", "-1"),
        ("--rate", "inf"),
    ],
)
def test_a_number_that_makes_no_sense(option: str, value: str) -> None:
    """It is named, with what would make sense, in one line."""
    ended = started("--listen", "0", "--to", "12345", f"{option}={value}")
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert option in ended.stderr
    assert repr(value) in ended.stderr


def test_a_port_that_is_taken() -> None:
    """The error names the port and the option that chooses another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        ended = started("--listen", str(port), "--to", "12345")
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert f"UDP port {port} is in use" in ended.stderr
    assert "--listen" in ended.stderr
