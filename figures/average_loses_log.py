"""SGD with steps 1/t on a lopsided kink: the average of all points loses a logarithm, other averages do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import (
    Axis,
    Band,
    Curve,
    Drawing,
    FigureRun,
    Floats,
    Mark,
    Panel,
    Points,
    Series,
    bound_at,
    caption,
    ends,
)
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.sgd import SGD
from lab.schedules import Inverse
from lab.transforms.averages import PolynomialAverage, SuffixAverage
from problems.lopsided_kink import LopsidedKink

CLAIMS = ("lacostejulien2012.weighted_average",)
CAPTION = (
    r"$T\,\mathrm{E}(f(\bar{x}) - f^{\ast})$ on $f(x) = x^2/2 + \max(x, -7x)$, $x \in [-1, 1]$, from its minimizer 0; "
    r"where $x \geq 0$ the gradient has noise uniform on $[-2, 2]$ (after Rakhlin, Shamir, Sridharan, ICML 2012; the "
    r"instance is recalled). SGD with steps $1/t$: the average of all points, of the last half, and the last point; "
    r"with steps $2/(t+1)$ the average with weights $t$. Mean over N = {N} seeds with its 99.9% interval (normal "
    r"approximation; the domain bounds $f$). Grey: the sum of $\mathrm{E}\,x_t$ over $t \leq T$, no more than "
    r"$T\,\mathrm{E}f(\bar{x})$ because $f(x) \geq x$, from the law of $t\,x_{t+1}$, a walk that is summed on a "
    r"grid; it grows by the walk’s stationary mean 3.12 with each unit of $\log T$. Dashed: $2 G^2/\mu$, $G = 8$, the "
    r"bound for weights $t$ (Lacoste-Julien, Schmidt, Bach, 2012; proof: the lab’s)."
)

STEPS, SEEDS, FIRST = 100_000, 2048, 10  # what is before FIRST is the box’s and the start’s
HORIZONS = (10, 32, 100, 316, 1000, 3162, 10_000, 31_623, 100_000)
PROBLEM = LopsidedKink()
DESCENT = SGD(lr=Inverse(1.0))
WEIGHTED = PolynomialAverage(inner=SGD(lr=Inverse(2.0, shift=1.0)), power=1.0)
CELLS, SETTLED = 40, 300  # cells of the grid in a unit; steps after which the walk is stationary


def runs() -> Mapping[str, FigureRun]:
    """Return SGD, its weighted average, and for each horizon the average of its last half."""
    record = record_steps("log", STEPS)
    made = {
        "all": _run(DESCENT, STEPS, record, ("average_suboptimality", "suboptimality")),
        "weighted": _run(WEIGHTED, STEPS, record, ("suboptimality",)),
    }
    halves = {T: SuffixAverage(inner=DESCENT, horizon=T) for T in HORIZONS}
    return made | {f"half, {T}": _run(half, T, (0, T), ("suboptimality",)) for T, half in halves.items()}


def _run(optimizer: Optimizer[Any], steps: int, record: tuple[int, ...], metrics: tuple[str, ...]) -> FigureRun:
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=steps, record=record, metrics=metrics)
    return FigureRun(Experiment(optimizers=(optimizer,), **shared), SEEDS)


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return T times every gap over log T, where a logarithm is a straight line; the weighted one below its bound."""
    T = _late(Series(results["all"], "suboptimality").steps)
    weighted = _curve(results["weighted"], "suboptimality", "weights $t$", "blue")
    marks: tuple[Mark, ...] = (
        Curve(label="sum of E x_t", kind="exact", name="", x=T, y=walked(T)),
        *_curve(results["all"], "average_suboptimality", "all points", "green"),
        *weighted,
        *_curve(results["all"], "suboptimality", "last point", "sgd"),
        halves(results),
    )
    bound = Curve(label="bound for weights t", kind="upper", name="blue", x=T, y=ceiling(T), end="bound")
    time = Axis("number of steps, $T$", (FIRST, 1.1 * STEPS), log=True, ticks=(10, 100, 1000, 10_000, 100_000))
    line = Axis(r"$T\,\mathrm{E}(f - f^{\ast})$", (0, 36))
    wide = Axis(r"$T\,\mathrm{E}(f - f^{\ast})$", (4, 240), log=True, ticks=(10, 100))
    top = Panel(title="Averages", x=time, y=line, marks=marks, height=2.3, headed=False)
    foot = Panel(title="Weights t and their bound", x=time, y=wide, marks=(bound, *weighted), height=0.85, headed=False)
    title = "Averaging all of SGD’s points loses a logarithm; averaging half, none"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((top,), (foot,)))


