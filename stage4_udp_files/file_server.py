"""The UDP process of the server: sends all downloads of all clients from one port.

Strategy: one loop over one socket. Each turn takes in what has arrived, then lets every transfer
that has something to send send a few trains. The chat server starts this program, tells it of
grants and cancels by JSON lines on its stdin, reads reports as JSON lines from its stdout, and
ends it by closing the pipe.

in:  {"do": "grant", "token": hex, "path": file, "peer": IP}    {"do": "cancel", "token": hex}
out: see `file_reports`
"""

import argparse
import contextlib
import json
import queue
import selectors
import socket
import sys
import threading
import time
from math import inf
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.addresses import explain_listen
from stage1_basic.command_line import UserError, leave
from stage4_udp_files.datagrams import Address, DatagramSocket, bound_socket
from stage4_udp_files.file_reports import report, report_finished, report_line
from stage4_udp_files.file_source import FileChangedError
from stage4_udp_files.hashing import HashingThread
from stage4_udp_files.packets import token_of
from stage4_udp_files.strategies import DEFAULT_STRATEGY, strategy_named
from stage4_udp_files.trace import Trace, TraceFile
from stage4_udp_files.transfer import UNUSED_FOR, Transfer

TRAINS_A_TURN = 4
"""So many trains one transfer sends before the next one has its turn."""
RECEIVES_A_TURN = 32
LONGEST_WAIT = 1.0


