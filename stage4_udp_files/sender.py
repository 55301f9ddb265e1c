"""The sending side of one download: decides which packets leave, when, and which must leave again.

Strategy: no sockets, no clock, no file. Whoever has those hands in what arrives
(`datagram_received`), asks what may leave (`datagrams_to_send`, until it gives nothing) and when
to ask again at the latest (`next_timer`). FIN is one more packet after the data: it is numbered,
acknowledged and repeated as they are.
"""

from math import inf

from stage4_udp_files.congestion import AckSummary, CongestionControl
from stage4_udp_files.delivery_rate import DeliveryRate
from stage4_udp_files.flight import Flight
from stage4_udp_files.pacing import Pacer
from stage4_udp_files.packets import (
    ACK,
    FIN,
    PAYLOAD_SIZE,
    BadPacketError,
    Packet,
    encode,
    parse,
    parse_ranges,
)
from stage4_udp_files.retransmission_timer import RetransmissionTimer
from stage4_udp_files.rtt import RttEstimator
from stage4_udp_files.scoreboard import Scoreboard
from stage4_udp_files.sender_trace import trace_ack, trace_sent, trace_window
from stage4_udp_files.trace import NO_TRACE, Trace
from stage4_udp_files.trains import LONGEST_TRAIN, NO_TRAIN, ReadInto, Train, TrainBuilder

GIVE_UP_AFTER = 15.0
"""Seconds without any news from the receiver after which it counts as gone."""
SIGN_OF_LIFE_INTERVAL = 1.0
"""Seconds between packets that only say that the file is still being hashed."""
MICROSECONDS = 1_000_000


# --8<-- [start:window]
def window_left(congestion_window: float, in_flight: int) -> int:
    """How many packets may leave before something in flight is acknowledged or lost."""
    return max(int(congestion_window) - in_flight, 0)


def sendable_end(data_packets: int, cumulative_ack: int, receive_window: int) -> int:
    """One past the last data packet that the receiver has room for (all sizes in packets)."""
    return min(data_packets, cumulative_ack + receive_window)


# --8<-- [end:window]


