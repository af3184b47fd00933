"""Experiments for a fixed step where the smoothness grows with the gradient: 1/ell(2G), G the first slope."""

from __future__ import annotations

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1
from problems.gd_worst_cases import GDHuber
from problems.generalized_smooth import EvenPolynomial
from proofs_check.instances.l0l1 import PLATEAU


def _run(problem: Problem, L: float, R: float, at: tuple[int, ...], factor: float = 1.0) -> Prediction:
    return Prediction(
        says=f"{problem.name}, steps {factor / L:.3g}",
        problem=problem,
        optimizer=SGD(lr=Constant(factor / L)),
        at=at,
        values={"h": 1 / L, "L": L, "R": R},
    )


def fixed() -> tuple[Prediction, ...]:
    """Return the worst case of an L-smooth f, the plateau, and two functions without an L: ell(s) = L0 + L1 s."""
    steep, sixth = ExtremalL0L1(L0=1.0, L1=2.0, M=1.0), EvenPolynomial(first=1.0)
    at_start = sixth.constants["L0"].value + 2 * 1.6  # f' = x + 3/5 x^5
    return (
        _run(GDHuber(n=10, h=1.0), 1.0, 1.0, tuple(range(1, 11))),
        _run(PLATEAU.problem, PLATEAU.L0 * (1 + 1e-9), PLATEAU.R, (1, 3, 5, 7)),
        _run(steep, 1.0 + 2.0 * 2.0, steep.first() * (1 + 1e-9), (1, 3, 10, 30)),
        _run(sixth, at_start, 1.0, (1, 3, 10, 30)),
    )


def fixed_broken() -> tuple[Prediction, ...]:
    """Return steps a hundredth as long, and a step that leads further up the other side."""
    steep = ExtremalL0L1(L0=1.0, L1=2.0, M=20.0)
    return (
        _run(GDHuber(n=10, h=1.0), 1.0, 1.0, (20,), factor=0.01),
        _run(steep, 81.0, steep.first(), (2,), factor=16.0),
    )
