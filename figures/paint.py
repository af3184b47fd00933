"""A Drawing on paper: lays out the panels in inches, and draws what they describe. Same description, same bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import TickedStroke
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, NullFormatter

from figures.drawing import Axis, Band, Curve, Drawing, Panel
from figures.style import (
    BAND_ALPHA,
    CAPTION_SIZE,
    DPI,
    EDGE,
    EXACT,
    FAINT,
    INK,
    LEADING,
    RC,
    SIZE,
    STROKES,
    TITLE_SIZE,
    WIDTH,
    look,
)

AXIS_LEFT, AXIS_BELOW = 0.58, 0.42  # room for tick labels and the axis label, in inches
LABEL_LEFT, SHORT = 0.44, 0.36  # a y label shorter than this stands upright
HEAD, GAP, END_GAP = 0.21, 0.17, 0.07
END_LEADING = (SIZE + 1.2) / 72
TICK_SPACING, TICK_LENGTH = 6.0, 0.42
MARKER_SPACING = 0.17  # of the panel's width


def paint(drawing: Drawing) -> Figure:
    """Return the drawing as a matplotlib Figure. Call within `rc_context(RC)`."""
    title = wrap(drawing.title, WIDTH - 2 * EDGE, TITLE_SIZE, "bold")
    caption = wrap(drawing.caption, WIDTH - 2 * EDGE, CAPTION_SIZE)
    page = _layout(drawing, len(title), len(caption))
    figure = Figure(figsize=(WIDTH, page.height), dpi=DPI)
    FigureCanvasAgg(figure)
    for i, row in enumerate(drawing.rows):
        for j, panel in enumerate(row):
            axes = figure.add_axes(page.box(i, j))
            _panel(
                axes, panel, x_named=_last_of(drawing, i, j), y_named=_named(row, j), size=(page.width, page.heights[i])
            )
    _lines(figure, title, page.height - EDGE, TITLE_SIZE, "bold")
    _lines(figure, caption, EDGE + len(caption) * _leading(CAPTION_SIZE), CAPTION_SIZE, "normal")
    return figure


@dataclass(frozen=True)
class _Page:
    """Where panels stand, in inches from the lower left corner of the page."""

    height: float
    width: float  # of every panel
    lefts: tuple[float, ...]
    bottoms: tuple[float, ...]
    heights: tuple[float, ...]

    def box(self, i: int, j: int) -> tuple[float, float, float, float]:
        """Return (left, bottom, width, height) of the panel in row i, column j, as shares of the page."""
        left, bottom = self.lefts[j] / WIDTH, self.bottoms[i] / self.height
        return left, bottom, self.width / WIDTH, self.heights[i] / self.height


def _layout(drawing: Drawing, title_lines: int, caption_lines: int) -> _Page:
    rows = drawing.rows
    columns = len(rows[0])
    ends = [_end_width([row[j] for row in rows]) for j in range(columns)]
    before = [AXIS_LEFT if any(_named(row, j) for row in rows) else GAP for j in range(columns)]
    width = (WIDTH - 2 * EDGE - sum(before) - sum(ends)) / columns
    lefts = tuple(EDGE + sum(before[: j + 1]) + sum(ends[:j]) + j * width for j in range(columns))
    top = 2 * EDGE + title_lines * _leading(TITLE_SIZE)  # measured downwards until the height is known
    tops = []
    for i, row in enumerate(rows):
        top += HEAD if any(p.headed for p in row) else GAP / 2
        tops.append(top)
        below = AXIS_BELOW if _last_of(drawing, i, 0) else GAP / 2
        top += max(p.height for p in row) + below
    height = top + 2 * EDGE + caption_lines * _leading(CAPTION_SIZE) + EDGE
    heights = tuple(max(p.height for p in row) for row in rows)
    bottoms = tuple(height - t - h for t, h in zip(tops, heights, strict=True))
    return _Page(height, width, lefts, bottoms, heights)


def _last_of(drawing: Drawing, i: int, j: int) -> bool:
    """Tell whether no panel below shares this panel's x axis."""
    rows = drawing.rows
    return i + 1 == len(rows) or rows[i + 1][j].x != rows[i][j].x


def _named(row: Sequence[Panel], j: int) -> bool:
    """Tell whether panel j has a y axis of its own, not its left neighbour's."""
    return j == 0 or row[j].y != row[j - 1].y


def _end_width(column: Sequence[Panel]) -> float:
    """Return the room for the words at the curves' right ends."""
    ends = [m.end for panel in column for m in panel.marks if isinstance(m, Curve) and m.end]
    return max((text_width(end, SIZE) for end in ends), default=0.0) + (2 * END_GAP if ends else 0.0)


