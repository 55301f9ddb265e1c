"""The transport's parts by themselves, each idea of the lesson for itself."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stage4 import observations
from tests.support.observer import Observer

pytestmark = pytest.mark.stage(4)

ACKS = pytest.mark.hint(
    "An ACK reports what has arrived, nothing else: take that out of what is in flight, once. What "
    "it says a second time, what an older one says after it, or what was never sent, changes "
    "nothing.",
    docs="stage4/one_packet#acks-that-count",
)
ORDER = pytest.mark.hint(
    "Three cases: the next number, an early one within the window, and everything else. When the "
    "next one comes, look who has waited for it.",
    docs="stage4/one_packet#order",
)
TIMEOUT = pytest.mark.hint(
    "Compute the example of RFC 6298 by hand, step by step, and compare; mind the limits below and "
    "above.",
    docs="stage4/many_packets#when-nothing-comes-back",
)
GAPS = pytest.mark.hint(
    "Lost is what was sent three packets before one that has arrived. It is reported once, and a "
    "repetition counts from when it was sent, not by its number.",
    docs="stage4/many_packets#gaps",
)
WINDOW = pytest.mark.hint(
    "Two limits hold at once: what the network takes, counted in packets in flight, and what the "
    "receiver has room for, counted from its cumulative ACK.",
    docs="stage4/many_packets#the-sliding-window",
)
CONGESTION = pytest.mark.hint(
    "Slow start adds a packet for each one acknowledged, afterwards one for each round trip; one "
    "loss a window halves it, a timeout begins again with one packet.",
    docs="stage4/many_packets#congestion",
)

pairs = st.tuples(st.integers(0, 60), st.integers(1, 9)).map(lambda p: [p[0], p[0] + p[1]])


@settings(max_examples=100, deadline=None)
@given(added=st.lists(pairs, max_size=12), below=st.integers(0, 70))
def test_ranges_are_a_set_of_numbers(
    observer: Observer, added: list[list[int]], below: int
) -> None:
    """Ranges added in any order hold the numbers that a set would, ascending and apart."""
    seen = observer.observe(observations.set_of_ranges, added=added, discarded_below=below)
    numbers = {number for first, end in added for number in range(first, end)}
    held = [number for first, end in seen for number in range(first, end)]
    assert held == sorted(number for number in numbers if number >= below)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(seen))


@pytest.mark.part("reassembly")
@pytest.mark.points(1)
@ORDER
def test_in_order_packets_pass_at_once(observer: Observer) -> None:
    """What comes in its turn waits for nothing."""
    seen = observer.observe(observations.reassembled, window=10, arrivals=[0, 1, 2])
    assert [step["out"] for step in seen] == [[0], [1], [2]]


@pytest.mark.part("reassembly")
@pytest.mark.points(3)
@ORDER
def test_early_packets_wait_for_the_gap(observer: Observer) -> None:
    """What comes too early comes out behind what was missing, in order; ranges tell of it.

    Packets lie in the socket's buffer: what has to wait must be copied out of it.
    """
    seen = observer.observe(observations.reassembled, window=10, arrivals=[2, 1, 4, 0, 3])
    assert [step["out"] for step in seen] == [[], [], [], [0, 1, 2], [3, 4]]
    assert seen[2]["ranges"] == [[1, 3], [4, 5]]
    assert seen[4]["ranges"] == []
    assert seen[4]["waiting"] == 0, "what is out is still kept in `early`, too"


@pytest.mark.part("reassembly")
@pytest.mark.points(1)
@ORDER
def test_a_run_passes_at_once(observer: Observer) -> None:
    """Several packets at once, the next ones in order: all come out, and are counted."""
    seen = observer.observe(observations.reassembled_run, before=[1, 0], run=3)
    assert seen == {"out": [0, 1, 2, 3, 4], "next": 5}


@pytest.mark.part("reassembly")
@pytest.mark.points(3)
@ORDER
def test_duplicates_and_strays_come_to_nothing(observer: Observer) -> None:
    """A packet again, an early one again, one beyond the window: not written twice, not kept."""
    arrivals = [0, 0, 3, 3, 11, 1_000_000, 1, 2, 3, 0]
    seen = observer.observe(observations.reassembled, window=10, arrivals=arrivals)
    assert [n for step in seen for n in step["out"]] == [0, 1, 2, 3]
    assert [step["useful"] for step in seen] == [1, 0, 1, 0, 0, 0, 1, 1, 0, 0]


@pytest.mark.part("reassembly")
@pytest.mark.points(1)
@ORDER
@settings(max_examples=100, deadline=None)
@given(arrivals=st.lists(st.integers(0, 9), max_size=120), window=st.integers(1, 20))
def test_any_order_of_arrival(observer: Observer, arrivals: list[int], window: int) -> None:
    """Whatever arrives: numbers come out 0, 1, 2 …, each once; at most a window waits."""
    seen = observer.observe(observations.reassembled, window=window, arrivals=arrivals)
    out = [number for step in seen for number in step["out"]]
    assert out == list(range(len(out)))
    for step in seen:
        assert step["waiting"] < window or step["waiting"] == 0
        waiting = sum(end - first for first, end in step["ranges"])
        assert waiting == step["waiting"]
        assert step["next"] not in [first for first, _ in step["ranges"]]


@pytest.mark.part("timeout")
@pytest.mark.points(2)
@TIMEOUT
def test_timeout_by_rfc_6298(observer: Observer) -> None:
    """First sample R: SRTT = R, RTTVAR = R/2; then by 1/8 and 1/4; from 0.2 s to 4 s."""
    seen = observer.observe(observations.timeouts, steps=[0.4, 0.8, 0.01])
    # 0.4 + 4 × 0.2; SRTT 0.45, RTTVAR 0.15 + 0.1; SRTT 0.395, RTTVAR 0.1875 + 0.11
    assert seen == pytest.approx([1.0, 1.2, 1.45, 1.585])
    slow = observer.observe(observations.timeouts, steps=[10.0])
    assert slow[-1] == 4.0
    quick = observer.observe(observations.timeouts, steps=[0.001] * 20)
    assert quick[-1] == pytest.approx(0.2)


@pytest.mark.part("timeout")
@pytest.mark.points(2)
@TIMEOUT
def test_timeouts_back_off(observer: Observer) -> None:
    """Each timeout doubles the next, up to a limit; a new sample ends that."""
    steps = [0.4, *["back off"] * 6, 0.4]
    seen = observer.observe(observations.timeouts, steps=steps)
    assert seen[1:4] == pytest.approx([1.2, 2.4, 4.0])
    assert max(seen) == 4.0
    assert seen[-1] < 1.2


def board(observer: Observer, *steps: list[Any]) -> list[dict[str, Any]]:
    """What a scoreboard shows after each step."""
    seen: list[dict[str, Any]] = observer.observe(observations.scoreboard, steps=steps)
    return seen


@pytest.mark.part("stop_and_wait")
@pytest.mark.points(1)
@ACKS
def test_an_ack_cuts_out_what_arrived(observer: Observer) -> None:
    """Cumulative number and ranges: what is neither stays, in pieces."""
    seen = board(observer, ["send", 10, 1.0], ["acknowledge", 2, [[4, 5], [7, 9]]])
    assert seen[-1]["known"] == [[2, 4], [5, 7], [9, 10]]


@pytest.mark.part("stop_and_wait")
@pytest.mark.points(2)
@ACKS
def test_old_acks_change_nothing(observer: Observer) -> None:
    """An ACK that arrives late, after a newer one: it brings nothing, and takes nothing back."""
    late = [["acknowledge", 3, [[4, 5]]], ["acknowledge", 6, []]]
    seen = board(observer, ["send", 10, 1.0], ["acknowledge", 6, []], *late)
    assert [step["flights"] for step in seen[2:]] == [[], []]
    assert seen[-1]["in_flight"] == 4
    assert seen[-1]["known"] == [[6, 10]]
    assert [step["cumulative_ack"] for step in seen[1:]] == [6, 6, 6]


@pytest.mark.part("stop_and_wait")
@pytest.mark.points(1)
@ACKS
def test_what_counted_as_lost_may_arrive(observer: Observer) -> None:
    """After a timeout the ACK comes all the same: those packets are neither lost nor in flight."""
    seen = board(observer, ["send", 5, 1.0], ["lose all"], ["acknowledge", 3, []])
    assert seen[-1]["lost"] == 2
    assert seen[-1]["in_flight"] == 0


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_three_later_packets_show_a_loss(observer: Observer) -> None:
    """Two later ones may have overtaken it; three mean that it is lost."""
    seen = board(
        observer,
        ["send", 1, 1.0],
        ["send", 5, 1.0],
        ["ack", 0, [[1, 2]], 1.0],
        ["ack", 0, [[1, 3]], 1.0],
        ["ack", 0, [[1, 4]], 1.0],
    )
    assert [step["flights"] for step in seen[2:]] == [[], [], [[0, 1]]]
    assert seen[-1]["lost"] == 1
    assert seen[-1]["in_flight"] == 2


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_a_flight_is_as_old_as_its_last_packet(observer: Observer) -> None:
    """Four packets left together, one later one arrives: that one overtook only the last of them
    by one, so nothing is lost yet."""
    seen = board(observer, ["send", 4, 1.0], ["send", 1, 1.0], ["ack", 0, [[4, 5]], 1.0])
    assert seen[-1]["flights"] == []


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_time_shows_a_loss_too(observer: Observer) -> None:
    """One packet sent long after it has arrived (here a second counts as long): it is lost."""
    seen = board(observer, ["send", 1, 1.0], ["send", 1, 2.5], ["ack", 0, [[1, 2]], 2.5])
    assert seen[-1]["flights"] == [[0, 1]]


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_a_loss_is_found_only_once(observer: Observer) -> None:
    """The same duplicate ACK again does not lose anything again (Sorcerer's Apprentice)."""
    ack = ["ack", 0, [[1, 4]], 1.0]
    seen = board(observer, ["send", 1, 1.0], ["send", 5, 1.0], ack, ack, ack)
    assert [step["flights"] for step in seen[2:]] == [[[0, 1]], [], []]


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_the_repetition_may_be_lost_too(observer: Observer) -> None:
    """Three packets sent after the repetition arrive, it does not: it is lost again."""
    seen = board(
        observer,
        ["send", 1, 1.0],
        ["send", 5, 1.0],
        ["ack", 0, [[1, 6]], 1.0],
        ["resend", 5, 1.1],
        ["send", 4, 1.2],
        ["ack", 0, [[1, 8]], 1.2],
        ["ack", 0, [[1, 10]], 1.2],
    )
    assert seen[3]["flights"] == [[0, 1]]
    assert [step["flights"] for step in seen[5:]] == [[], [[0, 1]]]


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_a_second_gap_is_found_behind_a_repetition(observer: Observer) -> None:
    """Packet 0 was lost and has just left again; packet 5, which was never repeated, is lost, too:
    that is found out without a timeout."""
    seen = board(
        observer,
        ["send", 1, 1.0],
        ["send", 4, 1.0],
        ["send", 1, 1.0],
        ["send", 4, 1.0],
        ["ack", 0, [[1, 5]], 1.0],
        ["resend", 1, 1.1],
        ["ack", 0, [[1, 5], [6, 10]], 1.0],
    )
    assert [step["flights"] for step in seen[4:]] == [[[0, 1]], [[0, 1]], [[5, 6]]]


@pytest.mark.part("fast_retransmit")
@pytest.mark.points(1)
@GAPS
def test_an_ack_for_the_first_copy_is_not_one_for_the_second(observer: Observer) -> None:
    """A late original arrives after the repetition left: what lies between is not lost by it."""
    seen = board(
        observer,
        ["send", 6, 1.0],
        ["lose all"],
        ["resend", 1, 2.0],
        ["resend", 4, 2.0],
        ["ack", 1, [], 1.0],
    )
    assert seen[-1]["flights"] == []


@pytest.mark.part("stop_and_wait")
@pytest.mark.points(1)
@ACKS
def test_numbers_beyond_32_bits(observer: Observer) -> None:
    """Four thousand million packets and more: nothing wraps around."""
    many = 2**33
    ack = ["acknowledge", many - 1, []]
    seen = board(observer, ["send", many, 1.0], ack, ["send", 3, 2.0])
    assert seen[-1]["known"] == [[many - 1, many], [many, many + 3]]
    assert seen[-1]["in_flight"] == 4


@pytest.mark.part("window")
@pytest.mark.points(1)
@WINDOW
def test_what_the_window_leaves(observer: Observer) -> None:
    """Window minus what is in flight, whole packets, never less than none."""
    pairs: list[list[float]] = [[10, 0], [10, 4], [10, 10], [10, 12], [1.9, 1], [2.0, 1]]
    seen = observer.observe(observations.windows_left, pairs=pairs)
    assert seen == [10, 6, 0, 0, 0, 1]


@pytest.mark.part("window")
@pytest.mark.points(1)
@WINDOW
def test_what_the_receiver_has_room_for(observer: Observer) -> None:
    """Up to a receive window beyond what has arrived in order, and not beyond the file."""
    triples = [[100, 0, 8], [100, 50, 8], [100, 95, 8], [100, 100, 8], [3, 0, 4096], [0, 0, 8]]
    seen = observer.observe(observations.sendable_ends, triples=triples)
    assert seen == [8, 58, 100, 100, 3, 0]


@pytest.mark.part("reno")
@pytest.mark.points(3, bonus=True)
@CONGESTION
def test_reno_grows_and_halves(observer: Observer) -> None:
    """Slow start doubles each round trip; a loss halves, once a window; then one a round trip."""
    ack = {"newly_acked": 10}
    loss = {"newly_acked": 1, "newly_lost": 2, "lost_sent_at": 1.0, "now": 2.0}
    same_window = {"newly_acked": 1, "newly_lost": 1, "lost_sent_at": 1.5, "now": 2.1}
    seen = observer.observe(observations.windows, name="reno", steps=[ack, loss, same_window, ack])
    assert seen == pytest.approx([10, 20, 10, 10, 11])
    losses = [{"newly_lost": 1, "lost_sent_at": n + 0.5, "now": n + 1} for n in range(6)]
    seen = observer.observe(observations.windows, name="reno", steps=losses)
    assert seen[-1] == 2, "a window below two packets: nothing would ever show a loss"


@pytest.mark.part("reno")
@pytest.mark.points(2, bonus=True)
@CONGESTION
def test_reno_begins_again_after_a_timeout(observer: Observer) -> None:
    """Window 1, then slow start up to half of before, then slowly."""
    steps = [{"newly_acked": 10}, "timeout", *[{"newly_acked": 1}] * 9, {"newly_acked": 10}]
    seen = observer.observe(observations.windows, name="reno", steps=steps)
    assert seen[2] == 1
    assert seen[11] == 10
    assert seen[12] == pytest.approx(11)


def test_a_fixed_window_stays(observer: Observer) -> None:
    """Whatever happens."""
    loss = {"newly_acked": 1, "newly_lost": 2, "lost_sent_at": 1.0, "now": 2.0}
    seen = observer.observe(observations.windows, name="fixed:7", steps=[loss, "timeout", loss])
    assert seen == [7, 7, 7, 7]


def test_names_of_strategies(observer: Observer) -> None:
    """fixed:N only from 1 to 1,000."""
    names = ["rate", "reno", "fixed:1", "fixed:1000"]
    wrong = ["fixed:0", "fixed:1001", "fixed:-1", "fixed:", "fixed", "cubic", "", "RENO", "fixed:²"]
    seen = observer.observe(observations.known_strategies, names=[*names, *wrong])
    assert seen == [True] * 4 + [False] * 9


def link(observer: Observer, **trouble: float) -> list[list[Any]]:
    """What comes out of a lossy link into which 400 datagrams go."""
    seed = int(trouble.pop("seed", 1))
    seen: list[list[Any]] = observer.observe(
        observations.through_a_link, trouble=trouble, seed=seed, count=400
    )
    return seen


def test_a_link_without_trouble(observer: Observer) -> None:
    """Everything comes out, in order."""
    assert [int(content, 16) for _, content in link(observer)] == list(range(400))


def test_the_same_seed_is_the_same_luck(observer: Observer) -> None:
    """A run can be repeated; another seed is other luck."""
    trouble = {"loss": 0.2, "duplicate": 0.2, "reorder": 0.2, "corrupt": 0.2}
    assert link(observer, **trouble) == link(observer, **trouble)
    assert link(observer, **trouble) != link(observer, seed=2, **trouble)


def test_a_link_has_about_the_trouble_it_is_told(observer: Observer) -> None:
    """Each kind alone: loss, duplicates, another order, damaged bits."""
    assert 280 < len(link(observer, loss=0.2)) < 360
    assert 440 < len(link(observer, duplicate=0.2)) < 520
    numbers = [int(content, 16) for _, content in link(observer, reorder=0.2)]
    assert numbers != sorted(numbers) == list(range(400))
    damaged = [int(content, 16) for _, content in link(observer, corrupt=0.2)]
    assert 40 < sum(a != b for a, b in zip(damaged, range(400), strict=True)) < 120


def test_delay_and_rate(observer: Observer) -> None:
    """Delay moves everything; a rate spreads it out, and a full queue drops."""
    assert link(observer, delay=0.5)[0][0] == pytest.approx(0.5)
    slow = link(observer, rate=20_000.0)  # 5 ms for each datagram, one comes every ms
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(slow)]
    assert gaps == pytest.approx([0.005] * len(gaps), abs=0.0011)  # looked at every ms
    assert len(slow) < 400
