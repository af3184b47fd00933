"""Experiments for weighted averages, on the function on which the plain average loses a logarithm."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.optimizers.sgd import SGD
from lab.schedules import Inverse
from lab.transforms.averages import PolyakRuppert, PolynomialAverage
from problems.lopsided_kink import LopsidedKink

ON_THE_BOX = Range(lambda t: 0.0, lambda t: 7.5, "f on [-1, 1]")


def weighted(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return SGD on the lopsided kink. bound: of the average of x_2, ..., x_{T+1}, which is what is returned."""
    run = Prediction(
        says="a lopsided kink on [-1, 1]",
        problem=LopsidedKink(),
        optimizer=PolynomialAverage(inner=SGD(lr=Inverse(2.0, shift=1.0)), power=1.0),
        at=(1, 10, 30, 100, 300, 1000),
        values={"G": 8.0, "mu": 1.0},
        metric="suboptimality",
        bound=bound,
        seeds=1 << 14,
        certified=ON_THE_BOX,
    )
    return (run,)


def weighted_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousand times too short."""
    (run,) = weighted(bound)
    short = PolyakRuppert(inner=SGD(lr=Inverse(0.001)))
    return (replace(run, says="steps 1/(1000 k)", optimizer=short, start=(1.0,), at=(300,)),)
