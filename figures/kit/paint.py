"""A Drawing on paper: panels, axes, names, title and caption. Same description, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from figures.kit.cells import Cells, Shades
from figures.kit.drawing import Axis, Drawing, Panel
from figures.kit.ink import contrast, ink, shading
from figures.kit.layout import (
    END_GAP,
    KEY_BOX,
    LABEL_LEFT,
    Key,
    Page,
    key_width,
    layout,
    leading,
    spread_apart,
    text_width,
    upright,
    x_named,
    y_named,
)
from figures.kit.marks import Curve, Points
from figures.kit.style import EDGE, FAINT, INK, PAPER, Style, look

SHORT = 0.36  # a y label shorter than this, in inches on paper, stands upright


def paint(drawing: Drawing, style: Style = PAPER) -> Figure:
    """Return the drawing as a matplotlib Figure. Call within `rc_context(style.rc())`."""
    page = layout(drawing, style)
    figure = Figure(figsize=(style.width, page.height), dpi=style.dpi)
    FigureCanvasAgg(figure)
    for i, row in enumerate(drawing.rows):
        for j, panel in enumerate(row):
            axes = figure.add_axes(page.box(i, j), label=panel.title)
            _panel(axes, panel, page, i, (x_named(drawing, i, j), y_named(row, j)))
            bars = [m.scale for m in panel.marks if isinstance(m, Cells) and isinstance(m.scale, Shades)]
            if bars:
                _bar(figure, bars[0], page.bar(i, j))
    top = page.height - EDGE
    _lines(figure, page.title, top, style.title_size, "bold")
    _keys(figure, page, top - len(page.title) * leading(style.title_size))
    _lines(figure, page.caption, EDGE + len(page.caption) * leading(style.caption_size), style.caption_size, "normal")
    return figure


def _panel(axes: Axes, panel: Panel, page: Page, row: int, named: tuple[bool, bool]) -> None:
    style = page.style
    for which, axis, label in zip("xy", (panel.x, panel.y), named, strict=True):
        _axis(axes, which, axis, label, page)
    axes.grid(axis="y", which="major", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for mark in panel.marks:
        ink(mark, axes, style)
    _ends(axes, panel, (page.width, page.heights[row]), style)
    for note in panel.notes:
        how: dict[str, Any] = dict(color=_colour(note.name), ha=note.align, va="center", zorder=6)
        axes.text(note.x, note.y, note.text, fontsize=style.size - 0.8, **how)
    if panel.headed:
        how = dict(color=_colour(_owner(panel)), fontweight="bold", fontsize=style.size)
        axes.set_title(panel.title, loc="left", pad=3.5, **how)


def _owner(panel: Panel) -> str:
    """Return the one optimizer that a panel is about, or ""."""
    names = {m.name for m in panel.marks} - {""}
    return names.pop() if len(names) == 1 else ""


def _colour(name: str) -> str:
    return look(name).colour if name else INK


def _axis(axes: Axes, which: str, axis: Axis, named: bool, page: Page) -> None:
    part, style = axes.xaxis if which == "x" else axes.yaxis, page.style
    getattr(axes, f"set_{which}scale")("log" if axis.log else "linear")
    getattr(axes, f"set_{which}lim")(*axis.limits)
    if axis.words is not None:
        part.set_ticks(list(axis.ticks or ()), list(axis.words))
        part.set_minor_locator(NullLocator())
        turned = which == "x" and upright(axis, page.width, style)
        part.set_tick_params(length=0, pad=3, labelrotation=90 if turned else 0)
    elif axis.ticks is not None:
        part.set_ticks(list(axis.ticks))
        part.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "\N{MINUS SIGN}")))
    if axis.log:
        part.set_minor_formatter(NullFormatter())
    if not named:
        part.set_tick_params(which="both", labelleft=False, labelbottom=False)
        return
    if axis.words is not None:
        return
    getattr(axes, f"set_{which}label")(axis.label, labelpad=3.0)
    if which == "y":
        part.set_label_coords(-style.em(LABEL_LEFT) / page.width, 0.5)  # in line with the panels above and below
        if text_width(axis.label, style.size) < style.em(SHORT):
            part.label.set(rotation=0, ha="center", va="center")


def _ends(axes: Axes, panel: Panel, size: tuple[float, float], style: Style) -> None:
    """Write the curves' names at their right ends, moved apart where they would overlap."""
    width, height = size
    marks = [m for m in panel.marks if isinstance(m, Curve | Points) and m.end]
    to_axes = axes.transData + axes.transAxes.inverted()
    at = [float(to_axes.transform((m.x[-1], m.y[-1]))[1]) * height for m in marks]
    gap, line = style.em(END_GAP), (style.size + 1.2) / 72
    for mark, y, moved in zip(marks, at, spread_apart(at, line), strict=True):
        how: dict[str, Any] = dict(color=_colour(mark.name), transform=axes.transAxes)
        near, far, words = (1 + k * gap / width for k in (0.2, 1.3, 1.6))
        axes.text(words, moved / height, mark.end, fontsize=style.size, ha="left", va="center_baseline", **how)
        if abs(moved - y) > 0.02:
            axes.plot([near, far], [y / height, moved / height], linewidth=0.5, clip_on=False, **how)


def _bar(figure: Figure, scale: Shades, box: tuple[float, float, float, float]) -> None:
    """Put a colour bar beside a panel."""
    bar = figure.colorbar(shading(scale), cax=figure.add_axes(box, label=f"bar of {scale.label}"))
    bar.set_label(scale.label, labelpad=2.0)
    bar.outline.set_linewidth(0.5)
    bar.ax.tick_params(which="both", width=0.4, length=2.0)


def _keys(figure: Figure, page: Page, top: float) -> None:
    """Write the legend of cells, in lines under the title."""
    style = page.style
    for i, line in enumerate(page.key):
        left, middle = EDGE, top - (i + 0.55) * leading(style.size)
        for key in line:
            _key(figure, key, left, middle, page)
            left += key_width(key, style)


def _key(figure: Figure, key: Key, left: float, middle: float, page: Page) -> None:
    style, box = page.style, page.style.em(KEY_BOX)
    across, up = style.width, page.height
    edge = INK if key.outlined else "#c9c9c9"
    corner = (left / across, (middle - box / 2) / up)
    size: dict[str, Any] = dict(linewidth=0.9 if key.outlined else 0.4, transform=figure.transFigure)
    figure.add_artist(Rectangle(corner, box / across, box / up, facecolor=key.fill, edgecolor=edge, **size))
    if key.shape:
        at = [(left + box / 2) / across], [middle / up]
        colour = contrast(key.fill)
        figure.add_artist(Line2D(*at, marker=key.shape, markersize=style.em(2.6), color=colour, linestyle=""))
    how: dict[str, Any] = dict(ha="left", va="center_baseline", fontsize=style.size - 0.8)
    figure.text((left + box + style.em(0.06)) / across, middle / up, key.says, **how)


def _lines(figure: Figure, lines: Sequence[str], top: float, size: float, weight: str) -> None:
    across, up = np.asarray(figure.get_size_inches())
    for i, line in enumerate(lines):
        how: dict[str, Any] = dict(ha="left", va="baseline", fontsize=size, fontweight=weight)
        figure.text(EDGE / across, (top - i * leading(size) - 0.8 * leading(size)) / up, line, **how)
