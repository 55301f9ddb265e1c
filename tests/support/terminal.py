"""A program on a terminal of its own (POSIX only): it sees a keyboard and a screen."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.processes import Output, Program, own_group

# Runs before the program, in its process: the terminal on its stdin shall control it.
_TAKE_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class TerminalProgram(Program):
    """A program on a terminal of its own: it sees a keyboard and a screen, Ctrl+C and Ctrl+D."""

    CTRL_C, CTRL_D, CTRL_S = b"\x03", b"\x04", b"\x13"

    def _start(self, cwd: Path, env: dict[str, str], reads_output: bool) -> None:
        import pty  # POSIX only
        import termios

        self._terminal, programs_side = pty.openpty()
        self._modes = termios.tcgetattr(programs_side)
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", _TAKE_THE_TERMINAL, *self.command],
            cwd=cwd,
            env=env | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
            stdin=programs_side,
            stdout=programs_side,
            stderr=programs_side,
            **own_group(),
        )
        os.close(programs_side)
        self.output = Output(self._terminal, reads_output)
        self.errors = self.output

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._terminal, data) :]

    def close_input(self) -> None:
        """Type Ctrl+D at the beginning of a line."""
        self.type(self.CTRL_D)

    def is_as_found(self) -> bool:
        """Whether the terminal's modes (echo, line by line) are those from before the program."""
        import termios

        return termios.tcgetattr(self._terminal) == self._modes

    def _close(self) -> None:
        self.output.wait_for_end(2)
        os.close(self._terminal)
