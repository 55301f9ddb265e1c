"""A client that speaks the bare protocol to the server under test."""

import socket

from tests.support.conversation import Conversation
from tests.support.processes import Deadline
from tests.support.report import Transcript


class WireClient(Conversation):
    """A connection to a server. `receive_buffer` (bytes) limits what the system reads ahead."""

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        transcript: Transcript,
        *,
        answers_pings: bool = False,
        receive_buffer: int | None = None,
    ) -> None:
        family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        connection = socket.socket(family, kind)
        connection.settimeout(Deadline.default)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect(target)
        super().__init__(connection, name, transcript, answers_pings)
        transcript.note(name, f"connected from {self.address}")
