"""A server played by the test: it says what it likes to the client program under test."""

import socket
from types import TracebackType

from tests.support.conversation import Conversation
from tests.support.processes import Deadline
from tests.support.report import Transcript


class FakeServer:
    """Listens at a free port of this computer; `host` and `port` as a `Server` has them.

    `receive_buffer` (bytes) limits what the system reads ahead of the test.
    """

    def __init__(self, transcript: Transcript, receive_buffer: int | None = None) -> None:
        self._transcript = transcript
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(Deadline.default)
        if receive_buffer is not None:  # what it accepts inherits it
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.host, self.port = self._listener.getsockname()
        self._connections: list[Conversation] = []

    def accept(self) -> Conversation:
        """Wait for the client; the connection to it."""
        connection, _ = self._listener.accept()
        self._transcript.note("the test", "plays the server; the client has connected")
        conversation = Conversation(connection, "the test", self._transcript)
        self._connections.append(conversation)
        return conversation

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def __enter__(self) -> "FakeServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        for conversation in self._connections:
            conversation.close()
