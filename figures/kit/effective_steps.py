"""Chen et al.'s six measures of a run: the distance, the three sums over effective step sizes, and their two ratios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Floats, Panel, Series
from lab.optimizer import Optimizer


@dataclass(frozen=True)
class Measure:
    """What a panel shows of a run: a metric or the root of one, in words and in symbols."""

    metric: str
    title: str
    symbol: str
    root: bool = False


DISTANCE = Measure("distance_sq", "Distance", r"$|x_t - x^{\ast}|$", root=True)
A = Measure("effective_step_sum", "(a) Sum of step sizes", r"sum of $A_s$")
B = Measure("effective_step_sq", "(b) Sum of squared steps", r"$\sum (A_s g_s)^2$")
C = Measure("effective_step_change", "(c) Oscillation", r"$\sum |A_s - A_{s-1}|$")
B_OVER_A = Measure("effective_step_sq_ratio", "(b) over (a)", "ratio (b)/(a)")
C_OVER_A = Measure("effective_step_change_ratio", "(c) over (a)", "ratio (c)/(a)")
MEASURES = (DISTANCE, A, B, C, B_OVER_A, C_OVER_A)  # two a row


def six_panels(
    results: Mapping[str, xr.Dataset],
    methods: Mapping[str, Optimizer[Any]],
    limits: tuple[tuple[float, float], ...],
    time: Axis,
) -> tuple[tuple[Panel, Panel], ...]:
    """Return three rows of two panels, one a measure, each with every method's median and band of quantiles."""
    panels = []
    for i, (measure, (low, high)) in enumerate(zip(MEASURES, limits, strict=True)):
        y = Axis(measure.symbol, (low, high), log=True)
        marks = [m for k in methods for m in spread(k, methods[k].name, results[k], measure, ends=i % 2 == 1)]
        panels.append(Panel(title=measure.title, x=time, y=y, marks=tuple(marks), height=1.15))
    return tuple((panels[i], panels[i + 1]) for i in range(0, len(panels), 2))


def spread(label: str, name: str, data: xr.Dataset, measure: Measure, *, ends: bool) -> tuple[Band | Curve, ...]:
    """Return a method's quantile band and median where they are positive: nothing where the measure is always 0."""
    s = Series(data, measure.metric)
    median, lo, hi = (_shown(y, measure) for y in (s.stat("median"), s.quantile(0.05), s.quantile(0.95)))
    kept = lo > 0
    if not kept.any():
        return ()
    x, end = s.steps[kept], label if ends else ""
    curve = Curve(label=label, kind="run", name=name, x=x, y=median[kept], end=end)
    if int(data.attrs["seeds"]) == 1:
        return (curve,)
    band = Band(label=f"5% to 95% of {label}", kind="run", name=name, x=x, lo=lo[kept], hi=hi[kept])
    return band, curve


def _shown(y: Floats, measure: Measure) -> Floats:
    return np.sqrt(y) if measure.root else y
