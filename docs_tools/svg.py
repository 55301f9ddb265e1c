"""The shapes that the course's drawings are made of, as inline SVG that takes the page's colours.

A drawing has no blank line in it, so Markdown leaves it whole. Classes (`data`, `answer`, `loss`,
`note`, `line`) are coloured by docs/assets/course.css, in light and dark.
"""

from collections.abc import Iterable
from html import escape

FONT_SIZE = 13
CODE_WIDTH = 7.9  # of one character of code, in the drawing's units


def drawing(title: str, width: float, height: float, parts: Iterable[str]) -> str:
    """A whole drawing; `title` is what is read aloud instead of it."""
    head = (
        f'<div class="drawing-box"><svg class="drawing" xmlns="http://www.w3.org/2000/svg" '
        f'width="{width:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'font-size="{FONT_SIZE}"><title>{escape(title)}</title>'
    )
    return "\n".join([head, *parts, "</svg></div>"]) + "\n"


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> str:
    """One line of text around (or from, or up to) a point."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, kind: str = "") -> str:
    """A rectangle with round corners."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="box {kind}" {place} rx="4"/>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "line", dashes: str = "") -> str:
    """A straight line."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {ends} stroke-width="1.6" stroke-dasharray="{dashes}"/>'


def arrow(x1: float, y1: float, x2: float, y2: float, kind: str = "data", dashes: str = "") -> str:
    """A line with a head at its second end."""
    length = max(1.0, ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5)
    along_x, along_y = (x2 - x1) / length * 8, (y2 - y1) / length * 8
    left = f"{x2 - along_x - along_y / 2:.1f},{y2 - along_y + along_x / 2:.1f}"
    right = f"{x2 - along_x + along_y / 2:.1f},{y2 - along_y - along_x / 2:.1f}"
    points = f'points="{left} {x2:.1f},{y2:.1f} {right}" fill="none" stroke-width="1.6"'
    return line(x1, y1, x2, y2, kind, dashes) + f'<polyline class="{kind}" {points}/>'


def cross(x: float, y: float) -> str:
    """Where something was lost."""
    return line(x - 6, y - 6, x + 6, y + 6, "loss") + line(x - 6, y + 6, x + 6, y - 6, "loss")
