"""Where everything stands on the page: panels in inches, lines of text, names that must not cover each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from figures.kit.cells import Cells, Shades
from figures.kit.drawing import Axis, Drawing, Panel
from figures.kit.marks import Curve, Points
from figures.kit.style import EDGE, LEADING, RC, Style

AXIS_LEFT, AXIS_BELOW = 0.58, 0.42  # room for tick labels and the axis label, in inches
LABEL_LEFT = 0.44
WORDS_GAP, WORDS_BELOW = 0.08, 0.24  # room beside words at the ticks, and under a line of them
HEAD, GAP, END_GAP = 0.21, 0.17, 0.07
BAR_GAP, BAR_WIDTH, BAR_LABELS = 0.08, 0.1, 0.62  # of a colour bar
KEY_BOX, KEY_GAP = 0.1, 0.16  # of the legend of cells
PRESSED = 0.72  # panels are not pressed to less of their height than this


@dataclass(frozen=True)
class Key:
    """An entry of the legend of cells: a square with this fill, outline and marker, and what it says."""

    says: str
    fill: str
    shape: str = ""
    outlined: bool = False


@dataclass(frozen=True)
class Page:
    """Where panels stand, in inches from the lower left corner of the page; text comes as broken lines."""

    style: Style
    height: float
    width: float  # of every panel
    lefts: tuple[float, ...]
    bottoms: tuple[float, ...]
    heights: tuple[float, ...]
    title: tuple[str, ...]
    caption: tuple[str, ...]
    key: tuple[tuple[Key, ...], ...]

    def box(self, i: int, j: int) -> tuple[float, float, float, float]:
        """Return (left, bottom, width, height) of the panel in row i, column j, as shares of the page."""
        across, up = self.style.width, self.height
        return self.lefts[j] / across, self.bottoms[i] / up, self.width / across, self.heights[i] / up

    def bar(self, i: int, j: int) -> tuple[float, float, float, float]:
        """Return the same of the colour bar beside that panel."""
        left, bottom, width, height = self.box(i, j)
        start = left + width + self.style.em(BAR_GAP) / self.style.width
        return start, bottom, self.style.em(BAR_WIDTH) / self.style.width, height


def layout(drawing: Drawing, style: Style) -> Page:
    """Return where everything stands."""
    across = style.width - 2 * EDGE
    title = wrap(drawing.title, across, style.title_size, "bold")
    caption = wrap(drawing.caption, across, style.caption_size) if style.caption_size else []
    key = _key_lines(drawing, style)
    rows, columns = drawing.rows, len(drawing.rows[0])
    ends = [_right([row[j] for row in rows], style) for j in range(columns)]
    before = [max(axis_left(row, j, style) for row in rows) for j in range(columns)]
    width = (across - sum(before) - sum(ends)) / columns
    lefts = tuple(EDGE + sum(before[: j + 1]) + sum(ends[:j]) + j * width for j in range(columns))
    top = 2 * EDGE + len(title) * leading(style.title_size) + len(key) * leading(style.size)
    foot = 2 * EDGE + len(caption) * leading(style.caption_size) + EDGE
    above = [style.em(HEAD) if any(p.headed for p in row) else GAP / 2 for row in rows]
    below = [_below(drawing, i, style) for i in range(len(rows))]
    heights = [max(p.height for p in row) for row in rows]
    stretch = _stretch(style, top + foot + sum(above) + sum(below), sum(heights))
    heights = [h * stretch for h in heights]
    whole = top + foot + sum(above) + sum(below) + sum(heights)
    bottoms = []
    for up, down, height in zip(above, below, heights, strict=True):
        top += up + height
        bottoms.append(whole - top)
        top += down
    return Page(
        style, whole, width, lefts, tuple(bottoms), tuple(heights), tuple(title), tuple(caption), tuple(map(tuple, key))
    )


def _stretch(style: Style, fixed: float, heights: float) -> float:
    """Return by how much all panels grow so that the page gets the style's aspect."""
    return 1.0 if style.aspect is None else max(PRESSED, (style.width / style.aspect - fixed) / heights)


def x_named(drawing: Drawing, i: int, j: int) -> bool:
    """Tell whether no panel below shares this panel's x axis."""
    rows = drawing.rows
    return i + 1 == len(rows) or rows[i + 1][j].x != rows[i][j].x


def y_named(row: Sequence[Panel], j: int) -> bool:
    """Tell whether panel j has a y axis of its own, not its left neighbour's."""
    return j == 0 or row[j].y != row[j - 1].y


def axis_left(row: Sequence[Panel], j: int, style: Style) -> float:
    """Return the room left of panel j."""
    if not y_named(row, j):
        return GAP
    axis = row[j].y
    return style.em(AXIS_LEFT) if axis.words is None else words_width(axis, style) + style.em(WORDS_GAP)