class FileServer:
    """All transfers, and the loop that serves them."""

    def __init__(
        self, sock: socket.socket, congestion: str, trace: TraceFile | None, *, offload: bool
    ) -> None:
        """Takes over a bound UDP socket."""
        self.datagrams = DatagramSocket(sock, offload=offload)
        self.transfers: dict[bytes, Transfer] = {}
        self._congestion = congestion
        self._trace_file = trace
        self._orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._waker, self._wake_end = socket.socketpair()
        self._waker.setblocking(False)
        self._wake_end.setblocking(False)
        self._hashing = HashingThread(self._wake)
        self._running = True

    def _wake(self) -> None:
        """Make the loop look at its queues; from any thread."""
        with contextlib.suppress(BlockingIOError):
            self._waker.send(b"\0")

    def order(self, order: dict[str, Any] | None) -> None:
        """Hand an order to the loop, from any thread; None ends it."""
        self._orders.put(order)
        self._wake()

    def run(self) -> None:
        """Serve until told to end."""
        # SelectSelector counts in microseconds where others round up to milliseconds; two sockets
        # are all that it has to watch.
        with selectors.SelectSelector() as selector:
            selector.register(self.datagrams.sock, selectors.EVENT_READ)
            selector.register(self._wake_end, selectors.EVENT_READ)
            while self._running:
                for key, _ in selector.select(self._time_to_wait()):
                    if key.fileobj is self._wake_end:
                        self._look_at_queues()
                self.datagrams.flush()
                self._receive()
                self._send()
                wanted = selectors.EVENT_READ | (
                    selectors.EVENT_WRITE if self.datagrams.is_full else 0
                )
                if selector.get_key(self.datagrams.sock).events != wanted:
                    selector.modify(self.datagrams.sock, wanted)

    def _time_to_wait(self) -> float:
        if self.datagrams.is_full:
            return LONGEST_WAIT
        wake_at = min((transfer.wake_at for transfer in self.transfers.values()), default=inf)
        return min(max(wake_at - time.monotonic(), 0), LONGEST_WAIT)

    def _receive(self) -> None:
        """Give what has arrived to the transfers."""
        for _ in range(RECEIVES_A_TURN):
            received = self.datagrams.receive()
            if received is None:
                return
            train, address = received
            now = time.monotonic()
            for datagram in train:
                transfer = self.transfers.get(token_of(datagram))
                if transfer and transfer.is_from_its_client(address):
                    self._give(transfer, datagram, address, now)

    def _give(
        self, transfer: Transfer, datagram: bytes | memoryview, address: Address, now: float
    ) -> None:
        transfer.wake_at = now
        if transfer.sender:
            transfer.sender.datagram_received(datagram, now)
        else:
            trace = Trace(self._trace_file, "server", transfer.token)
            if transfer.start(datagram, address, self._congestion, now, trace):
                report("started", transfer)

    def _send(self) -> None:
        """Let each transfer whose time has come send a few trains; end those that are over."""
        now = time.monotonic()
        for transfer in list(self.transfers.values()):
            if self.datagrams.is_full:
                return
            if transfer.wake_at <= now:
                try:
                    self._send_some(transfer, now)
                except (FileChangedError, OSError) as error:
                    self._fail(transfer, str(error))

    def _send_some(self, transfer: Transfer, now: float) -> None:
        sender = transfer.sender
        if sender is None:
            if now >= transfer.granted_at + UNUSED_FOR:
                self._fail(transfer, "nobody came for it")
            return
        for _ in range(TRAINS_A_TURN):
            train = sender.datagrams_to_send(now)
            if not len(train):
                break
            self.datagrams.send(train, transfer.address)
            if self.datagrams.is_full:
                break
        self._hashing.advance(transfer.hash_job, transfer.sent_up_to)
        transfer.wake_at = sender.next_timer()
        if sender.failed:
            self._fail(transfer, sender.failed)
        elif sender.is_finished:
            self._remove(transfer)
            report_finished(transfer, now)

    def _look_at_queues(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_end.recv(4096)
        while not self._orders.empty():
            self._carry_out(self._orders.get())
        while not self._hashing.finished.empty():
            self._hashed()

    def _hashed(self) -> None:
        """A file has been hashed to its end: its download may end with FIN."""
        job = self._hashing.finished.get()
        for transfer in self.transfers.values():
            if transfer.hash_job is job and transfer.sender:
                transfer.sender.digest = job.digest
                transfer.wake_at = 0
                if job.error:
                    self._fail(transfer, str(job.error))
                return

    def _carry_out(self, order: dict[str, Any] | None) -> None:
        """Do what the chat server has said."""
        if order is None:
            self._running = False
        elif order["do"] == "grant":
            self._grant(order)
        elif order["do"] == "cancel":
            transfer = self.transfers.get(bytes.fromhex(order["token"]))
            if transfer:  # else the report of its end is on the way
                self._remove(transfer)
                report("cancelled", transfer)

    def _grant(self, order: dict[str, Any]) -> None:
        token = bytes.fromhex(order["token"])
        try:
            transfer = Transfer(token, Path(order["path"]), order["peer"], time.monotonic())
        except OSError as error:
            report_line(event="failed", token=order["token"], why=error.strerror or str(error))
            return
        self.transfers[token] = transfer
        report("granted", transfer, size=transfer.source.size, version=transfer.source.version)

    def _fail(self, transfer: Transfer, why: str) -> None:
        self._remove(transfer)
        report("failed", transfer, why=why)

    def _remove(self, transfer: Transfer) -> None:
        del self.transfers[transfer.token]
        transfer.close()


def read_orders(server: FileServer) -> None:
    """Hand the lines of stdin to the loop until the pipe closes."""
    for line in sys.stdin:
        server.order(json.loads(line))
    server.order(None)


def prepared(arguments: argparse.Namespace) -> tuple[socket.socket, TraceFile | None]:
    """The socket to serve at, and the file for the trace. Raises UserError."""
    try:
        strategy_named(arguments.congestion)
        trace = TraceFile(arguments.trace) if arguments.trace else None
    except ValueError as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"Cannot write {arguments.trace}: {error.strerror}") from error
    host, port = arguments.host, arguments.port
    try:
        return bound_socket(host, port), trace
    except OSError as error:
        raise UserError(explain_listen(error, host, port, "UDP port", "--udp-port")) from error


def main() -> int:
    """Serve until stdin closes; exit code 1 when the port is not to be had."""
    parser = argparse.ArgumentParser(description="The UDP side of the file server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345)
    parser.add_argument("--congestion", default=DEFAULT_STRATEGY, metavar="NAME")
    parser.add_argument("--trace", type=Path, metavar="FILE")
    parser.add_argument("--no-offload", action="store_true", help="one datagram a system call")
    arguments = parser.parse_args()
    try:
        sock, trace = prepared(arguments)
    except UserError as error:
        report_line(event="error", why=str(error))
        return 1
    server = FileServer(sock, arguments.congestion, trace, offload=not arguments.no_offload)
    host, port = sock.getsockname()[:2]
    report_line(event="listening", host=host, port=port)
    threading.Thread(target=read_orders, args=[server], name="orders", daemon=True).start()
    server.run()
    return 0


if __name__ == "__main__":
    leave(main())  # the pipe may be gone, and what waits in it
