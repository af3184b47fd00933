"""One coin, two problems: no method beats the floor of information theory, and averaged SGD is within a constant."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Panel, bound_at, caption, ends
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Inverse, InvSqrtHorizon
from problems.coins import CoinLipschitz, CoinStronglyConvex

CLAIMS = ("agarwal2012.coin_convex_1d", "agarwal2012.coin_sc_1d", "zinkevich2003.ogd_const_tight")
CAPTION = (
    r"$\mathrm{E} f - f^{\ast}$ after $T$ tosses of a coin of bias $\delta = 1/(2\sqrt{T})$, another coin for each "
    r"$T$; $G = R = 1$. The coin’s two sides are mirror images, to these methods too, so that one is run. Left: "
    r"linear losses on $[-1, 1]$; right: $x^2/2$ on the line ($\mu = 1$). Mean over N = {N} seeds, whose 99.9% "
    r"interval (normal approximation) is nowhere wider than {W}% of it either way. Black: the floor for every "
    r"method (Le Cam’s method as in Agarwal, Bartlett, Ravikumar, Wainwright, arXiv 2010; instance and constants "
    r"are the lab’s). Left: SGD with step $D/(G\sqrt{T})$, $D = 2$, its points averaged, under the ceiling $D "
    r"G/\sqrt{T}$ (Zinkevich, ICML 2003), and Adam’s last point, step $1/\sqrt{T}$. Right: SGD with steps $1/t$, of "
    r"which the law is $(1 - \delta^2)/(2T)$ (pale), and Adam, step $1/\sqrt{T}$."
)

HORIZONS, SEEDS = (4, 16, 64, 256, 1024, 4096), 20_000
G, R, MU, D = 1.0, 1.0, 1.0, 2.0
LAST, AVERAGE = "suboptimality", "average_suboptimality"
RETURNED = {"linear": {"SGD": AVERAGE, "Adam": LAST}, "strongly convex": {"SGD": LAST, "Adam": LAST}}
TIME = Axis("number of tosses, $T$", (3.5, 4700), log=True, ticks=(10, 100, 1000))


def linear(T: int) -> Mapping[str, Optimizer[Any]]:
    """Return the methods for T linear losses."""
    return {
        "SGD": SGD(lr=InvSqrtHorizon(D / G, horizon=T)),
        "Adam": Adam(lr=InvSqrtHorizon(1.0, horizon=T)),
    }


def strong(T: int) -> Mapping[str, Optimizer[Any]]:
    """Return the methods for T strongly convex losses."""
    return {"SGD": SGD(lr=Inverse(1 / MU)), "Adam": Adam(lr=InvSqrtHorizon(1.0, horizon=T))}


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each problem, method and number of tosses."""
    made: dict[str, FigureRun] = {}
    for T in HORIZONS:
        line, parabola = CoinLipschitz(delta=bias(T), G=G, R=R), CoinStronglyConvex(delta=bias(T), G=G, mu=MU)
        made |= {f"linear, {label}, {T}": _run(line, method, T) for label, method in linear(T).items()}
        made |= {f"strongly convex, {label}, {T}": _run(parabola, method, T) for label, method in strong(T).items()}
    return made


def bias(T: int) -> float:
    """Return delta = 1 / (2 sqrt(T)), with which T tosses do not tell the sides apart."""
    return 1 / (2 * sqrt(T))


def _run(problem: Problem, method: Optimizer[Any], T: int) -> FigureRun:
    shared: dict[str, Any] = dict(steps=T, record=(0, 1, T), metrics=(LAST, AVERAGE))
    return FigureRun(Experiment(problem=problem, optimizers=(method,), **shared), SEEDS)


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the linear and the strongly convex losses, each with what every method misses by."""
    left, right = _panel(results, "linear", CLAIMS[0]), _panel(results, "strongly convex", CLAIMS[1])
    title = "A coin that cannot be told sets a floor; averaged SGD is within a constant of it"
    return Drawing(title=title, caption=caption(_with_width(results), results), rows=((left, right),))


def _with_width(results: Mapping[str, xr.Dataset]) -> str:
    """Return the caption with the widest interval in it, relative to its mean, in whole per cent."""
    widest = 0.0
    for case, metrics in RETURNED.items():
        for label, metric in metrics.items():
            _, (mean, lo, hi) = ends(results, f"{case}, {label}", HORIZONS, metric)
            widest = max(widest, float(np.max((hi - lo) / (2 * mean))))
    return CAPTION.replace("{W}", str(ceil(100 * widest)))


def _panel(results: Mapping[str, xr.Dataset], case: str, claim: str) -> Panel:
    marks: list[Mark] = []
    for label, metric in RETURNED[case].items():
        T, (mean, _, _) = ends(results, f"{case}, {label}", HORIZONS, metric)
        name = linear(1)[label].name
        if case == "linear" and label == "SGD":
            ceiling = bound_at(CLAIMS[2], T, {"D": D, "G": G}) / T
            marks.append(Curve(label="ceiling of SGD", kind="upper", name=name, x=T, y=ceiling))
        elif label == "SGD":
            marks.append(Curve(label="exact law of SGD", kind="exact", name="", x=T, y=sgd_law(T)))
        marks.append(Curve(label=label, kind="run", name=name, x=T, y=mean, end=label))
    floor = bound_at(claim, T, {"G": G, "R": R, "mu": MU})
    marks.append(Curve(label="floor for every method", kind="lower", name="", x=T, y=floor, end="floor"))
    limits = (2e-3, 1.5) if case == "linear" else (5e-6, 0.5)
    gap = Axis(r"$\mathrm{E}\,f - f^{\ast}$", limits, log=True)
    return Panel(title=case[0].upper() + case[1:], x=TIME, y=gap, marks=tuple(marks), height=2.6)


def sgd_law(T: Floats) -> Floats:
    """Return E f - f* of SGD with steps 1/(mu t), sigma^2 / (2 mu T), `(n,)`: its point is the mean of T tosses."""
    variance = G**2 * (1 - 1 / (4 * T))
    return np.asarray(variance / (2 * MU * T))
