"""AdaGrad-window under one shuffle: its smallest gradient, its ceiling, and the ratio that the theorem needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.radagrad import AdaGradWindow
from lab.optimizers.sgd import SGD
from lab.sampling import SingleShuffle, indices
from lab.schedules import Constant, InvSqrt
from problems.adam_nonconvex import NFunction

CLAIMS = ("huang2020.thm1",)
CAPTION = (
    r"The n-function of Zhang et al., NeurIPS 2022, with $n = 4$ components of slopes 4/3 and $-1/9$, from $x_1 = 1$, "
    r"shown in one random order over and over. Above: the smallest $|f'|$ at the start of an epoch, over the epochs "
    r"recorded (24 a decade), for AdaGrad-window with $\eta = m^{-5/4}$, $m = n$, and for SGD with $0.5\,t^{-1/2}$. "
    r"Dashed: the ceiling of Huang et al., arXiv 2020, Theorem 1, with the largest consistency ratio met so far. "
    r"Below: that ratio, $r_t = \Vert g\Vert_2/|g_1 + \dots + g_m|$ over an epoch, which the theorem needs to be "
    r"bounded: here it is largest while the slopes are constant (grey). N = {N} run each, without interval: one "
    r"order, and nothing else is random."
)

PROBLEM = NFunction(n=4, a=1 / 9, x1=1.0, order=SingleShuffle())
M = PROBLEM.n  # mini-batches of one component
METHODS: Mapping[str, Optimizer[Any]] = {
    "AdaGrad-window": AdaGradWindow(lr=Constant(M**-1.25), batches=M),
    "SGD": SGD(lr=InvSqrt(0.5)),
}
EPOCHS, PER_DECADE = 100_000, 24
LEAST = 1e-7  # of |f'| as it is drawn
FIRST = 5  # the theorem's least T
WEIGHTS = np.array([1 + (M - 1) * PROBLEM.a] + (M - 1) * [-PROBLEM.a])


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method, of which all steps of the recorded epochs are kept."""
    epochs = sorted({max(2, round(10 ** (k / PER_DECADE))) for k in range(5 * PER_DECADE + 1)})
    steps = M * EPOCHS
    record = record_steps([M * (e - 1) + i for e in epochs for i in range(M)], steps)
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=steps, record=record, metrics=("iterate",))
    return {k: FigureRun(Experiment(optimizers=(m,), **shared)) for k, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the smallest gradient with its ceiling, over the consistency ratio."""
    time = Axis("epochs, $T$", (FIRST, 1.1 * EPOCHS), log=True)
    epochs, x = by_epoch(results["AdaGrad-window"])
    ratio, late = consistency(x), epochs >= FIRST
    largest = np.maximum.accumulate(ratio)[late]
    ceiling = np.array([upper_bound(T, r) for T, r in zip(epochs[late], largest, strict=True)])
    marks = [Curve(label="ceiling", kind="upper", name="adagrad_window", x=epochs[late], y=ceiling, end="ceiling")]
    for label, method in METHODS.items():
        at, found = by_epoch(results[label])
        y = np.minimum.accumulate(slope(found[:, 0]))
        kept = y > LEAST
        marks.append(Curve(label=label, kind="run", name=method.name, x=at[kept], y=y[kept], end=label))
    settled = np.full(len(epochs), np.linalg.norm(WEIGHTS) / abs(WEIGHTS.sum()))
    ratios = (
        Curve(label="ratio of constant slopes", kind="exact", name="", x=epochs, y=settled),
        Curve(label="ratio of an epoch", kind="run", name="adagrad_window", x=epochs, y=ratio),
    )
    least, most = Axis("smallest $|f'|$", (LEAST, 100), log=True), Axis("$r_t$", (0.45, 1.45), ticks=(0.5, 1))
    above = Panel(title="Smallest gradient", x=time, y=least, marks=tuple(marks), height=2.0, headed=False)
    below = Panel(title="Consistency ratio", x=time, y=most, marks=ratios, height=1.2, headed=False)
    title = "AdaGrad-window converges, far under its ceiling"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def by_epoch(data: xr.Dataset) -> tuple[Floats, Floats]:
    """Return the recorded epochs that are whole `(n,)`, and x before each of their steps `(n, m)`."""
    s = Series(data, "iterate")
    kept = {int(t): float(x) for t, x in zip(s.steps, s.stat("mean").reshape(len(s.steps)), strict=True)}
    starts = [t for t in kept if t % M == 0 and all(t + i in kept for i in range(M))]
    return np.array(starts) / M + 1, np.array([[kept[t + i] for i in range(M)] for t in starts])


def slope(x: Floats) -> Floats:
    """Return |f'(x)|."""
    return np.asarray(PROBLEM.grad(torch.from_numpy(x).unsqueeze(-1)).abs().squeeze(-1).numpy())


def consistency(x: Floats) -> Floats:
    """Return r_t of the recorded epochs, `(n,)`, from the points of their steps `(n, m)`."""
    order = indices(PROBLEM.order, M, key=0, seeds=[0], steps=M)[0].numpy()
    g = WEIGHTS[order] * PROBLEM.slope(torch.from_numpy(x)).numpy()
    return np.asarray(np.linalg.norm(g, axis=1) / np.abs(g.sum(1)))


def upper_bound(T: float, r: float) -> float:
    """Return the theorem's bound after T epochs. A component's slope and curvature are at most its weight here."""
    start = torch.tensor([PROBLEM.x1], dtype=torch.float64)
    lowest = torch.tensor(PROBLEM.minimizer(), dtype=torch.float64)
    Delta = float(PROBLEM.value(start) - PROBLEM.value(lowest))
    G = float(np.abs(WEIGHTS).max())
    return float(bound_at(CLAIMS[0], np.array([T]), {"m": M, "r": r, "Delta": Delta, "G": G, "L": G})[0])
