"""Experiments on one-hot data: SGD and the heavy ball, and the heavy ball on the mean gradient, which is faster."""

from __future__ import annotations

import math

from lab.claim import Nonnegative, Prediction
from lab.optimizer import Optimizer
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.one_hot import OneHot
from problems.spectra import DiagonalQuadratic

KAPPA = 100.0


def _run(says: str, optimizer: Optimizer, values: dict[str, float]) -> Prediction:  # type: ignore[type-arg]
    return Prediction(
        says=says,
        problem=OneHot(curvatures=(1.0, 1 / KAPPA)),
        optimizer=optimizer,
        at=(10, 20, 50, 100),
        values={"kappa": KAPPA, **values},
        seeds=1 << 13,
        certified=Nonnegative(lambda t: 4.0, "a square"),
    )


def plain() -> tuple[Prediction, ...]:
    """Return SGD with steps up to near the largest, h = 2."""
    return tuple(_run(f"h = {h:g}", SGD(lr=Constant(h)), {}) for h in (0.5, 1.0, 1.9))


def plain_broken() -> tuple[Prediction, ...]:
    """Return the heavy ball on the mean gradient, faster by the root of kappa."""
    return (_on_the_mean(),)


def ball() -> tuple[Prediction, ...]:
    """Return three momenta, the last one near the largest, with three quarters of the largest step."""
    found = []
    for beta in (0.5, 0.8, 0.9):
        h = 1.5 * (1 - beta**2)
        method = Momentum(lr=Constant(h), momentum=beta)
        found.append(_run(f"momentum {beta:g}, h = {h:.3g}", method, {"beta": beta, "h": h}))
    return tuple(found)


def _on_the_mean() -> Prediction:
    """Return the curvatures of the mean gradient, 1/2 and 1/(2 kappa), with the step 1/L and the momentum for it."""
    method = Momentum(lr=Constant(2.0), momentum=(1 - 1 / math.sqrt(KAPPA)) ** 2)
    return Prediction(
        says="the heavy ball on the mean gradient",
        problem=DiagonalQuadratic(d=2, kappa=KAPPA, L=0.5),
        optimizer=method,
        at=(28,),
        values={"kappa": KAPPA},
        start=(1.0, 1.0),
    )


def ball_broken() -> tuple[Prediction, ...]:
    """Return the heavy ball on the mean gradient, faster by the root of kappa."""
    return (_on_the_mean(),)
