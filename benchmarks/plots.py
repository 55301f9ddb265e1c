"""Pictures of the measurements for the docs: results/*.json in, one SVG a picture out.

    python benchmarks/plots.py [--into docs/assets/plots]

Text and lines take the page's colour (`currentColor`), series the theme's CSS variables with fixed
colours behind them, so a picture that is placed inline follows the light and the dark theme. No
picture has a blank line, so Markdown leaves it whole.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
WIDTH, ROW, LABELS, RIGHT = 720, 26, 250, 130  # pixels
PLOT_HEIGHT, LEFT, TOP, BOTTOM = 190, 44, 44, 28
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000, 10_000, 100_000)
COLOURS = (
    "var(--md-primary-fg-color, #4051b5)",
    "var(--md-accent-fg-color, #e67e22)",
    "var(--plot-third, #2a9d8f)",
    "var(--plot-fourth, #b5838d)",
)
FANOUT_NAMES = {
    "loop": "stage 1, event loop",
    "threads": "stage 1, threads",
    "ncat": "ncat --chat (C)",
    "ngircd": "ngircd (C)",
}
OURS = ("ours", "stage ")  # how labels of this project's programs begin
Bar = tuple[str, float, float, float]  # label, value, lowest, highest


def svg(title: str, height: float, parts: Sequence[str]) -> str:
    """A picture with a title that is shown and read aloud."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        'style="max-width:100%;height:auto" font-family="inherit, sans-serif" font-size="13" '
        f'fill="currentColor"><title>{escape(title)}</title>'
    )
    heading = text(0, 16, title, weight="bold")
    return "\n".join([head, heading, *parts, "</svg>"]) + "\n"