class Sender:
    """Sends bytes `start` … `size - 1` of a file to one receiver."""

    def __init__(
        self,
        token: bytes,
        size: int,
        read_into: ReadInto,
        congestion: CongestionControl,
        *,
        start: int = 0,
        receive_window: int,
        now: float,
        trace: Trace = NO_TRACE,
    ) -> None:
        """Sizes in bytes, `receive_window` in packets, `now` in seconds of any steady clock."""
        self.token = token
        self.congestion = congestion
        self.receive_window = receive_window
        self.start = start
        self.data_packets = -(-(size - start) // PAYLOAD_SIZE)
        self.digest: bytes | None = None
        """SHA-256 of the whole file; FIN leaves once it is known."""
        self.failed: str | None = None
        self.scoreboard = Scoreboard()
        self.rtt = RttEstimator()
        self.packets_resent = 0
        self._builder = TrainBuilder(token, start, size, read_into)
        self._delivery_rate = DeliveryRate(now)
        self._pacer = Pacer(now)
        self._timer = RetransmissionTimer(self.rtt, now)
        self._last_news = now
        self._next_sign_of_life = now + SIGN_OF_LIFE_INTERVAL
        self._fin_given_up = False
        self._trace = trace

    @property
    def is_finished(self) -> bool:
        """Everything has been acknowledged (FIN, too, unless the receiver has left before)."""
        return self.scoreboard.cumulative_ack > self.data_packets or self._fin_given_up

    @property
    def _only_fin_left(self) -> bool:
        return self.scoreboard.cumulative_ack == self.data_packets

    @property
    def _is_hashing(self) -> bool:
        """All data has arrived, and what FIN has to say is not known yet."""
        return self._only_fin_left and self.digest is None

    # --8<-- [start:datagram_received]
    def datagram_received(self, datagram: bytes | memoryview, now: float) -> None:
        """Take in one datagram; whatever is not a believable ACK of this download is ignored."""
        try:
            packet = parse(datagram)
            ranges = parse_ranges(packet.number, packet.body)
        except BadPacketError as error:
            self._trace.write(now, "ignored", why=str(error))
            return
        highest = ranges[-1][1] if ranges else packet.number
        is_ours = packet.kind == ACK and packet.token == self.token
        if is_ours and highest <= self.scoreboard.next_number:
            self._acknowledge(packet, ranges, now)

    # --8<-- [end:datagram_received]

    def _acknowledge(self, packet: Packet, ranges: list[tuple[int, int]], now: float) -> None:
        """Enter an ACK, find out what is lost, and tell the congestion control."""
        self._last_news = now
        arrived = self.scoreboard.acknowledge(packet.number, ranges)
        if not arrived:
            return
        echo = packet.timestamp / MICROSECONDS
        self.rtt.sample(max(now - echo, 1 / MICROSECONDS))
        newest = self.scoreboard.newest(arrived, echo)
        lost = self.scoreboard.find_lost(self.rtt.smoothed_rtt / 4)
        self.congestion.acknowledged(self._summary(arrived, newest, lost, now))
        self._timer.ack_arrived(now)
        if self._trace:
            trace_ack(self._trace, now, packet.number, ranges, lost)
            trace_window(self._trace, now, self.congestion, self.scoreboard.in_flight, self.rtt)

    def _summary(
        self, arrived: list[Flight], newest: Flight | None, lost: list[Flight], now: float
    ) -> AckSummary:
        newly_acked = sum(map(len, arrived))
        sample = self._delivery_rate.sample(newly_acked, newest, now)
        return AckSummary(
            now=now,
            newly_acked=newly_acked,
            newly_lost=sum(map(len, lost)),
            lost_sent_at=max((flight.sent_at for flight in lost), default=now),
            in_flight=self.scoreboard.in_flight,
            rtt=self.rtt.latest_rtt,
            smoothed_rtt=self.rtt.smoothed_rtt,
            rtt_variation=self.rtt.rtt_variation,
            delivery_rate=sample.rate,
            application_limited=sample.application_limited,
            delivered=self._delivery_rate.delivered,
            delivered_before=sample.delivered_before,
        )

    def datagrams_to_send(self, now: float) -> Train:
        """One train of datagrams that may leave now; empty when there is none. Ask until it is."""
        timestamp = int(now * MICROSECONDS)
        now = timestamp / MICROSECONDS  # no more exact than what comes back in an ACK
        if self.failed or self.is_finished or self._is_given_up(now):
            return NO_TRAIN
        if self.scoreboard.in_flight and now >= self._timer.deadline:
            flight = self._repeat(now)
        else:
            flight = self._next_flight(self._packets_allowed(now), now, "lost")
        if flight is None:
            return self._sign_of_life(now, timestamp)
        self._timer.packet_left(now)
        self._pacer.sent(len(flight))
        return self._build(flight, timestamp)

    def next_timer(self) -> float:
        """When to call `datagrams_to_send` again at the latest; infinite while there is no need."""
        if self.failed or self.is_finished:
            return inf
        times = [inf]
        if self.scoreboard.flights:
            times.append(self._last_news + GIVE_UP_AFTER)
        if self.scoreboard.in_flight:
            times.append(self._timer.deadline)
        if self._window_left() and (self.scoreboard.lost or self._new_packets()):
            rate = self.congestion.pacing_rate
            times.append(self._pacer.next_time(rate) if rate else -inf)
        if self._is_hashing:
            times.append(self._next_sign_of_life)
        return min(times)

    def _window_left(self) -> int:
        return window_left(self.congestion.window, self.scoreboard.in_flight)

    def _packets_allowed(self, now: float) -> int:
        """How many packets window and pacing allow now, at most a train."""
        paced = self._pacer.allowance(self.congestion.pacing_rate, now)
        if self._pacer.was_late:
            self._delivery_rate.held_back(self.scoreboard.in_flight)
        return int(min(self._window_left(), paced, LONGEST_TRAIN))

    def _new_packets(self) -> int:
        """How many packets could leave that were never sent; FIN leaves alone, after all data."""
        board = self.scoreboard
        if board.next_number == self.data_packets:
            return 0 if self.digest is None else 1
        end = sendable_end(self.data_packets, board.cumulative_ack, self.receive_window)
        return max(end - board.next_number, 0)

    # --8<-- [start:next_flight]
    def _next_flight(self, most: int, now: float, why: str) -> Flight | None:
        """The next packets, `most` at most: what is lost goes before what is new."""
        board = self.scoreboard
        if most < 1:
            return None
        if not board.flights:
            self._last_news = now  # silence counts from here on
        progress = self._delivery_rate.progress(now, is_idle=not board.in_flight)
        if board.lost:
            return board.resend_lost(most, now, progress, why)
        if new := self._new_packets():
            return board.send_new(min(new, most), now, progress)
        self._delivery_rate.held_back(board.in_flight)
        return None

    # --8<-- [end:next_flight]

    # --8<-- [start:repeat]
    def _repeat(self, now: float) -> Flight | None:
        """Nothing came back in time: probe with one packet; next time, begin anew with one."""
        if not self._timer.expired():
            return self.scoreboard.probe(now, self._delivery_rate.progress(now, is_idle=False))
        self.scoreboard.lose_all()
        self.congestion.timed_out()
        return self._next_flight(1, now, "timeout")

    # --8<-- [end:repeat]

    def _is_given_up(self, now: float) -> bool:
        """Whether the receiver has been silent for too long. Without FIN's ACK one can live."""
        if not self.scoreboard.flights:
            return False
        if now - self._last_news < GIVE_UP_AFTER:
            return False
        if self._only_fin_left:
            self._fin_given_up = True
        else:
            self.failed = f"no answer from the receiver in {GIVE_UP_AFTER:.0f} s"
        return True

    def _sign_of_life(self, now: float, timestamp: int) -> Train:
        """While the file is still being hashed, say that: a FIN with nothing in it."""
        if not self._is_hashing or now < self._next_sign_of_life:
            return NO_TRAIN
        self._next_sign_of_life = now + SIGN_OF_LIFE_INTERVAL
        fin = encode(Packet(FIN, self.token, self.data_packets, timestamp, b""))
        return Train(fin, len(fin))

    def _build(self, flight: Flight, timestamp: int) -> Train:
        """Turn a flight into datagrams."""
        is_repeat = flight.why != "new"
        is_fin = flight.first == self.data_packets
        self.packets_resent += len(flight) if is_repeat else 0
        if self._trace:
            trace_sent(self._trace, flight, "FIN" if is_fin else "DATA")
        if not is_fin:
            return self._builder.build(flight.first, flight.end, timestamp, is_repeat)
        body = self.digest or b""
        fin = encode(Packet(FIN, self.token, flight.first, timestamp, body, is_repeat))
        return Train(fin, len(fin))
