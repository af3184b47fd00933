"""Experiments for normalised SGD with momentum: skewed Pareto noise of tail index 1.6 on x^2/2."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction, Range
from lab.noise import CentredPareto
from lab.optimizers.normalized import NSGDM
from lab.schedules import Constant
from problems.quadratic import SkewedParetoQuadratic

TAIL, SCALE, P, A, ETA, T, START = 1.6, 0.02, 1.5, 0.1, 0.01, 1000, 1.0
SIGMA = CentredPareto(tail=TAIL, scale=SCALE).moment(P) ** (1 / P) * (1 + 1e-9)
VALUES = {"eta": ETA, "a": A, "L": 1.0, "Delta": START**2 / 2, "sigma": SIGMA, "p": P}


def heavy() -> tuple[Prediction, ...]:
    """Return steps of length 1/100 with momentum 9/10: x moves by T/100 at most."""
    run = Prediction(
        says="noise of tail index 1.6, its moment of order 3/2",
        problem=SkewedParetoQuadratic(tail=TAIL, scale=SCALE, radius=START),
        optimizer=NSGDM(lr=Constant(ETA), momentum=1 - A),
        at=(100, 300, T),
        values=VALUES,
        metric="mean_grad_norm",
        seeds=1 << 14,
        certified=Range(lambda t: 0.0, lambda t: START + ETA * t, "steps of length 1/100 from 1"),
    )
    return (run,)


def heavy_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long as they are said to be, on the same noise."""
    (p,) = heavy()
    short = NSGDM(lr=Constant(ETA / 1000), momentum=1 - A)
    return (replace(p, says="steps a thousandth as long", optimizer=short, at=(T,), seeds=1 << 12),)
