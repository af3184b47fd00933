"""Experiments for exact line search: on the worst quadratic, from the worst start, every best step is 2/(L + mu)."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.spectra import DiagonalQuadratic


def searched(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return curvatures 1 and 3 from (3, 1), where the gradient is (3, 3). bound: the claim's with c = 1/3."""
    run = Prediction(
        says="the steps that a line search takes there, 2/(L + mu)",
        problem=DiagonalQuadratic(d=2, kappa=3.0, L=3.0, law="linear"),
        optimizer=SGD(lr=Constant(0.5)),
        at=(1, 2, 3, 5, 10, 20),
        values={"c": 1 / 3, "Delta": 6.0},
        start=(3.0, 1.0),
        bound=bound,
    )
    return (run,)


def unsearched(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a fifth as long."""
    (run,) = searched(bound)
    return (replace(run, says="steps a fifth as long", optimizer=SGD(lr=Constant(0.1)), at=(3,)),)
