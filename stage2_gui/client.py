"""The client of stage 2: a window, or the console, in front of one session.

A later stage makes a subclass that adds arguments, another session and another window.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.advice import python_command
from stage1_basic.command_line import (
    DEFAULT_PORT,
    Parser,
    UserError,
    fail,
    leave,
    port,
    prepare_output,
)
from stage1_basic.terminal import Terminal
from stage2_gui.commands import Quit
from stage2_gui.console import ConsoleFace
from stage2_gui.nicknames import NicknameError, check_nickname
from stage2_gui.session import Session

if TYPE_CHECKING:
    from stage2_gui.window import ChatWindow


class ClientProgram:
    """What `python -m stage2_gui.client` does."""

    description = "A chat client with a window, and a console."
    server_module = "stage2_gui.server"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this stage's client takes on its command line."""
        parser.add_argument(
            "host", nargs="?", default="127.0.0.1", metavar="HOST", help="the server"
        )
        parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="the server's port")
        parser.add_argument("--nickname", type=nickname, metavar="NAME", help="join as NAME")
        parser.add_argument("--console", action="store_true", help="chat here, without a window")

    def prepare(self, arguments: argparse.Namespace) -> None:
        """Do what can fail before there is a face, such as making folders. Raises UserError."""

    def make_session(
        self, put_event: Callable[[Any], None], arguments: argparse.Namespace
    ) -> Session:
        """The session, which puts its events where its face takes them out."""
        return Session(put_event, self.start_server(arguments))

    def make_console(self, terminal: Terminal, arguments: argparse.Namespace) -> ConsoleFace:
        """The face on the console."""
        return ConsoleFace(terminal, lambda put_event: self.make_session(put_event, arguments))

    def make_window(self, arguments: argparse.Namespace) -> "ChatWindow":
        """The face in a window. Raises RuntimeError where there is no display."""
        from stage2_gui.window import ChatWindow

        return ChatWindow(lambda put_event: self.make_session(put_event, arguments))

    def start_server(self, arguments: argparse.Namespace) -> str:
        """The command that starts a server for this client."""
        return python_command(self.server_module, "--port", str(arguments.port))

    def main(self, argv: Sequence[str] | None = None) -> NoReturn:
        """Run the client, and leave with its exit code."""
        prepare_output()
        parser = Parser(self.description)
        self.add_arguments(parser)
        arguments = parser.parse_args(argv)
        try:
            self.prepare(arguments)
            code = self.run(arguments)
        except UserError as error:
            code = fail(str(error))
        except KeyboardInterrupt:
            code = 0
        leave(code)

    def run(self, arguments: argparse.Namespace) -> int:
        """Show the face that was asked for until it is closed; the exit code."""
        return self.run_console(arguments) if arguments.console else self.run_window(arguments)

    def run_console(self, arguments: argparse.Namespace) -> int:
        """Chat on the console."""
        terminal = Terminal("> ")
        signal.signal(signal.SIGTERM, lambda *_: terminal.abandon())
        face = self.make_console(terminal, arguments)
        code = face.run(arguments.host, arguments.port, arguments.nickname)
        terminal.close()
        return code

    def run_window(self, arguments: argparse.Namespace) -> int:
        """Chat in a window. Raises UserError where there can be none."""
        try:
            import tkinter  # noqa: F401 - some systems' Python comes without it
        except ImportError as error:
            raise UserError(f"{tkinter_advice()} Or chat without a window: --console") from error
        try:
            window = self.make_window(arguments)
        except RuntimeError as error:
            raise UserError(f"{error} Chat without a window: --console") from error
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: window.put_event(Quit()))
        return window.run(arguments.host, arguments.port, arguments.nickname)


def nickname(text: str) -> str:
    """A possible nickname, from the command line."""
    try:
        return check_nickname(text)
    except NicknameError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def tkinter_advice() -> str:
    """How tkinter comes onto this system."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.platform == "win32":
        return "Python has no tkinter here: run its installer again, Modify, tick 'tcl/tk'."
    if sys.platform == "darwin":
        return f"Python has no tkinter here: brew install python-tk@{version}."
    return "Python has no tkinter here: install the package python3-tk (Fedora: python3-tkinter)."


if __name__ == "__main__":
    ClientProgram().main()
