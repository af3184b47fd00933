"""Experiments for Armijo's search on quadratics of one curvature, where it ends at the same step from every point.

A step h passes Armijo's test on L x^2/2 where h <= 2 (1 - c_1)/L. The search from h = 1, shrinking by beta, is then
gradient descent with the first power of beta that passes. A function with Lipschitz gradient is (L, L1)-smooth for
every L1 > 0.
"""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic

R, L1 = 4.0, 2.0**-10


def found(L: float, beta: float, c1: float) -> float:
    """Return the step at which the search from 1 ends on the curvature L."""
    h = 1.0
    while h > 2 * (1 - c1) / L:
        h *= beta
    return h


def armijo() -> tuple[Prediction, ...]:
    """Return two curvatures, two factors and two constants."""
    cases = ((3.0, 0.5, 0.5), (24.0, 0.5, 0.25), (24.0, 0.125, 0.5))
    return tuple(
        Prediction(
            says=f"curvature {L:g}, beta = {beta:g}, c_1 = {c1:g}: steps {found(L, beta, c1):g}",
            problem=GDQuadratic(L=L, R=R),
            optimizer=SGD(lr=Constant(found(L, beta, c1))),
            at=(1, 2, 3, 10, 30, 100),
            values={"L_0": L, "L_1": L1, "Delta": L * R**2 / 2, "beta": beta, "c_1": c1},
            metric="mean_grad_norm_sq",
        )
        for L, beta, c1 in cases
    )


def armijo_broken() -> tuple[Prediction, ...]:
    """Return a step that is a thousandth of what the search finds."""
    run = armijo()[0]
    return (replace(run, says="steps a thousandth as long", optimizer=SGD(lr=Constant(0.00025))),)
