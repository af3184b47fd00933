"""AdaGrad on the whole line: one change of the slope’s sign costs it a regret of the order T^(3/2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import (
    Axis,
    Curve,
    Drawing,
    FigureRun,
    Floats,
    Mark,
    Panel,
    Triangle,
    bound_at,
    caption,
    ends,
)
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrtHorizon
from lab.statistics import log_weights
from problems.online import OneSwitch

CLAIMS = ("orabona2018.adagrad_unbounded_domain",)
CAPTION = (
    r"Regret after $T$ rounds of the losses $-x$ for $t \leq T/2$ and $x$ after that, on the whole line, from 0; "
    r"another sequence for each $T$, N = {N} each, without interval because nothing is random. AdaGrad with step 1, "
    r"which the lack of a diameter leaves untuned, is above $(\sqrt{2} - 4/3)\,T^{3/2}$ (after Orabona, Pal, TCS "
    r"2018; sequence and constant are the lab’s). SGD with the constant step $1/\sqrt{T}$ has regret $\sqrt{T}/2$ "
    r"(pale: $\eta T/2$ for the step $\eta$, by summing the two ramps). Triangles: slopes over the last decade."
)

HORIZONS = (4, 10, 30, 100, 300, 1000, 3000, 10_000)
METHODS = ("AdaGrad", "SGD")


def method(label: str, T: int) -> Optimizer[Any]:
    """Return the method for T rounds."""
    return AdaGrad(lr=Constant(1.0), eps=0.0) if label == "AdaGrad" else SGD(lr=InvSqrtHorizon(1.0, horizon=T))


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each method and number of rounds."""
    return {f"{label}, {T}": _run(label, T) for label in METHODS for T in HORIZONS}


def _run(label: str, T: int) -> FigureRun:
    shared: dict[str, Any] = dict(steps=T, record=(0, 1, T), metrics=("regret",))
    return FigureRun(Experiment(problem=OneSwitch(horizon=T), optimizers=(method(label, T),), **shared))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the regrets over the number of rounds."""
    found = {label: ends(results, label, HORIZONS, "regret") for label in METHODS}
    curves = {label: (T, mean) for label, (T, (mean, _, _)) in found.items()}
    T = curves["AdaGrad"][0]
    floor = bound_at(CLAIMS[0], T, {"eta": 1})
    marks: tuple[Mark, ...] = (
        Curve(label="law of SGD", kind="exact", name="", x=T, y=sgd_law(T)),
        Curve(label="floor of AdaGrad", kind="lower", name="adagrad", x=T, y=floor, end="AdaGrad’s floor"),
        *(Curve(label=k, kind="run", name=method(k, 1).name, x=x, y=y, end=k) for k, (x, y) in curves.items()),
        *(_triangle(k, *curves[k], claimed) for k, claimed in (("AdaGrad", "3/2"), ("SGD", "1/2"))),
    )
    panel = Panel(
        title="One switch",
        x=Axis("number of rounds, $T$", (3.5, 1.2e4), log=True, ticks=(10, 100, 1000, 10_000)),
        y=Axis("regret", (0.3, 3e5), log=True),
        marks=marks,
        height=2.6,
        headed=False,
    )
    title = "Without a bounded domain AdaGrad’s regret is not even linear"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((panel,),))


def _triangle(label: str, T: Floats, y: Floats, claimed: str) -> Triangle:
    late = T >= T[-1] / 10
    slope = float(log_weights(T[late]) @ np.log(y[late]))
    over = (float(T[-1]) / 25, float(T[-1]) / 5)
    height = float(np.exp(np.interp(np.log(over[0]), np.log(T), np.log(y)))) * 2.0
    return Triangle(
        label=f"slope of {label}",
        slope=slope,
        limits=None,
        over=over,
        y=height,
        name=method(label, 1).name,
        side="above",
        claimed=claimed,
    )


def sgd_law(T: Floats) -> Floats:
    """Return the regret of SGD with the constant step eta = 1/sqrt(T), T even, `(n,)`: eta T / 2.

    x is eta (t - 1) in round t <= T/2, and eta (T - t + 1) after it: the ramps differ by eta in each of T/2 pairs.
    """
    return np.asarray(T / (2 * np.sqrt(T)))
