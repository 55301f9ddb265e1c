"""Many datagrams with one system call, and one by one: the same datagrams in the same order."""

import errno
import selectors
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from stage4_udp_files.datagrams import DatagramSocket
from stage4_udp_files.trains import Train

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]


def udp_socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two bound sockets; the first is connected to the second."""
    one, other = udp_socket(), udp_socket()
    one.connect(other.getsockname())
    yield one, other
    one.close()
    other.close()


def received(receiver: DatagramSocket, count: int) -> list[bytes]:
    """So many datagrams."""
    seen: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(receiver.sock, selectors.EVENT_READ)
        while len(seen) < count:
            assert selector.select(10), f"only {len(seen)} of {count} datagrams came"
            while arrived := receiver.receive():
                seen += [bytes(datagram) for datagram in arrived[0]]
    return seen


@pytest.mark.parametrize("sends_trains", [True, False])
@pytest.mark.parametrize("takes_trains", [True, False])
@pytest.mark.parametrize("size", [1, 1432, 1433, 64_440, 64_440 - 1431, 257_760 - 1])
def test_trains_arrive(
    sockets: tuple[socket.socket, socket.socket], size: int, sends_trains: bool, takes_trains: bool
) -> None:
    """Trains of one to 180, the last one short or not, between any two kinds of sockets."""
    sender = DatagramSocket(sockets[0], offload=sends_trains)
    receiver = DatagramSocket(sockets[1], offload=takes_trains)
    train = Train(memoryview(bytes(i % 251 for i in range(size))), 1432)
    sender.send(train)
    assert received(receiver, len(train)) == [bytes(datagram) for datagram in train]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has UDP_SEGMENT")
def test_linux_takes_trains(sockets: tuple[socket.socket, socket.socket]) -> None:
    """Here the fast way is really the one that is tested."""
    sender, receiver = DatagramSocket(sockets[0]), DatagramSocket(sockets[1])
    sender.send(Train(bytes(14_320), 1432))
    assert sender.can_segment
    arrived = None
    with selectors.DefaultSelector() as selector:
        selector.register(receiver.sock, selectors.EVENT_READ)
        selector.select(10)
        arrived = receiver.receive()
    assert arrived is not None
    assert len(arrived[0]) == 10


class RefusingSocket:
    """A socket whose system calls fail as they are told."""

    def __init__(self, failures: list[OSError | None]) -> None:
        self.failures = failures
        self.sent: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None

    def _send(self, data: bytes) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        self.sent.append(bytes(data))

    def send(self, data: bytes) -> None:
        self._send(data)

    def sendto(self, data: bytes, _address: object) -> None:
        self._send(data)

    def sendmsg(self, buffers: list[bytes], *_: object) -> None:
        self._send(b"".join(buffers))


TRAIN = Train(b"aabbc", 2)


def refusing(*failures: OSError | None) -> tuple[DatagramSocket, RefusingSocket]:
    sock = RefusingSocket(list(failures))
    return DatagramSocket(sock), sock  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has UDP_SEGMENT")
def test_a_device_that_can_not_segment() -> None:
    """The same train leaves datagram by datagram, and so does the next."""
    datagrams, sock = refusing(OSError(errno.EIO, "no checksum offload"))
    datagrams.send(TRAIN, ("host", 1))
    datagrams.send(TRAIN, ("host", 1))
    assert sock.sent == [b"aa", b"bb", b"c"] * 2


@pytest.mark.parametrize("offload", [True, False])
def test_a_full_kernel_buffer(offload: bool) -> None:
    """What there is no room for is kept, in order, until there is."""
    datagrams, sock = refusing(BlockingIOError(), BlockingIOError())
    datagrams.can_segment = offload and datagrams.can_segment
    datagrams.send(TRAIN, ("host", 1))
    assert datagrams.is_full
    datagrams.send(Train(b"zz", 2), ("host", 1))
    assert sock.sent == []
    datagrams.flush()
    assert sock.sent == [b"aa", b"bb", b"c", b"zz"]
    assert not datagrams.is_full


def test_what_the_system_refuses_is_only_lost() -> None:
    """An unreachable network, an ICMP error of before: no exception, the rest leaves."""
    datagrams, sock = refusing(None, ConnectionRefusedError(), OSError(errno.ENETUNREACH, ""))
    datagrams.can_segment = False
    datagrams.send(Train(b"aabbccdd", 2))
    assert sock.sent == [b"aa", b"dd"]


def test_nobody_at_the_other_end() -> None:
    """A closed port answers by ICMP: receiving goes on as if nothing had come."""
    gone = udp_socket()
    sock = udp_socket()
    sock.connect(gone.getsockname())
    gone.close()
    with sock:
        datagrams = DatagramSocket(sock)
        datagrams.send(Train(b"anyone?", 7))
        datagrams.send(Train(b"hello?", 7))
        assert datagrams.receive() is None