def _panel(axes: Axes, panel: Panel, *, x_named: bool, y_named: bool, size: tuple[float, float]) -> None:
    for which, axis, named in (("x", panel.x, x_named), ("y", panel.y, y_named)):
        _axis(axes, which, axis, named=named, width=size[0])
    axes.grid(axis="y", which="major", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for mark in panel.marks:
        if isinstance(mark, Band):
            colour = look(mark.name).colour
            axes.fill_between(mark.x, mark.lo, mark.hi, color=colour, alpha=BAND_ALPHA, linewidth=0, zorder=2)
        else:
            _curve(axes, mark)
    _ends(axes, panel, size)
    for note in panel.notes:
        style: dict[str, Any] = dict(color=_ink(note.name), ha=note.align, va="center", fontsize=SIZE - 0.8, zorder=6)
        axes.text(note.x, note.y, note.text, **style)
    if panel.headed:
        axes.set_title(panel.title, loc="left", pad=3.5, fontsize=SIZE, color=_ink(_owner(panel)), fontweight="bold")


def _owner(panel: Panel) -> str:
    """Return the one optimizer that a panel is about, or ""."""
    names = {m.name for m in panel.marks} - {""}
    return names.pop() if len(names) == 1 else ""


def _ink(name: str) -> str:
    return look(name).colour if name else INK


def _axis(axes: Axes, which: str, axis: Axis, *, named: bool, width: float) -> None:
    part = axes.xaxis if which == "x" else axes.yaxis
    getattr(axes, f"set_{which}scale")("log" if axis.log else "linear")
    getattr(axes, f"set_{which}lim")(*axis.limits)
    if axis.ticks is not None:
        part.set_ticks(list(axis.ticks))
        part.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "\N{MINUS SIGN}")))
    if axis.log:
        part.set_minor_formatter(NullFormatter())
    if named:
        getattr(axes, f"set_{which}label")(axis.label, labelpad=3.0)
        if which == "y":
            part.set_label_coords(-LABEL_LEFT / width, 0.5)  # in line with the panels above and below
            if text_width(axis.label, SIZE) < SHORT:
                part.label.set(rotation=0, ha="center", va="center")
    else:
        part.set_tick_params(which="both", labelleft=False, labelbottom=False)


def _curve(axes: Axes, curve: Curve) -> None:
    style, stroke = look(curve.name), STROKES[curve.kind]
    colour = EXACT if curve.kind == "exact" else style.colour
    line: dict[str, Any] = dict(color=colour, linewidth=stroke.width, zorder=stroke.zorder, label=curve.label)
    if stroke.dashed:
        line |= dict(linestyle=(0, style.dash))
    elif curve.kind == "run":
        line |= dict(marker=style.marker, markevery=_marked(axes, curve, style.phase), markersize=3.6)
        line |= dict(markerfacecolor="white", markeredgewidth=1.0)
    axes.plot(curve.x, curve.y, **line)
    if stroke.ticks:
        wall = TickedStroke(spacing=TICK_SPACING, angle=stroke.ticks, length=TICK_LENGTH)
        axes.plot(curve.x, curve.y, color=style.colour, linewidth=0.55, zorder=stroke.zorder, path_effects=[wall])


def _marked(axes: Axes, curve: Curve, phase: float) -> list[int]:
    """Return the indices of the points that carry a marker, evenly spaced on paper."""
    across = (axes.transData + axes.transAxes.inverted()).transform(np.column_stack([curve.x, curve.y]))[:, 0]
    wanted = np.arange(0.06 + phase * MARKER_SPACING, 0.99, MARKER_SPACING)
    return sorted({int(np.abs(across - w).argmin()) for w in wanted})


def _ends(axes: Axes, panel: Panel, size: tuple[float, float]) -> None:
    """Write the curves' names at their right ends, moved apart where they would overlap."""
    width, height = size
    curves = [m for m in panel.marks if isinstance(m, Curve) and m.end]
    to_axes = axes.transData + axes.transAxes.inverted()
    at = [float(to_axes.transform((c.x[-1], c.y[-1]))[1]) * height for c in curves]
    for curve, y, moved in zip(curves, at, spread_apart(at, END_LEADING), strict=True):
        style: dict[str, Any] = dict(color=_ink(curve.name), transform=axes.transAxes)
        near, far, words = (1 + k * END_GAP / width for k in (0.2, 1.3, 1.6))
        axes.text(words, moved / height, curve.end, fontsize=SIZE, ha="left", va="center_baseline", **style)
        if abs(moved - y) > 0.02:
            axes.plot([near, far], [y / height, moved / height], linewidth=0.5, clip_on=False, **style)


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


def _leading(size: float) -> float:
    return LEADING * size / 72


def _lines(figure: Figure, lines: Sequence[str], top: float, size: float, weight: str) -> None:
    height = float(np.asarray(figure.get_size_inches())[1])
    for i, line in enumerate(lines):
        style: dict[str, Any] = dict(ha="left", va="baseline", fontsize=size, fontweight=weight)
        figure.text(EDGE / WIDTH, (top - i * _leading(size) - 0.8 * _leading(size)) / height, line, **style)