def _late(steps: Floats) -> Floats:
    return steps[steps >= FIRST]


def _curve(data: xr.Dataset, metric: str, label: str, name: str) -> tuple[Mark, Mark]:
    s = Series(data, metric)
    late = s.steps >= FIRST
    T = s.steps[late]
    mean, lo, hi = (T * s.stat(k)[late] for k in ("mean", "mean_lo", "mean_hi"))
    band = Band(label=f"{label}, interval", kind="run", name=name, x=T, lo=lo, hi=hi)
    return band, Curve(label=label, kind="run", name=name, x=T, y=mean, end=label)


def halves(results: Mapping[str, xr.Dataset]) -> Points:
    """Return T times the gap of the average of the last half, for the horizons that were run to their end."""
    T, (mean, lo, hi) = ends(results, "half", HORIZONS, "suboptimality")
    return Points(label="last half", kind="run", name="orange", x=T, y=T * mean, lo=T * lo, hi=T * hi, end="last half")


def ceiling(T: Floats) -> Floats:
    """Return T times the claim's bound for the average of x_2, ..., x_{T+1}, which is that of T - 1 steps."""
    G = PROBLEM.constants["G"].value
    return T * bound_at(CLAIMS[0], T - 1, {"G": G, "mu": PROBLEM.constants["mu"].value})


def walked(T: Floats) -> Floats:
    """Return the sum of E x_t over t <= T, `(n,)`: x_1 = 0 and x_{t+1} = y_t / t, whose mean `means` has."""
    mean = means(SETTLED)
    t = np.arange(1, int(T[-1]))
    y = np.where(t <= SETTLED, mean[np.minimum(t, SETTLED) - 1], mean[-1])
    return np.asarray(np.concatenate([[0.0], np.cumsum(y / t)])[T.astype(int) - 1])


def means(steps: int) -> Floats:
    """Return E y_t for t = 1..steps, y_t = t x_{t+1}: y goes down by U uniform on [-1, 3] from y >= 0, up by 7 below.

    That is SGD's step times t; the box keeps y_t in [-t, t]. The law is kept on the midpoints of cells, U by the
    trapezoidal rule, so that the start 0 is half a cell off.
    """
    y = np.arange(-7 * CELLS, 40 * CELLS) / CELLS + 0.5 / CELLS
    weights = np.ones(4 * CELLS + 1)  # of U = 3, ..., -1
    weights[[0, -1]] = 0.5
    weights /= weights.sum()
    law = (np.abs(y - 0.5 / CELLS) < 0.1 / CELLS).astype(np.float64)
    found = np.empty(steps)
    for t in range(1, steps + 1):
        law = np.convolve(np.where(y < 0, 0, law), weights)[3 * CELLS :][: len(y)] + np.roll(
            np.where(y < 0, law, 0), 7 * CELLS
        )
        law /= law.sum()
        found[t - 1] = law @ np.clip(y, -t, t)
        law = _kept(law, y, t)
    return found


def _kept(law: Floats, y: Floats, t: int) -> Floats:
    """Return the law with what is beyond [-t, t] moved to the cells at its ends."""
    inside = np.flatnonzero(np.abs(y) < t)
    kept = np.zeros_like(law)
    kept[inside] = law[inside]
    kept[inside[0]] += law[: inside[0]].sum()
    kept[inside[-1]] += law[inside[-1] + 1 :].sum()
    return kept