def text(x: float, y: float, words: str, anchor: str = "start", weight: str = "normal") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}"'
    return f"<text {where}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, opacity: float = 0.25) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="currentColor" stroke-opacity="{opacity}"/>'


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars; the fine line on each runs from the lowest to the highest run."""
    scale = (WIDTH - LABELS - RIGHT) / max(highest for *_, highest in rows)
    parts = []
    for number, (label, value, lowest, highest) in enumerate(rows):
        y = TOP + number * ROW
        colour = COLOURS[0 if label.startswith(OURS) else 1]
        shape = f'x="{LABELS}" y="{y}" width="{value * scale:.1f}" height="{ROW - 8}"'
        parts.append(f'<rect {shape} rx="2" fill="{colour}"/>')
        parts.append(text(LABELS - 8, y + 14, label.replace("`", ""), "end"))
        middle = y + (ROW - 8) / 2
        parts.append(line(LABELS + lowest * scale, middle, LABELS + highest * scale, middle, 0.9))
        parts.append(text(LABELS + highest * scale + 8, y + 14, f"{value:.3g} {unit}"))
    return svg(title, TOP + len(rows) * ROW + 6, parts)


def lines(title: str, unit: str, series: Mapping[str, Sequence[float]], step: float = 1) -> str:
    """One line a series over time; `step` is the seconds between two values."""
    highest = max(max(values) for values in series.values())
    tick = next(t for t in TICKS if highest <= 5 * t)
    top = 5 * tick
    length = max(len(values) for values in series.values())
    across = (WIDTH - LEFT - RIGHT) / max(1, length - 1)
    parts = [text(LEFT - 6, TOP - 10, unit, "end")]
    for part in range(6):
        y = TOP + PLOT_HEIGHT * (1 - part / 5)
        parts.append(line(LEFT, y, WIDTH - RIGHT, y))
        parts.append(text(LEFT - 6, y + 4, f"{tick * part:g}", "end"))
    for number, (name, values) in enumerate(series.items()):
        points = " ".join(
            f"{LEFT + at * across:.1f},{TOP + PLOT_HEIGHT * (1 - value / top):.1f}"
            for at, value in enumerate(values)
        )
        colour = COLOURS[number % len(COLOURS)]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        key = TOP + 14 + 20 * number
        parts.append(
            f'<rect x="{WIDTH - RIGHT + 8}" y="{key - 9}" width="10" height="10" fill="{colour}"/>'
        )
        parts.append(text(WIDTH - RIGHT + 22, key, name))
    foot = TOP + PLOT_HEIGHT + 18
    parts.append(text(LEFT, foot, "0 s"))
    parts.append(text(WIDTH - RIGHT, foot, f"{(length - 1) * step:.0f} s", "end"))
    return svg(title, TOP + PLOT_HEIGHT + BOTTOM, parts)


def bar_of(label: str, values: Sequence[float]) -> Bar:
    return label, statistics.median(values), min(values), max(values)


def draw_loopback(results: dict[str, Any]) -> dict[str, str]:
    speeds: dict[str, list[float]] = {}
    for run in results["runs"]:
        speeds.setdefault(run["peer"], []).append(run["size"] / 1e6 / run["seconds"])
    rows = [bar_of(name, values) for name, values in speeds.items()]
    return {"loopback": bars("A file over loopback, verified and written", "MB/s", rows)}


def draw_link(results: dict[str, Any]) -> dict[str, str]:
    pictures = {}
    for size in sorted({run["size"] for run in results["runs"]}):
        rows = []
        for loss in sorted({run["loss"] for run in results["runs"]}):
            speeds: dict[str, list[float]] = {}
            for run in results["runs"]:
                if run["size"] == size and run["loss"] == loss:
                    speeds.setdefault(run["peer"], []).append(size * 8e-6 / run["seconds"])
            rows += [bar_of(f"{name}, {loss:g} % loss", values) for name, values in speeds.items()]
        megabytes = size // 1_000_000
        title = f"{megabytes} MB over 100 Mbit/s with 40 ms round trip"
        pictures[f"link-{megabytes}MB"] = bars(title, "Mbit/s", rows)
    return pictures


def draw_fair(results: dict[str, Any]) -> dict[str, str]:
    pictures = {}
    for rival, run in results["shared"].items():
        name = "sharing-" + rival.lower().replace(" ", "-")
        pictures[name] = lines(f"A download beside {rival}", "Mbit/s", run["rates"])
    trips = {name: run["round_trips_ms"] for name, run in results["alone"].items()}
    title = "Round trip while one flow fills the link, start-up left out"
    pictures["round-trip"] = lines(title, "ms", trips, step=0.25)
    return pictures


def draw_chat(results: dict[str, Any]) -> dict[str, str]:
    rows: list[Bar] = []
    for name, values in results["latencies_ms"].items():
        ordered = sorted(values)
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        rows.append((name, p99, ordered[len(ordered) // 2], ordered[-1]))
    title = "A chat message: 99th percentile (the line: median to longest)"
    return {"chat-beside-downloads": bars(title, "ms", rows)}


def draw_fanout(results: dict[str, Any]) -> dict[str, str]:
    pictures = {}
    for size in next(iter(results["rooms"].values())):
        rows = [
            bar_of(FANOUT_NAMES[name], [cell["per_second"] / 1e6 for cell in sizes[size]])
            for name, sizes in results["rooms"].items()
            if name in FANOUT_NAMES and sizes.get(size)
        ]
        title = f"Chat messages delivered a second to {size} clients"
        pictures[f"fanout-{size}"] = bars(title, "million", rows)
    return pictures


def draw_eight(results: dict[str, Any]) -> dict[str, str]:
    rounds = sorted(results["rounds"], key=lambda one: max(one["rates"]) - min(one["rates"]))
    rates = rounds[len(rounds) // 2]["rates"]
    rows = [(f"ours, download {n}", rate, rate, rate) for n, rate in enumerate(rates, 1)]
    title = "Eight downloads at once over 100 Mbit/s, while all are active: the middle round"
    return {"eight-downloads": bars(title, "Mbit/s", rows)}


DRAWINGS = {
    "fanout": draw_fanout,
    "download_eight": draw_eight,
    "download_loopback": draw_loopback,
    "download_link": draw_link,
    "download_fair": draw_fair,
    "chat_beside_downloads": draw_chat,
}


def draw_all(into: Path, results: Path = FOLDER / "results") -> list[Path]:
    """Draw what has been measured; returns the pictures' paths."""
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in DRAWINGS.items():
        source = results / f"{name}.json"
        if source.exists():
            for picture, content in draw(json.loads(source.read_text(encoding="utf-8"))).items():
                written.append(into / f"{picture}.svg")
                written[-1].write_text(content, encoding="utf-8")
    return written


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--into", type=Path, default=FOLDER.parent / "docs" / "assets" / "plots")
    for path in draw_all(parser.parse_args().into):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
