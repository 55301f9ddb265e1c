"""What the sender writes into a trace (see `trace` for the format)."""

from stage4_udp_files.congestion import CongestionControl
from stage4_udp_files.flight import Flight
from stage4_udp_files.packets import PAYLOAD_SIZE
from stage4_udp_files.rtt import RttEstimator
from stage4_udp_files.trace import Trace


def trace_sent(trace: Trace, flight: Flight, kind: str) -> None:
    """Each packet of a flight has been sent."""
    for number in range(flight.first, flight.end):
        trace.write(flight.sent_at, "sent", kind=kind, number=number, why=flight.why)


def trace_ack(
    trace: Trace, now: float, number: int, ranges: list[tuple[int, int]], lost: list[Flight]
) -> None:
    """An ACK has come, and shows that these flights are lost."""
    trace.write(now, "received", kind="ACK", number=number, ranges=ranges)
    for flight in lost:
        for lost_number in range(flight.first, flight.end):
            trace.write(now, "lost", number=lost_number, why="later packets have arrived")


def trace_window(
    trace: Trace, now: float, congestion: CongestionControl, in_flight: int, rtt: RttEstimator
) -> None:
    """What the congestion control allows now."""
    trace.write(
        now,
        "window",
        window=int(congestion.window),
        in_flight=in_flight,
        rate=congestion.pacing_rate and int(congestion.pacing_rate * PAYLOAD_SIZE),
        rtt=round(rtt.latest_rtt, 6),
    )
