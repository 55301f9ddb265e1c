"""No chat server: it answers as many ready-made lines as it reads, to find the load's own ceiling.

It looks at no line, frames nothing, logs nothing and drops nobody; a real server can't be faster.
"""

import socket
import sys
from select import EPOLLIN, epoll

LINE = b"MESSAGE:127.0.0.1:50000 | " + b"." * 63 + b"^\n"  # what ours makes of the load's message


class IdealRelay:
    """The cheapest thing that keeps a crowd of chat clients busy."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self._clients: dict[int, socket.socket] = {}
        self._epoll = epoll()
        self._epoll.register(self._listener, EPOLLIN)

    def serve(self) -> None:
        """Serve until killed."""
        while True:
            sent: dict[int, int] = {}
            for descriptor, _ in self._epoll.poll():
                if descriptor == self._listener.fileno():
                    self._accept()
                else:
                    sent[descriptor] = self._read(descriptor)
            self._answer(sent)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[client.fileno()] = client
        self._epoll.register(client, EPOLLIN)

    def _read(self, descriptor: int) -> int:
        """The number of lines that came on this socket."""
        data = self._clients[descriptor].recv(1 << 16)
        if not data:
            self._epoll.unregister(descriptor)
            self._clients.pop(descriptor).close()
        return data.count(b"\n")

    def _answer(self, sent: dict[int, int]) -> None:
        """Give everyone the lines of the others."""
        if not (total := sum(sent.values())):
            return
        block = memoryview(LINE * total)
        for descriptor, client in self._clients.items():
            client.sendall(block[: (total - sent.get(descriptor, 0)) * len(LINE)])


if __name__ == "__main__":
    IdealRelay(int(sys.argv[1])).serve()
