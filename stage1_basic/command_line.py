"""What every program of the course does with its command line and its output."""

import argparse
import io
import os
import sys
from typing import NoReturn

DEFAULT_PORT = 12345


class UserError(Exception):
    """Something the user can mend; the message, one line, says what happened and what to do."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one readable line."""

    def __init__(self, description: str) -> None:
        super().__init__(
            description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def port(text: str) -> int:
    """A port number. Port 0 lets the system choose a free one."""
    if not text.isascii() or not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port: a port is a number from 0 to 65535"
        )
    return int(text)


def seconds(text: str) -> float:
    """A time above zero, in seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e9:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time: give seconds above 0, such as 5 or 0.5"
        )
    return value


def prepare_output() -> None:
    """Let no character that a terminal cannot show, or a pipe cannot carry, end a program."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str, end: str = "\n") -> None:
    """Print at once, for someone who reads along. Raises UserError when that is impossible."""
    try:
        print(text, end=end, flush=True)
    except OSError as error:  # whoever read it has gone (`| head`), or a disk is full
        raise UserError(f"Nothing more can be shown: {error.strerror}") from error


def fail(message: str) -> int:
    """Say in one line what went wrong; the exit code to leave with."""
    print(message, file=sys.stderr, flush=True)
    return 1


def leave(code: int) -> NoReturn:
    """End the program at once, whatever other threads are waiting for.

    A thread that waits for the keyboard, or for a terminal that was stopped, cannot be ended in
    Python; the normal end of the interpreter would wait for it.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # nobody reads it, or there is none (pythonw)
            continue
    os._exit(code)
