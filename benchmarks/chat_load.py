"""A crowd of chat clients in one thread: it sends, and counts what every client receives.

The crowd must not be slower than the server, so nothing is done per message: sockets are read in
big pieces and messages are counted at C speed, by a mark that stands in every message once and
in nothing else that a server says. Senders repeat one ready-made block.
"""

import random
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from select import EPOLLIN, epoll
from types import TracebackType
from typing import Self

from benchmarks.chat_servers import HOST, ChatServer
from benchmarks.measure import BenchmarkError

MARK = b"^"
TEXT = b"." * 63 + MARK  # 64 bytes
PATIENCE = 10.0  # seconds without a byte after which a message counts as lost


@dataclass(frozen=True, slots=True)
class Flood:
    """One measured stretch of chat under load. `load_cpu` is the crowd's share of its processor."""

    deliveries: int
    named: int  # of them with their sender's name
    seconds: float
    load_cpu: float

    @property
    def per_second(self) -> float:
        """Deliveries a second: one message to a hundred clients counts 99 times."""
        return self.deliveries / self.seconds


class Crowd:
    """`size` clients of the server on `port`; a context manager."""

    def __init__(self, server: ChatServer, port: int, size: int) -> None:
        self._server, self._port, self._size = server, port, size
        self._message = server.dialect.before_text + TEXT + server.dialect.after_text
        self._named = 0  # messages that came with their sender
        self._clients: dict[int, socket.socket] = {}
        self._seen: dict[int, int] = {}  # messages by descriptor; its own count as seen
        self._random = random.Random(1)
        self._epoll = epoll()
        self._buffer = bytearray(1 << 20)

    def __enter__(self) -> Self:
        try:
            self._connect()
            self._settle()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect everybody."""
        for client in self._clients.values():
            client.close()
        self._epoll.close()

    def _connect(self) -> None:
        for number in range(self._size):
            client = socket.create_connection((HOST, self._port), timeout=PATIENCE)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(self._server.dialect.greeting(number))
            client.setblocking(False)
            self._clients[client.fileno()] = client
            self._seen[client.fileno()] = 0
            self._epoll.register(client, EPOLLIN)
            if number % self._server.backlog == 0:
                self._count_until_silence(0.002)  # it accepts; and announcements add up

    def _settle(self) -> None:
        """Say hello until everybody hears it: then everybody is in the room."""
        heard = 0
        for _ in range(int(PATIENCE)):
            self._count_until_silence()
            self._say_one()
            heard = self._count_until_silence()
            if heard == self._size - 1:
                return
        raise BenchmarkError(f"{heard} of {self._size - 1} clients heard a message")

    def _count_until_silence(self, seconds: float = 0.3) -> int:
        """Read until nothing has come for so long; the number of messages."""
        total = 0
        while (messages := self._read_turn(seconds)) is not None:
            total += messages
        return total

    def _read_turn(self, timeout: float) -> int | None:
        """Read each readable client once; the number of messages, None if nothing came in time."""
        ready = self._epoll.poll(timeout)
        if not ready:
            return None
        total = 0
        buffer, clients, seen = self._buffer, self._clients, self._seen
        sender_mark = self._server.sender_mark
        for descriptor, _ in ready:
            length = clients[descriptor].recv_into(buffer)
            if not length:
                raise BenchmarkError("the server closed a client's connection")
            messages = buffer.count(MARK, 0, length)
            seen[descriptor] += messages
            total += messages
            if sender_mark:
                self._named += buffer.count(sender_mark, 0, length)
        return total

    def _say_one(self) -> None:
        """One client, each time another, sends one message."""
        self._random.choice(list(self._clients.values())).sendall(self._message)

    def latencies(self, seconds: float) -> list[float]:
        """Seconds until the last client has one message, on a server that is idle otherwise."""
        found: list[float] = []
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            heard = 0
            self._say_one()
            while heard < self._size - 1:
                heard += self._read_or_give_up()
            found.append(time.perf_counter() - start)
            time.sleep(self._random.uniform(0, 0.01))  # uneven: no falling into step with timers
        return found

    def _read_or_give_up(self) -> int:
        messages = self._read_turn(PATIENCE)
        if messages is None:
            raise BenchmarkError(f"a client got no message for {PATIENCE:.0f} s: it is lost")
        return messages

    def flood(self, seconds: float, senders: int, in_flight: int) -> Flood:
        """Some clients send without a pause, each at most `in_flight` messages ahead of the last
        receiver. Ends when every message has arrived everywhere; raises if one is lost.
        """
        self._seen, self._named = dict.fromkeys(self._seen, 0), 0
        stream = _Stream(list(self._clients.items())[:senders], self._message, in_flight)
        cpu, start = time.process_time(), time.perf_counter()
        while time.perf_counter() < start + seconds:
            stream.send_what_fits(self._seen)
            self._read_or_give_up()
        while min(self._seen.values()) < stream.sent:
            self._read_or_give_up()
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        deliveries = stream.sent * (self._size - 1)
        named = self._named if self._server.sender_mark else deliveries
        return Flood(deliveries, named, took, cpu / took)

    def answer_pings(self, seconds: float) -> int:
        """Only answer pings for a while; returns how many."""
        answered = 0
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            for descriptor, _ in self._epoll.poll(left):
                client = self._clients[descriptor]
                pings = client.recv(1 << 16).count(b"ping\n")
                client.sendall(b"pong\n" * pings)
                answered += pings
        return answered


class _Stream:
    """What the senders send: all the same number of messages, so one count does for all."""

    def __init__(
        self, senders: Iterable[tuple[int, socket.socket]], message: bytes, in_flight: int
    ) -> None:
        self._senders = list(senders)
        self._in_flight = in_flight
        self._block = memoryview(message * in_flight)
        self._message_size = len(message)
        self._sent_by_each = 0

    @property
    def sent(self) -> int:
        return self._sent_by_each * len(self._senders)

    def send_what_fits(self, seen: dict[int, int]) -> None:
        """Fill every sender's window; `seen` counts a sender's own messages as seen by it."""
        seen_by_all = min(seen.values()) // len(self._senders)
        due = seen_by_all + self._in_flight - self._sent_by_each
        if due:
            self._sent_by_each += due
            for descriptor, sender in self._senders:
                sender.sendall(self._block[: due * self._message_size])
                seen[descriptor] += due
