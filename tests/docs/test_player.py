"""The packet player in a browser: it plays every recording and one's own, by mouse and keyboard."""

import json
from pathlib import Path
from typing import Any

import pytest

from docs_tools.traces import SCENARIOS, TRACES, record
from tests.docs.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLAYER = "document.querySelector('.packet-player').player"


@pytest.fixture
def page(site: Path, visit: Visit) -> Any:
    """The player's page, opened from the disk."""
    visit.page.goto(site.as_uri() + "/stage4/player.html")
    visit.page.locator(".player-diagram .who").first.wait_for()
    yield visit.page
    assert not visit.complaints


def at(page: Any) -> float:
    """The moment that is shown, in milliseconds."""
    return float(page.evaluate(f"{PLAYER}.now"))


def test_every_recording_can_be_gone_through(page: Any) -> None:
    """Each recording, at several moments: something is drawn, the window is named."""
    for number in range(len(SCENARIOS)):
        page.select_option(".player-scenario", str(number))
        page.select_option(".player-span", "1000")
        for share in (0.5, 1.0):
            page.evaluate(f"{PLAYER}.show({PLAYER}.trace.end * {share})")
            assert page.locator(".player-diagram .flight").count() > 0
            assert "window" in page.locator(".player-window .caption").text_content()


def test_what_is_lost_is_sent_again(page: Any) -> None:
    """Losses are paired rightly: no packet arrives before it was sent, what is lost comes again."""
    flights = page.evaluate(f"{PLAYER}.trace.flights")
    data = [flight for flight in flights if flight["kind"] == "DATA"]
    assert all(f["arrived"] is None or f["arrived"] > f["sent"] for f in flights)
    lost = {flight["number"] for flight in data if flight["arrived"] is None}
    assert lost
    assert lost <= {flight["number"] for flight in data if flight["arrived"] is not None}


def test_play_and_pause(page: Any) -> None:
    """Play goes on, pause stays."""
    page.click(".player-play")
    page.wait_for_function(f"{PLAYER}.now > 5")
    page.click(".player-play")
    stopped = at(page)
    page.wait_for_timeout(100)
    assert at(page) == stopped


def test_by_keyboard(page: Any) -> None:
    """Step on and back, to the ends, play: without a mouse."""
    page.focus(".player-step")
    page.keyboard.press("ArrowRight")
    first = at(page)
    page.keyboard.press("ArrowRight")
    assert at(page) > first > 0
    page.keyboard.press("ArrowLeft")
    assert at(page) == first
    page.keyboard.press("End")
    assert at(page) == page.evaluate(f"{PLAYER}.trace.end")
    page.keyboard.press("Home")
    assert at(page) == 0


def test_pointing_explains(page: Any) -> None:
    """An arrow tells what it is."""
    page.evaluate(f"{PLAYER}.show({PLAYER}.trace.end / 2)")
    page.locator(".player-diagram .target").first.dispatch_event("pointerenter")
    assert "sent at" in page.locator(".player-hover").inner_text()


def test_reduced_motion_goes_in_steps(site: Path, browser: Any) -> None:
    """With reduced motion, playing goes from event to event."""
    visit = Visit(browser, reduced_motion="reduce")
    visit.page.goto(site.as_uri() + "/stage4/player.html")
    visit.page.click(".player-play")
    visit.page.wait_for_function(f"{PLAYER}.now > 0")
    moments = visit.page.evaluate(f"{PLAYER}.trace.events.map((event) => event.at)")
    assert at(visit.page) in moments
    visit.context.close()


def test_ones_own_trace(page: Any, tmp_path: Path) -> None:
    """A new recording plays, and has the same kinds of events as the committed one."""
    events = record(SCENARIOS[0], tmp_path)
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(events) + "\n", encoding="utf-8")
    page.set_input_files(".player-own input", own)
    page.wait_for_function("document.querySelector('.player-about').textContent.includes('own')")
    assert page.evaluate(f"{PLAYER}.trace.flights.length") > 30
    assert page.input_value(".player-scenario") == "", "a recording is named beside one's own"
    text = (TRACES / f"{SCENARIOS[0].name}.js").read_text(encoding="utf-8")
    committed = json.loads(text[text.index("push(") + 5 : text.rindex(");")])["texts"][0]
    assert shapes(committed.splitlines()) == shapes(events)


def test_one_side_only_is_told(page: Any, tmp_path: Path) -> None:
    """With the trace of one side, arrivals are assumed, and the page says so."""
    text = (TRACES / "window_16.js").read_text(encoding="utf-8")
    lines = json.loads(text[text.index("push(") + 5 : text.rindex(");")])["texts"][0].splitlines()
    own = tmp_path / "server.jsonl"
    own.write_text("\n".join(x for x in lines if json.loads(x)["side"] == "server"), "utf-8")
    page.set_input_files(".player-own input", own)
    page.wait_for_function(
        "document.querySelector('.player-about').textContent.includes('assumed')"
    )


@pytest.mark.parametrize(
    "text", ["", "hello", '{"a": 1}', '{"time": 1, "side": "x", "event": "y"}']
)
def test_what_is_no_trace_is_refused_in_words(page: Any, tmp_path: Path, text: str) -> None:
    """A wrong file gets a sentence, not a stopped page."""
    own = tmp_path / "wrong.txt"
    own.write_text(text, encoding="utf-8")
    page.set_input_files(".player-own input", own)
    page.locator(".player-failed").wait_for()
    assert page.locator(".player-about").inner_text()


def shapes(lines: list[str]) -> set[tuple[str, ...]]:
    """Which events there are, with which fields."""
    events = [json.loads(line) for line in lines]
    usual = [event for event in events if event["event"] in {"sent", "received", "window"}]
    return {(e["side"], e["event"], e.get("kind", ""), *sorted(e)) for e in usual}
