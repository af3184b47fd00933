"""How each mark is drawn on matplotlib's axes."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize, to_rgba
from matplotlib.patheffects import TickedStroke

from figures.kit.cells import Cells, Shades
from figures.kit.marks import Band, Curve, Feasible, Points, Triangle
from figures.kit.style import BAND_ALPHA, EXACT, INK, SHADE, SHADES, STROKES, Style, look

TICK_SPACING, TICK_LENGTH = 6.0, 0.42
MARKER_SPACING = 0.17  # of the panel's width
MARKER_SIZE = 3.6
TRIANGLE_GAP = 2.5  # points between a triangle's leg and its numbers


@singledispatch
def ink(mark: Any, axes: Axes, style: Style) -> None:
    """Draw a mark."""
    raise TypeError(f"no way to draw a {type(mark).__name__}")


@ink.register
def _band(band: Band, axes: Axes, style: Style) -> None:
    colour = look(band.name).colour
    axes.fill_between(band.x, band.lo, band.hi, color=colour, alpha=BAND_ALPHA, linewidth=0, zorder=2, label=band.label)


@ink.register
def _feasible(region: Feasible, axes: Axes, style: Style) -> None:
    axes.fill_between(region.x, region.lo, region.hi, color=SHADE, linewidth=0, zorder=1, label=region.label)


@ink.register
def _curve(curve: Curve, axes: Axes, style: Style) -> None:
    own, stroke = look(curve.name), STROKES[curve.kind]
    colour = EXACT if curve.kind == "exact" else own.colour
    width = style.em(stroke.width)
    line: dict[str, Any] = dict(color=colour, linewidth=width, zorder=stroke.zorder, label=curve.label)
    if stroke.dashed:
        line |= dict(linestyle=(0, own.dash))
    elif curve.kind == "run":
        line |= dict(marker=own.marker, markevery=_marked(axes, curve, own.phase), markersize=style.em(MARKER_SIZE))
        line |= dict(markerfacecolor="white", markeredgewidth=1.0)
    axes.plot(curve.x, curve.y, **line)
    if stroke.ticks:
        wall = TickedStroke(spacing=TICK_SPACING, angle=stroke.ticks, length=TICK_LENGTH)
        axes.plot(curve.x, curve.y, color=own.colour, linewidth=0.55, zorder=stroke.zorder, path_effects=[wall])


def _marked(axes: Axes, curve: Curve, phase: float) -> list[int]:
    """Return the indices of the points that carry a marker, evenly spaced on paper."""
    across = (axes.transData + axes.transAxes.inverted()).transform(np.column_stack([curve.x, curve.y]))[:, 0]
    wanted = np.arange(0.06 + phase * MARKER_SPACING, 0.99, MARKER_SPACING)
    return sorted({int(np.abs(across - w).argmin()) for w in wanted})


@ink.register
def _points(points: Points, axes: Axes, style: Style) -> None:
    own, zorder = look(points.name), STROKES[points.kind].zorder
    colour = EXACT if points.kind == "exact" else own.colour
    if points.lo is not None and points.hi is not None:
        draw, at = (axes.hlines, points.y) if points.across else (axes.vlines, points.x)
        draw(at, points.lo, points.hi, color=colour, linewidth=style.em(1.0), zorder=zorder)
    marker = {"run": own.marker or "o", "exact": "o"}.get(points.kind, "_")  # a bound at a point is a short wall
    face = "white" if points.hollow else colour
    faces: dict[str, Any] = dict(markerfacecolor=face, markeredgecolor=colour, markeredgewidth=1.0)
    faces |= dict(markersize=style.em(MARKER_SIZE), zorder=zorder + 0.1, label=points.label)
    axes.plot(points.x, points.y, linestyle="", marker=marker, color=colour, **faces)


@ink.register
def _triangle(mark: Triangle, axes: Axes, style: Style) -> None:
    (x0, x1), y, end = mark.over, mark.y, mark.y_end
    below = mark.side == "below"
    leg = min(y, end) if below else max(y, end)
    corner = (x0 if leg == end else x1, leg)
    colour = look(mark.name).colour if mark.name else INK
    path = np.array([(x0, y), (x1, end), corner, (x0, y)])
    axes.plot(path[:, 0], path[:, 1], color=colour, linewidth=0.7, zorder=5, label=mark.label)
    text = mark.text if not mark.claimed else f"{mark.text}\n{mark.claimed}"
    place: dict[str, Any] = dict(xy=(float(np.sqrt(x0 * x1)), leg), textcoords="offset points", ha="center", zorder=6)
    place |= dict(xytext=(0, -TRIANGLE_GAP), va="top") if below else dict(xytext=(0, TRIANGLE_GAP), va="bottom")
    axes.annotate(text, color=colour, fontsize=style.size - 1.2, linespacing=1.05, **place)


@ink.register
def _cells(cells: Cells, axes: Axes, style: Style) -> None:
    corners = [(cells.x0, cells.y0), (cells.x1, cells.y0), (cells.x1, cells.y1), (cells.x0, cells.y1)]
    boxes = list(np.stack([np.column_stack(c) for c in corners], axis=1))
    if isinstance(cells.scale, Shades):
        colours = shading(cells.scale).to_rgba(cells.values)
    else:
        colours = np.array([to_rgba(cells.scale[int(v)].colour) for v in cells.values])
    edge: dict[str, Any] = dict(edgecolors="white", linewidths=0.4) if cells.edged else dict(edgecolors="face")
    linewidths = edge.pop("linewidths", 0.25)  # neighbours of one colour then show no seam
    axes.add_collection(
        PolyCollection(boxes, facecolors=colours, linewidths=linewidths, zorder=1.2, label=cells.label, **edge)
    )
    if cells.flags is not None and cells.flags.any():
        outlines: dict[str, Any] = dict(facecolors="none", edgecolors=INK, linewidths=style.em(0.8), zorder=1.4)
        axes.add_collection(PolyCollection([b for b, flag in zip(boxes, cells.flags, strict=True) if flag], **outlines))
    if not isinstance(cells.scale, Shades):
        _shapes(cells, axes, style)


def _shapes(cells: Cells, axes: Axes, style: Style) -> None:
    """Put each category's marker at the centre, on paper, of its cells."""
    assert not isinstance(cells.scale, Shades)
    to_page = axes.transData
    low = to_page.transform(np.column_stack([cells.x0, cells.y0]))
    high = to_page.transform(np.column_stack([cells.x1, cells.y1]))
    centre = to_page.inverted().transform((low + high) / 2)
    for i, category in enumerate(cells.scale):
        own = centre[cells.values == i]
        if category.shape and len(own):
            marks: dict[str, Any] = dict(color=contrast(category.colour), linewidths=0.7, zorder=1.3)
            axes.scatter(own[:, 0], own[:, 1], s=style.em(7), marker=category.shape, **marks)


def contrast(colour: str) -> str:
    """Return black or white, whichever can be seen on a colour."""
    red, green, blue, _ = to_rgba(colour)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.45 else "#ffffff"


def shading(scale: Shades) -> ScalarMappable:
    """Return the map from values to colours, by lightness alone, so that it survives grey and colour blindness."""
    norm = (LogNorm if scale.log else Normalize)(*scale.limits)
    colours: Colormap = LinearSegmentedColormap.from_list("ratelab", SHADES)
    return ScalarMappable(norm, colours)
