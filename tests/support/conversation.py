"""One side of a connection, played by a test: as strict or as rude as the test wants.

Nothing is read behind the test's back. Lines that a test did not ask about (pings, notices of
coming and going) are skipped; every other line must be the expected one, in order. So "nothing
arrives" is tested without waiting: send something else afterwards, and expect that next.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterator
from types import TracebackType

from tests.support.processes import Deadline
from tests.support.report import MismatchError, Transcript, caret, quoted

_NOTICES = (b"MESSAGE:System | ", b"JOINED:", b"LEFT:", b"RENAMED:")


class ConnectionEndedError(Exception):
    """The other side closed the connection; `abrupt` when by a reset instead of an orderly end."""

    def __init__(self, abrupt: bool) -> None:
        super().__init__("connection reset by the other side" if abrupt else "connection closed")
        self.abrupt = abrupt


class Conversation:
    """One connection, and everything that is said and heard on it."""

    def __init__(
        self,
        connection: socket.socket,
        name: str,
        transcript: Transcript,
        answers_pings: bool = False,
    ) -> None:
        self.socket, self.name, self.answers_pings = connection, name, answers_pings
        self._transcript = transcript
        self._received = bytearray()
        connection.settimeout(Deadline.default)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = connection.getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        """What the server calls this client as long as it has no nickname."""

    # Speaking

    def send_raw(self, data: bytes) -> None:
        """Send exactly these bytes. If the other side has closed, reading will tell."""
        self._transcript.sent(self.name, data)
        self.socket.settimeout(Deadline.default)
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)

    def send_line(self, text: str) -> None:
        """Send one line."""
        self.send_raw(text.encode() + b"\n")

    # Listening

    def expect_line(self, expected: str) -> None:
        """The next line is `expected`."""
        __tracebackhide__ = True
        self.expect_bytes(expected.encode())

    def expect_bytes(self, expected: bytes) -> None:
        """The next line is `expected`, byte by byte."""
        __tracebackhide__ = True
        line = self._next(lambda line: line == expected, expected)
        if line != expected:
            raise self.mismatch(expected, quoted(line), *caret(expected, line))

    def expect_lines(self, *expected: str) -> None:
        """The next lines are these, in this order."""
        __tracebackhide__ = True
        for line in expected:
            self.expect_line(line)

    def expect_start(self, beginning: str) -> str:
        """The next line begins with `beginning`; the line."""
        __tracebackhide__ = True
        start, wanted = beginning.encode(), f"a line that begins with {beginning!r}"
        line = self._next(lambda line: line.startswith(start), wanted)
        if not line.startswith(start):
            raise self.mismatch(wanted, quoted(line), *caret(start, line[: len(start)]))
        return line.decode()

    def expect_message(self, text: str) -> str:
        """The next line is someone's message with this text; the sender."""
        __tracebackhide__ = True
        start, end, wanted = b"MESSAGE:", f" | {text}".encode(), f"'MESSAGE:<anyone> | {text}'"
        line = self._next(lambda line: line.endswith(end), wanted)
        if not (line.startswith(start) and line.endswith(end)):
            raise self.mismatch(wanted, quoted(line))
        return line.removeprefix(start).removesuffix(end).decode()

    def wait_for(self, wanted: str, found: Callable[[str], bool]) -> str:
        """Skip lines, whatever they are, until one is `found`; the line."""
        __tracebackhide__ = True
        return self._first(lambda line: found(line.decode()), wanted).decode()

    def expect_end(self) -> None:
        """The other side closes the connection, in order, and says nothing more."""
        __tracebackhide__ = True
        try:
            line = self._next(lambda _: False, "the connection ends", ends=True)
        except ConnectionEndedError as end:
            if end.abrupt:
                raise self.mismatch("an orderly end", "a reset (RST)") from None
        else:
            raise self.mismatch("the connection ends", quoted(line))

    def read_to_end(self) -> list[str]:
        """All lines until the other side closes the connection, whether in order or by a reset."""
        __tracebackhide__ = True
        lines: list[str] = []
        with contextlib.suppress(ConnectionEndedError):
            for line in self._lines():
                lines.append(line.decode())
        return lines

    def read_line(self, end: float | None = None) -> bytes:
        """The next line of any kind, without its newline; `end` (monotonic) is how long to wait.

        Raises TimeoutError and ConnectionEndedError."""
        end = end or time.monotonic() + Deadline.default
        while (newline := self._received.find(b"\n")) < 0:
            self._receive(end)
        line = bytes(self._received[:newline])
        del self._received[: newline + 1]
        self._transcript.received(self.name, line + b"\n")
        if line == b"ping" and self.answers_pings:
            self.send_raw(b"pong\n")
        return line

    def _receive(self, end: float) -> None:
        self.socket.settimeout(max(0.001, end - time.monotonic()))
        try:
            chunk = self.socket.recv(262_144)
        except ConnectionError:
            self._ended(abrupt=True)
        if not chunk:
            self._ended(abrupt=False)
        self._received += chunk

    def _ended(self, abrupt: bool) -> None:
        self._transcript.note(self.name, str(ConnectionEndedError(abrupt)))
        raise ConnectionEndedError(abrupt)

    def _lines(self) -> Iterator[bytes]:
        """All lines, until nothing but pings has come for the length of the deadline."""
        end = None
        while True:
            end = end or time.monotonic() + Deadline.default
            line = self.read_line(end)
            yield line
            if line != b"ping":
                end = None

    def _next(
        self, wanted: Callable[[bytes], bool], words: str | bytes, ends: bool = False
    ) -> bytes:
        """The next line that is wanted or not skipped."""
        __tracebackhide__ = True

        def counts(line: bytes) -> bool:
            return wanted(line) or not (line == b"ping" or line.startswith(_NOTICES))

        return self._first(counts, words, ends)

    def _first(
        self, counts: Callable[[bytes], bool], words: str | bytes, ends: bool = False
    ) -> bytes:
        __tracebackhide__ = True
        try:
            return next(line for line in self._lines() if counts(line))
        except TimeoutError:
            rest = f" but the unfinished {quoted(bytes(self._received))}" if self._received else ""
            raise self.mismatch(
                words, f"nothing within {Deadline.default:g} seconds{rest}"
            ) from None
        except ConnectionEndedError as end:
            if ends:
                raise
            for wait in self._transcript.last_words:
                wait()
            raise self.mismatch(words, str(end)) from None

    def mismatch(self, expected: str | bytes, arrived: str, *details: str) -> MismatchError:
        """A failure of this conversation: the words, or the line, that did not come."""
        if isinstance(expected, bytes):
            expected = f"the line {quoted(expected)}"
        return MismatchError(f"{self.name} gets {expected}", arrived, self._transcript, *details)

    # Leaving

    def finish_sending(self) -> None:
        """Half-close: the server reads the end, this client can still read."""
        self._transcript.note(self.name, "sends the end of its data (half-close)")
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Vanish abruptly: the server's system gets an RST."""
        self._transcript.note(self.name, "vanishes with a reset (RST)")
        no_linger = struct.pack("hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        self.socket.close()

    def leave(self) -> bool:
        """Close, after the server has taken in everything and closed too; False if it does not."""
        if self.socket.fileno() < 0:
            return True
        self._transcript.note(self.name, "leaves")
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        try:
            return self._discard_rest()
        finally:
            self.close()

    def _discard_rest(self) -> bool:
        end = time.monotonic() + Deadline.default / 10  # it is for the next test: no long wait
        data = b"the rest"
        while data:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                data = self.socket.recv(262_144)
            except ConnectionError:
                return True
            except TimeoutError:
                return False
        return True

    def close(self) -> None:
        """Close at once."""
        self.socket.close()

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
