"""What can be seen of the transport's parts, one by one; runs in the observing child.

Bytes travel as hexadecimal digits in the JSON between it and the tests.
"""

from dataclasses import dataclass
from typing import Any


def encoded(kind: int, token: str, number: int, timestamp: int, body: str, repeat: int = 0) -> str:
    """The datagram that `encode` makes."""
    from stage4_udp_files.packets import Packet, encode

    packet = Packet(kind, bytes.fromhex(token), number, timestamp, bytes.fromhex(body), repeat)
    return encode(packet).hex()


def parsed(datagrams: list[str]) -> list[list[Any] | None]:
    """What `parse` makes of each datagram; None where it refuses."""
    from stage4_udp_files.packets import BadPacketError, parse

    seen: list[list[Any] | None] = []
    for datagram in datagrams:
        try:
            kind, token, number, timestamp, body, repeat = parse(bytes.fromhex(datagram))
            seen.append([kind, token.hex(), number, timestamp, bytes(body).hex(), repeat])
        except BadPacketError:
            seen.append(None)
    return seen


def ranges_there_and_back(cumulative: int, ranges: list[list[int]]) -> list[list[int]]:
    """Ranges of an ACK, encoded and parsed again."""
    from stage4_udp_files.packets import encode_ranges, parse_ranges

    body = encode_ranges(cumulative, [(first, end) for first, end in ranges])
    return [list(pair) for pair in parse_ranges(cumulative, body)]


def refuses_ranges(cumulative: int, body: str) -> bool:
    """Whether `parse_ranges` refuses this body."""
    from stage4_udp_files.packets import BadPacketError, parse_ranges

    try:
        parse_ranges(cumulative, bytes.fromhex(body))
    except BadPacketError:
        return True
    return False


def windows_left(pairs: list[list[float]]) -> list[int]:
    """`window_left` for pairs of congestion window and packets in flight."""
    from stage4_udp_files.sender import window_left

    return [window_left(window, int(in_flight)) for window, in_flight in pairs]


def sendable_ends(triples: list[list[int]]) -> list[int]:
    """`sendable_end` for data packets, cumulative ACK and receive window."""
    from stage4_udp_files.sender import sendable_end

    return [sendable_end(*triple) for triple in triples]


def set_of_ranges(added: list[list[int]], discarded_below: int) -> list[list[int]]:
    """A RangeSet after adding ranges and discarding what is below a number."""
    from stage4_udp_files.ranges import RangeSet

    ranges = RangeSet()
    for first, end in added:
        ranges.add(first, end)
    ranges.discard_below(discarded_below)
    return [list(pair) for pair in ranges]


def reassembled(window: int, arrivals: list[int]) -> list[dict[str, Any]]:
    """Packets with their own number as content: after each, what is out, early, and in ranges.

    They all come in one buffer, as from a socket: the next one takes the place of the last.
    """
    from stage4_udp_files.reassembly import Reassembly

    reassembly = Reassembly(window)
    buffer = bytearray(3)
    seen = []
    for number in arrivals:
        buffer[:] = number.to_bytes(3, "big")
        useful = reassembly.add(number, memoryview(buffer))
        out = reassembly.take()
        seen.append(
            {
                "useful": useful,
                "out": [int.from_bytes(out[i : i + 3], "big") for i in range(0, len(out), 3)],
                "next": reassembly.next_number,
                "waiting": len(reassembly.early),
                "ranges": [list(pair) for pair in reassembly.ranges],
            }
        )
    return seen


def reassembled_run(before: list[int], run: int) -> dict[str, Any]:
    """Packets one by one, then so many more at once: what is out in the end, and what is next."""
    from stage4_udp_files.reassembly import Reassembly

    reassembly = Reassembly(100)
    for number in before:
        reassembly.add(number, bytes([number]))
    first = reassembly.next_number
    reassembly.add_run([memoryview(bytes([first + n])) for n in range(run)])
    return {"out": list(reassembly.take()), "next": reassembly.next_number}