def words_width(axis: Axis, style: Style) -> float:
    """Return the width of the longest word at an axis' ticks."""
    return max((text_width(word, style.size - 0.8) for word in axis.words or ()), default=0.0)


def upright(axis: Axis, width: float, style: Style) -> bool:
    """Tell whether the words at the ticks of an x axis `width` inches long must be turned to fit."""
    if axis.words is None:
        return False
    return words_width(axis, style) > 0.95 * width / max(1, len(axis.words))


def _below(drawing: Drawing, i: int, style: Style) -> float:
    row = drawing.rows[i]
    if not x_named(drawing, i, 0):
        return GAP / 2
    return max(_axis_below(panel.x, style.width / len(row) - style.em(AXIS_LEFT), style) for panel in row)


def _axis_below(axis: Axis, width: float, style: Style) -> float:
    if axis.words is None:
        return style.em(AXIS_BELOW)
    return words_width(axis, style) + style.em(WORDS_GAP) if upright(axis, width, style) else style.em(WORDS_BELOW)


def _right(column: Sequence[Panel], style: Style) -> float:
    """Return the room for the words at the curves' right ends, or for a colour bar."""
    marks = [m for panel in column for m in panel.marks]
    ends = [m.end for m in marks if isinstance(m, Curve | Points) and m.end]
    room = max((text_width(end, style.size) for end in ends), default=0.0) + (2 * style.em(END_GAP) if ends else 0.0)
    bars = any(isinstance(m, Cells) and isinstance(m.scale, Shades) for m in marks)
    return max(room, style.em(BAR_GAP + BAR_WIDTH + BAR_LABELS) if bars else 0.0)


def keys(drawing: Drawing) -> list[Key]:
    """Return the legend of all cells: every category once, then why cells are outlined."""
    cells = [m for panel in drawing.panels for m in panel.marks if isinstance(m, Cells)]
    used = {c for m in cells if isinstance(m.scale, tuple) for c in m.scale}
    ordered = dict.fromkeys(c for m in cells if isinstance(m.scale, tuple) for c in m.scale if c in used)
    outlined = dict.fromkeys(m.flagged for m in cells if m.flags is not None and m.flags.any())
    return [Key(c.name, c.colour, c.shape) for c in ordered] + [Key(text, "none", "", True) for text in outlined]


def key_width(key: Key, style: Style) -> float:
    """Return the width of an entry of the legend with the gap after it."""
    return style.em(KEY_BOX + 0.06 + KEY_GAP) + text_width(key.says, style.size - 0.8)


def _key_lines(drawing: Drawing, style: Style) -> list[list[Key]]:
    lines: list[list[Key]] = []
    room = 0.0
    for key in keys(drawing):
        width = key_width(key, style)
        if not lines or width > room:
            lines.append([])
            room = style.width - 2 * EDGE
        lines[-1].append(key)
        room -= width
    return lines


def spread_apart(at: Sequence[float], least: float) -> list[float]:
    """Return the positions nearest to `at`, in the same order, that are at least `least` apart.

    Least squares with order kept, by pooling adjacent violators: neighbours that collide form a centred block.
    """
    order = sorted(range(len(at)), key=lambda i: at[i])
    blocks: list[tuple[float, int]] = []  # (mean of at[i] - rank * least, members)
    for rank, i in enumerate(order):
        mean, size = at[i] - rank * least, 1
        while blocks and blocks[-1][0] >= mean:
            before, members = blocks.pop()
            mean, size = (before * members + mean * size) / (members + size), members + size
        blocks.append((mean, size))
    level = [mean for mean, size in blocks for _ in range(size)]
    out = [0.0] * len(at)
    for rank, i in enumerate(order):
        out[i] = level[rank] + rank * least
    return out


@cache
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line in inches; text between dollar signs is mathematics."""
    font = FontProperties(family=RC["font.family"], size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath="$" in text)
    return float(width) / 72


def wrap(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Return the text in lines of at most `width` inches, broken at spaces but not in mathematics or "N = 1,000"."""
    words = re.findall(r"(?:N = [\d,]+|\$[^$]*\$|[^\s$])+", text)
    space = text_width("a a", size, weight) - text_width("aa", size, weight)
    lines, room = [words[0]], width - text_width(words[0], size, weight)
    for word in words[1:]:
        room -= space + text_width(word, size, weight)
        if room >= 0:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            room = width - text_width(word, size, weight)
    return lines


def leading(size: float) -> float:
    """Return the distance of lines of type, in inches."""
    return LEADING * size / 72
