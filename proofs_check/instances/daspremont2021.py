"""Experiments for Nesterov's constant momentum: a strongly convex Huber function, and L x^2 / 2."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.agd import AGDStronglyConvex
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.rng import Key, seed_range
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic, GDStronglyConvexHuber
from problems.spectra import DiagonalQuadratic
from proofs_check.instances.step_sizes import Chebyshev

ROOT = 0.25  # of mu / L


def _run(says: str, problem: Problem, optimizer: Optimizer, at: tuple[int, ...], gap: float) -> Prediction:  # type: ignore[type-arg]
    values = {"L": 1.0, "R": 1.0, "s": ROOT, "Delta": gap}
    return Prediction(says=says, problem=problem, optimizer=optimizer, at=at, values=values)


def accelerated() -> tuple[Prediction, ...]:
    """Return two functions, at steps 1 to 8."""
    nag = AGDStronglyConvex(mu=ROOT**2)
    huber = GDStronglyConvexHuber(n=4, mu=ROOT**2)
    t = huber.knee()
    gap = (ROOT**2 + (1 - ROOT**2) * t * (2 - t)) / 2 * (1 + 1e-12)
    steps = tuple(range(1, 9))
    return (
        _run("L x^2 / 2", GDQuadratic(), nag, steps, 0.5),
        _run("a Huber function of curvatures L and mu", huber, nag, steps, gap),
    )


def plain() -> tuple[Prediction, ...]:
    """Return gradient descent with a step close to 2/L."""
    return (_run("gradient descent, h = 1.9375", GDQuadratic(), SGD(lr=Constant(1.9375)), (12,), 0.5),)


DEGREE, KAPPA = 8, 9.0


def chebyshev() -> tuple[Prediction, ...]:
    """Return Chebyshev's eight steps on ten curvatures between 1/9 and 1: w = (3 + 1)/(3 - 1)."""
    problem = DiagonalQuadratic(d=10, kappa=KAPPA)
    descent = SGD(lr=Chebyshev(1.0, 1 / KAPPA, float(DEGREE)))
    gap = float(problem.value(problem.start(Key(0, seed_range(0, 1))))) * (1 + 1e-12)
    says = f"{DEGREE} steps, condition number 9"
    values = {"Delta": gap, "w": 2.0}
    return (Prediction(says=says, problem=problem, optimizer=descent, at=(DEGREE,), values=values),)


def one_step_size() -> tuple[Prediction, ...]:
    """Return the best constant step, 2/(L + mu), as often."""
    (run,) = chebyshev()
    return (replace(run, says="steps 2/(L + mu)", optimizer=SGD(lr=Constant(2 / (1 + 1 / KAPPA)))),)
