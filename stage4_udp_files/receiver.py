"""The receiving side of one download: puts packets in order and says what has arrived.

Strategy: no socket, no clock, no file. Datagrams go in (`datagram_received`), bytes in order come
out (`take`), and each batch of arrivals is answered by one ACK (`datagrams_to_send`), which
repeats all there is to know: so a lost ACK never matters. Until something arrives, START is
repeated instead.
"""

from math import inf

from stage4_udp_files.packets import (
    ACK,
    DATA,
    DIGEST_SIZE,
    FIN,
    KIND_NAMES,
    PAYLOAD_SIZE,
    START,
    BadPacketError,
    Packet,
    StartWish,
    encode,
    encode_ranges,
    encode_wish,
    parse,
)
from stage4_udp_files.reassembly import Reassembly
from stage4_udp_files.trace import NO_TRACE, Trace
from stage4_udp_files.trains import Train, continuation

RECEIVE_WINDOW = 4096
"""Packets above the next expected one that are kept: 5.7 MB."""
FIRST_START_INTERVAL = 0.05
"""Seconds until START is repeated; each time twice as long as before, up to the longest."""
LONGEST_START_INTERVAL = 1.0
NO_ANSWER_AFTER = 5.0
SILENCE_AFTER = 15.0
FINAL_ACKS = 3
"""Copies of the ACK for the last packet: if it is lost, nobody may be there to repeat it."""
MICROSECONDS = 1_000_000


class Receiver:
    """Receives bytes `start` … `size - 1` of a file."""

    def __init__(
        self,
        token: bytes,
        size: int,
        *,
        start: int = 0,
        congestion: str = "",
        receive_window: int = RECEIVE_WINDOW,
        now: float,
        trace: Trace = NO_TRACE,
    ) -> None:
        """Sizes in bytes, `receive_window` in packets; `congestion` "": the server's choice."""
        self.token = token
        self.size = size
        self.start = start
        self.data_packets = -(-(size - start) // PAYLOAD_SIZE)
        self.digest: bytes | None = None
        """SHA-256 of the whole file as the sender says it; known when FIN has arrived."""
        self.failed: str | None = None
        self.reassembly = Reassembly(receive_window)
        self.packets_received = 0
        self.packets_of_no_use = 0
        self.packets_repeated = 0
        self._last_payload_size = size - start - (self.data_packets - 1) * PAYLOAD_SIZE
        self._wish = StartWish(receive_window, congestion)
        self._next_start = now
        self._start_interval = FIRST_START_INTERVAL
        self._silent_since = now
        self._trace = trace
        self._echo: int | None = None  # of the newest packet that is not acknowledged yet

    @property
    def bytes_in_order(self) -> int:
        """About how many bytes have come in order (the last packet counts as a whole one)."""
        return self.reassembly.next_number * PAYLOAD_SIZE

    @property
    def has_started(self) -> bool:
        """Whether anything has come from the sender."""
        return self.packets_received > 0

    @property
    def is_complete(self) -> bool:
        """All data and FIN have arrived."""
        return self.reassembly.next_number > self.data_packets

    def train_received(self, train: Train, now: float) -> None:
        """Take in many datagrams at once; the same as one after the other, only faster."""
        run = self._next_run(train)
        if run is None:
            for datagram in train:
                self.datagram_received(datagram, now)
            return
        payloads, timestamp = run
        self.reassembly.add_run(payloads)
        self._silent_since = now
        self.packets_received += len(payloads)
        self._echo = max(self._echo or 0, timestamp)

    def _next_run(self, train: Train) -> tuple[list[memoryview], int] | None:
        """The payloads of a train that can be taken in as it is; None if one has to look closer."""
        expected = self.reassembly.next_number
        is_before_last = expected + len(train) < self.data_packets
        is_one = len(train.buffer) == train.size
        if is_one or self.reassembly.early or self._trace or not is_before_last:
            return None
        return continuation(train, self.token, expected)

    def datagram_received(self, datagram: bytes | memoryview, now: float) -> None:
        """Take in one datagram. What is damaged or not of this download is ignored."""
        try:
            packet = parse(datagram)
        except BadPacketError as error:
            self._trace.write(now, "ignored", why=str(error))
            return
        kind, token, number, timestamp, body, repeat = packet
        if token != self.token:
            return
        if kind == FIN and number == self.data_packets and not body:
            self._sign_of_life(now)
            return
        if kind == FIN and number == self.data_packets and len(body) == DIGEST_SIZE:
            self.digest = bytes(body)
            body = b""
        elif kind != DATA or len(body) != self._payload_size(number):
            return
        self._silent_since = now
        self.packets_received += 1
        self.packets_repeated += repeat
        if self._trace:
            self._trace_arrival(packet, now)
        if not self.reassembly.add(number, body):
            self.packets_of_no_use += 1
        if self._echo is None or timestamp > self._echo:
            self._echo = timestamp

    def _sign_of_life(self, now: float) -> None:
        """The sender has nothing to send yet: it is still hashing the file."""
        self._silent_since = now
        self.packets_received += 1

    def _trace_arrival(self, packet: Packet, now: float) -> None:
        expected = self.reassembly.next_number
        early = packet.number > expected and packet.number not in self.reassembly.early
        why = "in order" if packet.number == expected else "early" if early else "of no use"
        kind = KIND_NAMES[packet.kind]
        self._trace.write(now, "received", kind=kind, number=packet.number, why=why)

    def _payload_size(self, number: int) -> int:
        """How long data packet `number` has to be; -1 when there is none of that number."""
        if number < self.data_packets - 1:
            return PAYLOAD_SIZE
        return self._last_payload_size if number == self.data_packets - 1 else -1

    def take(self) -> bytes:
        """The bytes of the file that have come in order since the last call."""
        return self.reassembly.take()

    def datagrams_to_send(self, now: float) -> list[bytes]:
        """What has to leave now: an ACK of what came since the last call, or a START."""
        if self._echo is not None:
            return [self._ack(now)] * (FINAL_ACKS if self.is_complete else 1)
        if self.failed or self.is_complete:
            return []
        self._check_silence(now)
        if self.has_started or self.failed or now < self._next_start:
            return []
        self._next_start = now + self._start_interval
        self._start_interval = min(2 * self._start_interval, LONGEST_START_INTERVAL)
        timestamp = int(now * MICROSECONDS)
        body = encode_wish(self._wish)
        self._trace.write(now, "sent", kind="START", number=self.start)
        return [encode(Packet(START, self.token, self.start, timestamp, body))]

    def _ack(self, now: float) -> bytes:
        echo, self._echo = self._echo, None
        cumulative = self.reassembly.next_number
        ranges = list(self.reassembly.ranges)
        self._trace.write(now, "sent", kind="ACK", number=cumulative, ranges=ranges)
        body = encode_ranges(cumulative, ranges)
        return encode(Packet(ACK, self.token, cumulative, echo or 0, body))

    def _check_silence(self, now: float) -> None:
        if self.has_started and now >= self._silent_since + SILENCE_AFTER:
            self.failed = f"nothing came from the server in {SILENCE_AFTER:.0f} s"
        elif not self.has_started and now >= self._silent_since + NO_ANSWER_AFTER:
            self.failed = f"no answer over UDP in {NO_ANSWER_AFTER:.0f} s: a firewall?"

    def next_timer(self) -> float:
        """When to call `datagrams_to_send` again at the latest; infinite when all is done."""
        if self.failed or self.is_complete:
            return inf
        if self.has_started:
            return self._silent_since + SILENCE_AFTER
        return min(self._next_start, self._silent_since + NO_ANSWER_AFTER)
