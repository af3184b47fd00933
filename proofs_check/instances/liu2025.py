"""Experiments for plain projected SGD under heavy tails: x^2/2 on [-1, 1], and noise as large as its slopes."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.domain import Box
from lab.noise import CentredPareto
from lab.optimizers.sgd import SGD
from lab.schedules import Polynomial
from lab.wrappers import Restrict
from problems.quadratic import SkewedParetoQuadratic

TAIL, SCALE, P, G, D = 1.6, 0.2, 1.5, 1.0, 2.0
SIGMA = float(CentredPareto(tail=TAIL, scale=SCALE).moment(P) ** (1 / P) * (1 + 1e-9))  # above G


def regret(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return steps D/(sigma t^(1/p)), the smaller of the two as sigma > G; f(mean point) - f* is below regret/T."""
    noisy = SkewedParetoQuadratic(tail=TAIL, scale=SCALE, radius=1.0)
    T = sp.Symbol("T", integer=True, positive=True)
    run = Prediction(
        says="noise of tail index 1.6, its moment of order 3/2",
        problem=Restrict(inner=noisy, within=Box(-1.0, 1.0)),
        optimizer=SGD(lr=Polynomial(factor * D / SIGMA, power=1 / P)),
        at=(300, 1000, 3000, 10_000),
        values={"G": G, "D": D, "sigma": SIGMA, "p": P},
        metric="average_suboptimality",
        bound=bound / T,
        seeds=1 << 12,
        certified=Range(lambda t: 0.0, lambda t: 0.5, "f = x^2/2 on [-1, 1]"),
    )
    return (run,)


def regret_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(
        replace(p, says="steps a thousandth as long", at=(3000,), seeds=1024) for p in regret(bound, factor=0.001)
    )