def timeouts(steps: list[float | str]) -> list[float]:
    """The retransmission timeout after each sample (seconds) or "back off"."""
    from stage4_udp_files.rtt import RttEstimator

    estimator = RttEstimator()
    seen = [estimator.retransmission_timeout]
    for step in steps:
        if isinstance(step, str):
            estimator.back_off()
        else:
            estimator.sample(step)
        seen.append(estimator.retransmission_timeout)
    return seen


def scoreboard(steps: list[list[Any]]) -> list[dict[str, Any]]:
    """Do things to a Scoreboard and look at it after each.

    Steps: ["send", count, now], ["resend", most, now], ["probe", now],
    ["ack", number, ranges, echo], ["lose all"], and ["acknowledge", number, ranges], which is an
    ACK of which nobody asks what it shows to be lost.
    """
    from stage4_udp_files.flight import Progress
    from stage4_udp_files.scoreboard import Scoreboard

    board = Scoreboard()
    progress = Progress(0, 0.0, 0.0, False)
    seen = []
    for what, *arguments in steps:
        flights: list[Any] = []
        if what == "send":
            flights = [board.send_new(arguments[0], arguments[1], progress)]
        elif what == "resend":
            flights = [board.resend_lost(arguments[0], arguments[1], progress, "lost")]
        elif what == "probe":
            flights = [board.probe(arguments[0], progress)]
        elif what == "acknowledge":
            number, ranges = arguments
            flights = board.acknowledge(number, [(first, end) for first, end in ranges])
        elif what == "ack":
            number, ranges, echo = arguments
            arrived = board.acknowledge(number, [(first, end) for first, end in ranges])
            board.newest(arrived, echo)
            flights = board.find_lost(1.0)
        else:
            flights = board.lose_all()
        seen.append(
            {
                "flights": [[flight.first, flight.end] for flight in flights],
                "in_flight": board.in_flight,
                "lost": board.lost,
                "cumulative_ack": board.cumulative_ack,
                "known": [[flight.first, flight.end] for flight in board.flights],
            }
        )
    return seen


@dataclass
class _Ack:
    now: float = 0.0
    newly_acked: int = 0
    newly_lost: int = 0
    lost_sent_at: float = 0.0
    in_flight: int = 0
    rtt: float = 0.1
    smoothed_rtt: float = 0.1
    rtt_variation: float = 0.0
    delivery_rate: float | None = None
    application_limited: bool = False
    delivered: int = 0
    delivered_before: int = -1


def windows(name: str, steps: list[dict[str, Any] | str]) -> list[float]:
    """A strategy's window at first and after each ACK (what differs from nothing) or "timeout"."""
    from stage4_udp_files.strategies import strategy_named

    strategy = strategy_named(name)
    seen = [strategy.window]
    for step in steps:
        if isinstance(step, str):
            strategy.timed_out()
        else:
            strategy.acknowledged(_Ack(**step))  # type: ignore[arg-type]
        seen.append(strategy.window)
    return seen


def known_strategies(names: list[str]) -> list[bool]:
    """Which of these names are strategies."""
    from stage4_udp_files.strategies import strategy_named

    def is_known(name: str) -> bool:
        try:
            strategy_named(name)
        except ValueError:
            return False
        return True

    return [is_known(name) for name in names]


def through_a_link(trouble: dict[str, float], seed: int, count: int) -> list[list[Any]]:
    """Datagrams enter a LossyDirection, one a millisecond: [time, content] of what comes out."""
    import random
    from collections import Counter

    from stage4_udp_files.lossy_direction import LossyDirection, Trouble

    direction = LossyDirection(Trouble(**trouble), random.Random(seed), Counter())
    seen: list[list[Any]] = []
    for number in range(count):
        now = number / 1000
        seen += [[now, out.hex()] for out in direction.due(now)]
        direction.enter(number.to_bytes(100, "big"), now)
    while (now := direction.next_timer()) < float("inf"):
        seen += [[now, out.hex()] for out in direction.due(now)]
    return seen
