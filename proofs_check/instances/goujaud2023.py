"""Experiments for the heavy ball on the polygon's function: it is drawn to the cycle, and its rate without one."""

from __future__ import annotations

import sympy as sp

from lab.claim import Prediction, Units
from lab.optimizer import Optimizer
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.momentum_cycles import RootsOfUnityCycle
from problems.spectra import DiagonalQuadratic
from proofs_check.symbols import T

NEAR, CLOSE = 40, sp.Rational(1, 10**5)
KAPPA = 10.0**4


def _cycle(says: str, optimizer: Optimizer, at: tuple[int, ...], bound: sp.Expr) -> Prediction:  # type: ignore[type-arg]
    values = {"r": 1.0, "u": 1 / 9, "h": 25 / 9, "b": 4 / 9, "c": -0.5}
    return Prediction(
        says=says, problem=RootsOfUnityCycle(), optimizer=optimizer, at=at, values=values, bound=bound * (1 - CLOSE)
    )


def cycle(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return Polyak's tuning for L = 25 mu from a start near the cycle, counted from step 40 on, up to 1e-5."""
    ball = Momentum(lr=Constant(1 / 9), momentum=4 / 9)
    return (_cycle(f"near the cycle from step {NEAR} on", ball, tuple(range(NEAR, NEAR + 21, 4)), bound),)


def cycle_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return gradient descent, which converges on the same function."""
    return (_cycle("gradient descent", SGD(lr=Constant(1 / 32)), (8,), bound),)


def _rate(says: str, optimizer: Optimizer, at: tuple[int, ...], bound: sp.Expr) -> Prediction:  # type: ignore[type-arg]
    return Prediction(
        says=says, problem=DiagonalQuadratic(d=2, kappa=KAPPA), optimizer=optimizer, at=at,
        values={"mu": 1 / KAPPA, "L": 1.0}, start=(1.0, 0.0), metric="distance_sq",
        ones=Units(X=2),
        bound=bound ** (2 * T),
    )  # fmt: skip


def slow(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return tunings without a cycle on the curvature mu, from distance 1: after t steps it is at least rate^t."""
    tunings = {"gradient descent, 1/L": (1.0, 0.0), "momentum 1/2, 1/L": (1.0, 0.5)}
    return tuple(
        _rate(says, Momentum(lr=Constant(lr), momentum=b), (1, 10, 40), bound) for says, (lr, b) in tunings.items()
    )


def slow_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return Polyak's tuning, which is faster on quadratics, and cycles elsewhere."""
    root = KAPPA**0.5
    ball = Momentum(lr=Constant(4 / (1 + 1 / root) ** 2), momentum=((root - 1) / (root + 1)) ** 2)
    return (_rate("Polyak's tuning", ball, (600,), bound),)


ABOVE, BELOW = 19.0, 17.0  # L/mu on both sides of 9 + 4 sqrt(5) = 17.94


def _tuned(kappa: float) -> Momentum:
    """Return Polyak's tuning for L = ABOVE and L/mu = kappa."""
    root = kappa**0.5
    return Momentum(lr=Constant(4 / (1 + 1 / root) ** 2 / ABOVE), momentum=((root - 1) / (root + 1)) ** 2)


def _threshold(says: str, ball: Momentum) -> Prediction:
    on_cycle = _tuned(ABOVE)
    problem = RootsOfUnityCycle(lr=4 / (1 + ABOVE**-0.5) ** 2 / ABOVE, momentum=on_cycle.momentum, L=ABOVE)
    return Prediction(
        says=says, problem=problem, optimizer=ball, at=(40, 50, 60), values={}, start=(0.6, 1.3),
        metric="distance_sq", relation=">=", bound=1 - CLOSE, ones=Units(X=2),
    )  # fmt: skip


def above_threshold() -> tuple[Prediction, ...]:
    """Return L/mu = 19, just above: the ball is drawn to a cycle on the circle of radius 1."""
    return (_threshold("L/mu = 19, near the cycle from step 40 on", _tuned(ABOVE)),)


def above_threshold_broken() -> tuple[Prediction, ...]:
    """Return the tuning for L/mu = 17, just below, on the same function: it converges."""
    return (_threshold("tuned for L/mu = 17", _tuned(BELOW)),)
