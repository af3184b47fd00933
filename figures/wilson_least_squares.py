"""Least squares with more weights than samples: all methods fit, the adaptive ones mislabel every fresh negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.momentum import Momentum
from lab.optimizers.rmsprop import RMSprop
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.wilson import WilsonLeastSquares

CLAIMS = ("wilson2017.lemma31", "wilson2017.adaptive_test_error", "wilson2017.min_norm_margin")
CAPTION = (
    r"Full-gradient least squares on the construction of Wilson et al., NIPS 2017, section 3.3, {P} samples with "
    r"label $+1$ and {M} with $-1$ in {d} dimensions, from 0. Above: training loss, no less than $10^{-10}$ being "
    r"shown. Below: the margin $y\langle w, x\rangle$ of a fresh sample with $y = -1$, negative where it is "
    r"mislabelled; at the right end the test error on fresh samples. Pale: the margin at "
    r"$\mathrm{sign}(X^{\top}y)/4$, the only point that Adam, RMSProp and AdaGrad can tend to (there, Lemma 3.1). "
    r"Dashed: a margin of the least-norm solution, which gradient descent and momentum find (the lab’s). Steps: SGD "
    r"$1/L$; momentum 0.9: $0.1/L$; Adam and AdaGrad 0.05; RMSProp $0.05\,t^{-1/2}$. N = {N} each, without interval "
    r"because nothing is random."
)

PROBLEM = WilsonLeastSquares(positives=5, negatives=3)
L = PROBLEM.constants["L"].value
STEPS = 400
METHODS: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Constant(1 / L)),
    "Momentum": Momentum(lr=Constant(0.1 / L), momentum=0.9),
    "Adam": Adam(lr=Constant(0.05), eps=0.0),
    "RMSProp": RMSprop(lr=InvSqrt(0.05), eps=0.0),
    "AdaGrad": AdaGrad(lr=Constant(0.05), eps=0.0),
}
TIME = Axis("step $T$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100))
SHOWN = 1e-10


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each method."""
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=STEPS, record=record_steps("log", STEPS))
    metrics = ("suboptimality", "iterate")
    return {k: FigureRun(Experiment(optimizers=(m,), metrics=metrics, **shared)) for k, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the training loss over the margin of a fresh sample."""
    title = "All methods fit the samples; the adaptive ones mislabel every fresh negative"
    sizes = {"{P}": PROBLEM.positives, "{M}": PROBLEM.negatives, "{d}": PROBLEM.dim}
    text = CAPTION
    for key, size in sizes.items():
        text = text.replace(key, str(size))
    return Drawing(title=title, caption=caption(text, results), rows=((_train(results),), (_test(results),)))


def _train(results: Mapping[str, xr.Dataset]) -> Panel:
    marks = []
    for label, method in METHODS.items():
        s = Series(results[label], "suboptimality")
        y = np.maximum(s.stat("mean"), SHOWN)
        marks.append(Curve(label=label, kind="run", name=method.name, x=s.steps, y=y))
    loss = Axis("training loss", (SHOWN, 1), log=True)
    return Panel(title="Training loss", x=TIME, y=loss, marks=tuple(marks), height=1.5)


def _test(results: Mapping[str, xr.Dataset]) -> Panel:
    T = Series(results["SGD"], "iterate").steps
    ones = np.ones(len(T))
    counts = {"P": PROBLEM.positives, "M": PROBLEM.negatives}
    floor = bound_at(CLAIMS[2], T, counts)
    marks: list[Mark] = [
        Curve(label="where the adaptive methods tend to", kind="exact", name="", x=T, y=adaptive_margin() * ones),
        Curve(label="margin of the least norm", kind="lower", name="blue", x=T, y=floor),
    ]
    for label, method in METHODS.items():
        w = Series(results[label], "iterate").stat("mean")
        end = f"{label}, {100 * test_error(w[-1]):.1f}%"
        marks.append(Curve(label=label, kind="run", name=method.name, x=T, y=margin(w), end=end))
    axis = Axis("margin", (-0.6, 1.15), ticks=(-0.5, 0, 0.5, 1))
    return Panel(title="Fresh negative samples", x=TIME, y=axis, marks=tuple(marks), height=1.9)


def margin(w: Floats) -> Floats:
    """Return y <w, x> at a fresh sample with y = -1, whose private block no step has moved; w is `(..., d)`."""
    return np.asarray(w[..., 0] - w[..., 1] - w[..., 2])


def adaptive_margin() -> float:
    """Return the margin at sign(X^T y) / c, of which the three shared coordinates are 1/c each."""
    quarter = float(bound_at(CLAIMS[0], np.ones(1), {"c": 4})[0])
    return quarter - 2 * quarter


def test_error(w: Floats) -> float:
    """Return the probability that w `(d,)` mislabels a fresh sample."""
    return float(PROBLEM.test_error(torch.as_tensor(w.copy())))
