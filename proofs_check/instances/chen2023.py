"""Experiments for normalised gradient descent: steps of one length, which is that of the wanted gradient norm."""

from __future__ import annotations

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.normalized import NGD
from lab.schedules import Constant
from proofs_check.instances.l0l1 import PLATEAU, Slope, cliff, reached

EPS = sp.Symbol("epsilon", positive=True)


def _run(slope: Slope, eps: float, count: sp.Expr, factor: float = 1.0) -> Prediction:
    length = factor * eps / (2 * (slope.L0 + slope.L1 * eps))
    values = {"L_0": slope.L0, "L_1": slope.L1, "Delta": slope.Delta, "epsilon": eps}
    return reached(
        slope, NGD(lr=Constant(length)), count, EPS**2, values, f"steps of length {length:.3g}: slope {eps:g}"
    )


def steps(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return two wanted slopes on the plateau, and two on the exponential."""
    cases = ((PLATEAU, 0.19), (PLATEAU, 0.1), (cliff(100.0), 10.0), (cliff(100.0), 2.0))
    return tuple(_run(slope, eps, count) for slope, eps in cases)


def steps_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a tenth as long."""
    return (_run(PLATEAU, 0.19, count, factor=0.1), _run(cliff(100.0), 90.0, count, factor=0.001))
