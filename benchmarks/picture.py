"""The results as a figure: the speed of every yardstick, and how the cost scales."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from figures.kit.style import FAINT, INK, RC, SIZE

COLOURS = {"fused": "#c03f0c", "c": "#0a4a8c"}
MARKERS = {"fused": "o", "c": "s"}
OTHER = "#777777"
AXES = {"S": "seeds", "T": "steps", "d": "dimension", "threads": "threads"}
WIDTH, HEIGHT = 7.2, 4.9


def picture(results: Mapping[str, Any]) -> bytes:
    """Return the figure as SVG."""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg", **RC}):
        sweeps = _by_axis(results.get("scaling") or [])
        figure = Figure(figsize=(WIDTH, HEIGHT if sweeps else HEIGHT / 2), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(2 if sweeps else 1, 4, height_ratios=[1.25, 1][: 2 if sweeps else 1])
        for k, table in enumerate(results["workloads"].values()):
            _speeds(figure.add_subplot(grid[0, 2 * k : 2 * k + 2]), table)
        for k, (axis, curves) in enumerate(sweeps.items()):
            _costs(figure.add_subplot(grid[1, k]), axis, curves, named=k == 0)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "ratelab"}, facecolor="white")
    return buffer.getvalue()


def _by_axis(scaling: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for sweep in scaling:
        found.setdefault(sweep["axis"], []).append(sweep)
    return found


def _speeds(axes: Axes, table: Mapping[str, Any]) -> None:
    """Draw one row for each yardstick, fastest above; the bar spans all rounds."""
    rows = sorted(table["rows"], key=lambda r: float(r["rate"]["median"]))
    for y, row in enumerate(rows):
        rate, name = row["rate"], row["yardstick"]
        colour = COLOURS.get(name, OTHER)
        axes.plot([rate["min"], rate["max"]], [y, y], color=colour, linewidth=2.2, alpha=0.5, solid_capstyle="butt")
        axes.plot(rate["median"], y, MARKERS.get(name, "o"), color=colour, markersize=4.5)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [r["yardstick"] for r in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("seed-steps per second")
    axes.set_title(table["title"], fontsize=SIZE, loc="left", color=INK)


def _costs(axes: Axes, axis: str, curves: Sequence[Mapping[str, Any]], named: bool) -> None:
    """Draw nanoseconds for a seed-step against what varies, from zero."""
    top = max(p["ns"]["median"] for curve in curves for p in curve["points"])
    for curve in curves:
        at = [p["at"] for p in curve["points"]]
        ns = [p["ns"]["median"] for p in curve["points"]]
        name = curve["yardstick"]
        axes.plot(at, ns, marker=MARKERS.get(name, "o"), color=COLOURS.get(name, OTHER), markersize=3.5, linewidth=1.2)
        if named:
            axes.text(at[-1], ns[-1] + 0.06 * top, name, horizontalalignment="right", fontsize=SIZE - 1)
    axes.set_xscale("log")
    if axis in ("d", "threads"):
        values = [p["at"] for p in curves[0]["points"]]
        axes.xaxis.set_major_locator(FixedLocator(values))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticklabels([str(v) for v in values])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(bottom=0)
    axes.set_xlabel(AXES[axis])
    axes.set_ylabel("ns / seed-step / coordinate" if axis == "d" else "ns / seed-step" if named else "")
