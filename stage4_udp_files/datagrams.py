"""Send and receive many datagrams with one system call where Linux can, one by one everywhere else.

Strategy: with UDP_SEGMENT the kernel cuts one buffer into datagrams, with UDP_GRO it hands over
many in one buffer (udp(7)); both are trains. A device or system that refuses is noticed at the
first try, and from then on the same trains are sent and received datagram by datagram. The sockets
never block.
"""

import errno
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from stage4_udp_files.trains import MOST_A_CALL, Table, Train

UDP_LEVEL = 17
UDP_SEGMENT = 103
UDP_GRO = 104
KERNEL_BUFFER = 4 * 1024 * 1024
"""Bytes asked for; the system gives what it allows (Linux: net.core.rmem_max)."""
LARGEST_BUFFER = 65_536
SIO_UDP_CONNRESET = 0x9800000C
CANNOT_SEGMENT = {errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP}

Address = Any
"""What the socket module calls an address: (host, port) or (host, port, flow, scope)."""


def bound_socket(host: str, port: int) -> socket.socket:
    """A UDP socket that hears everyone who sends to this address. Raises OSError."""
    return _udp_socket(host, port, socket.socket.bind)


def connected_socket(host: str, port: int) -> socket.socket:
    """A UDP socket that hears only who is at this address. Raises OSError."""
    return _udp_socket(host, port, socket.socket.connect)


def _udp_socket(
    host: str, port: int, attach: Callable[[socket.socket, Address], None]
) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        attach(sock, address)
    except OSError:
        sock.close()
        raise
    return sock


class DatagramSocket:
    """A UDP socket that deals in trains."""

    def __init__(self, sock: socket.socket, *, offload: bool = True) -> None:
        """Takes over a bound or connected UDP socket; `offload=False`: one by one in any case."""
        self.sock = sock
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
        if sys.platform == "win32":  # else an unreachable peer makes recvfrom fail (error 10054)
            sock.ioctl(SIO_UDP_CONNRESET, False)
        self.can_segment = offload and sys.platform == "linux"
        self.can_merge = self.can_segment and _turn_on(sock, UDP_GRO)
        self._buffer = memoryview(bytearray(LARGEST_BUFFER))
        self._table = Table(self._buffer)
        self._unsent: list[tuple[bytes, Address | None]] = []

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def close(self) -> None:
        self.sock.close()

    def receive(self) -> tuple[Train, Address] | None:
        """The next datagrams and who sent them; None when none is there.

        The train is good until the next call. Errors that only report a lost datagram are skipped.
        """
        try:
            if self.can_merge:
                size, ancillary, _, address = self.sock.recvmsg_into([self._buffer], 32)
                merged = ancillary and struct.unpack_from("=i", ancillary[0][2])[0]
                return Train(self._buffer[:size], merged or max(size, 1), self._table), address
            size, address = self.sock.recvfrom_into(self._buffer)
            return Train(self._buffer[:size], max(size, 1), self._table), address
        except (BlockingIOError, ConnectionError):
            return None

    def send(self, train: Train, address: Address | None = None) -> None:
        """Send a train (to `address`, or to whom the socket is connected).

        What the kernel has no room for now is kept: while `is_full`, wait until the socket can be
        written to, then `flush`. What the system refuses for other reasons is lost, as any
        datagram may be.
        """
        for part in train.parts(MOST_A_CALL):
            if self.can_segment and len(part) > 1 and not self.is_full:
                self._send_segmented(part, address)
            else:
                self._unsent += [(bytes(datagram), address) for datagram in part]
                self.flush()

    @property
    def is_full(self) -> bool:
        """Something is kept that the kernel has not taken yet."""
        return bool(self._unsent)

    def flush(self) -> None:
        """Send what is kept, as far as the kernel takes it."""
        unsent, self._unsent = self._unsent, []
        for index, (datagram, address) in enumerate(unsent):
            try:
                self.sock.sendto(datagram, address) if address else self.sock.send(datagram)
            except BlockingIOError:
                self._unsent = unsent[index:]
                return
            except OSError:
                continue  # for instance an ICMP error that an earlier datagram brought about

    def _send_segmented(self, train: Train, address: Address | None) -> None:
        control = [(UDP_LEVEL, UDP_SEGMENT, struct.pack("=H", train.size))]
        try:
            self.sock.sendmsg([train.buffer], control, 0, address)
        except BlockingIOError:
            self._unsent = [(bytes(datagram), address) for datagram in train]
        except OSError as error:
            if error.errno in CANNOT_SEGMENT:
                self.can_segment = False
                self.send(train, address)


def _turn_on(sock: socket.socket, option: int) -> bool:
    """Whether the system knows this UDP option; then it is on."""
    try:
        sock.setsockopt(UDP_LEVEL, option, 1)
    except OSError:
        return False
    return True
