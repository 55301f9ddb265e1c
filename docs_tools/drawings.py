"""Three kinds of drawings: bytes in a row, boxes with arrows, and who says what to whom.

The walkthroughs' drawings are listed in docs_tools/pictures/; sequences are also made from what
was recorded between the real programs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docs_tools import svg

CELL_HEIGHT, ROW_HEIGHT, LABEL_WIDTH = 28, 62, 150


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row of bytes. A wider one is drawn for a longer text, or by its `width`."""

    text: str
    kind: str = "data"
    width: float = 0.0
    gap: float = 0.0  # before it

    @property
    def size(self) -> float:
        """How wide it is drawn."""
        return self.width or len(self.text) * svg.CODE_WIDTH + 16


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells with what it is, and a remark below it."""

    label: str
    cells: Sequence[Cell]
    remark: str = ""


def strip(title: str, rows: Sequence[Row]) -> str:
    """Rows of bytes, one below the other."""
    parts = []
    widths = []
    for number, row in enumerate(rows):
        y = 10 + number * ROW_HEIGHT
        parts.append(svg.text(LABEL_WIDTH - 12, y + 19, row.label, "", "end"))
        x = float(LABEL_WIDTH)
        for cell in row.cells:
            x += cell.gap
            parts.append(svg.box(x, y, cell.size, CELL_HEIGHT, cell.kind))
            parts.append(svg.text(x + cell.size / 2, y + 19, cell.text, "code"))
            x += cell.size
        parts.append(svg.text(LABEL_WIDTH, y + CELL_HEIGHT + 16, row.remark, "quiet", "start"))
        widths += [x, LABEL_WIDTH + len(row.remark) * 6.6]
    return svg.drawing(title, max(widths) + 12, len(rows) * ROW_HEIGHT + 6, parts)


@dataclass(frozen=True, slots=True)
class Box:
    """A box at a place of the grid (column and row may be halves), with lines of text."""

    column: float
    row: float
    lines: Sequence[str]
    kind: str = ""
    width: float = 150


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow from box to box."""

    start: str
    end: str
    label: str = ""
    kind: str = "data"
    dashes: str = ""


COLUMN, LINE, GRID_ROW = 232, 17, 92


def boxes(title: str, places: Mapping[str, Box], links: Sequence[Link]) -> str:
    """Boxes on a grid, and arrows between them."""
    parts = []
    for box in places.values():
        x, y, width, height = _frame(box)
        parts.append(svg.box(x, y, width, height, box.kind))
        for number, words in enumerate(box.lines):
            kind = "" if number == 0 else "quiet"
            parts.append(svg.text(x + width / 2, y + 20 + number * LINE, words, kind))
    for link in links:
        parts += _link(places[link.start], places[link.end], link)
    frames = [_frame(box) for box in places.values()]
    width = max(x + wide for x, _, wide, _ in frames) + 8
    height = max(y + high for _, y, _, high in frames) + 10
    return svg.drawing(title, width, height, parts)


def _frame(box: Box) -> tuple[float, float, float, float]:
    return 8 + box.column * COLUMN, 8 + box.row * GRID_ROW, box.width, 14 + LINE * len(box.lines)


def _link(start: Box, end: Box, link: Link) -> list[str]:
    x1, y1, w1, h1 = _frame(start)
    x2, y2, w2, h2 = _frame(end)
    if abs((x1 + w1 / 2) - (x2 + w2 / 2)) < 20:  # one above the other
        down = y1 < y2
        x = (x1 + w1 / 2 + x2 + w2 / 2) / 2
        ends = (x, y1 + h1 + 3, x, y2 - 4) if down else (x, y1 - 3, x, y2 + h2 + 4)
        label = svg.text(x + 8, (ends[1] + ends[3]) / 2 + 5, link.label, f"{link.kind}", "start")
    else:
        right = x1 < x2
        a, b = (x1 + w1 + 3, x2 - 4) if right else (x1 - 3, x2 + w2 + 4)
        ends = (a, y1 + h1 / 2, b, y2 + h2 / 2)
        middle = (ends[1] + ends[3]) / 2 + _label_shift(ends[3] - ends[1])
        label = svg.text((a + b) / 2, middle, link.label, f"{link.kind}")
    return [svg.arrow(*ends, link.kind, link.dashes), label]


def _label_shift(rise: float) -> float:
    """How far beside its arrow a label stands: above a level or rising one, below a falling one."""
    if abs(rise) < 20:
        return -6
    return 20 if rise > 0 else -12


@dataclass(frozen=True, slots=True)
class Say:
    """An arrow of a sequence: from whom, to whom, what. A `lost` one does not arrive."""

    start: str
    end: str
    text: str
    kind: str = "data"
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Words beside one line of a sequence: what happens there."""

    who: str
    text: str


LANE, STEP, SIDE = 344, 40, 76


def sequence(title: str, actors: Sequence[str], steps: Sequence[Say | Remark]) -> str:
    """Who says what to whom: time runs down."""
    x_of = {actor: SIDE + number * LANE for number, actor in enumerate(actors)}
    height = 48 + len(steps) * STEP
    parts = []
    for actor, x in x_of.items():
        parts.append(svg.box(x - 70, 6, 140, 26))
        parts.append(svg.text(x, 24, actor))
        parts.append(svg.line(x, 34, x, height - 6, "line", "3 4"))
    for number, step in enumerate(steps):
        y = 62 + number * STEP
        parts += _remark(step, x_of, y) if isinstance(step, Remark) else _say(step, x_of, y)
    width = SIDE * 2 + LANE * (len(actors) - 1)
    return svg.drawing(title, width, height, parts)


def _say(step: Say, x_of: Mapping[str, float], y: float) -> list[str]:
    x1, x2 = x_of[step.start], x_of[step.end]
    inward = 4 if x2 > x1 else -4
    middle = (x1 + x2) / 2
    end = middle + inward * 12 if step.lost else x2 - inward
    room = int(abs(x2 - x1) / svg.CODE_WIDTH) - 3
    words = step.text if len(step.text) <= room else step.text[: room - 1] + "…"
    parts = [svg.arrow(x1 + inward, y, end, y + 8, step.kind)]
    parts.append(svg.text(middle, y - 5, words, f"code {step.kind}"))
    if step.lost:
        parts.append(svg.cross(end + inward * 4, y + 9))
    return parts


def _remark(step: Remark, x_of: Mapping[str, float], y: float) -> list[str]:
    x = x_of[step.who]
    last = x == max(x_of.values()) and len(x_of) > 1
    anchor, shift = ("end", -10) if last else ("start", 10)
    return [svg.text(x + shift, y + 4, step.text, "note", anchor)]
