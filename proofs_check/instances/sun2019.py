"""Experiments for the tied chain (w^7 - 1)^2: its plateau, and its saddle."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import LENGTH, Prediction
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.depth import PowerChain

FIRST, STEP = 0.25, 0.001


def _run(
    says: str,
    optimizer: Optimizer,  # type: ignore[type-arg]
    first: float,
    at: tuple[int, ...],
    values: dict[str, float | str],
) -> Prediction:
    return Prediction(says=says, problem=PowerChain(m=7, first=first), optimizer=optimizer, at=at, values=values)


def plateau() -> tuple[Prediction, ...]:
    """Return gradient descent from 1/4, for a part of the 14171 steps of the claim."""
    values: dict[str, float | str] = {"h": STEP, "w0": FIRST, "ell": 1.0}
    return (_run("gradient descent", SGD(lr=Constant(STEP)), FIRST, (1, 10, 100, 400, 1000), values),)


def plateau_broken() -> tuple[Prediction, ...]:
    """Return Adam with the same step size, which does not care for the gradient's size."""
    values: dict[str, float | str] = {"h": STEP, "w0": FIRST, "ell": 1.0}
    return (_run("Adam", Adam(lr=Constant(STEP), betas=(0.0, 0.5), eps=0.0), FIRST, (300, 400), values),)


def saddle() -> tuple[Prediction, ...]:
    """Return gradient descent from -1/4."""
    return (_run("gradient descent", SGD(lr=Constant(0.05)), -FIRST, (1, 10, 100, 400), {"f0": 1.0}),)


def saddle_broken() -> tuple[Prediction, ...]:
    """Return a step so long that it leads over the saddle."""
    return (_run("a long step", SGD(lr=Constant(200.0)), -FIRST, (1,), {"f0": 1.0}),)


ARRIVED, LONG_STEP = 0.75, 0.01
ESCAPE = 38  # (0.5^-5 - 0.75^-5) / (70 h) = 39.69 steps


def escape(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return gradient descent from 1/2, which is not at 3/4 before that many steps. bound: w1."""
    values: dict[str, float | str] = {"h": LONG_STEP, "m": 7.0, "w0": 0.5, "w1": ARRIVED}
    descent = _run("gradient descent", SGD(lr=Constant(LONG_STEP)), 0.5, (1, 10, 20, ESCAPE), values)
    return (replace(descent, metric="iterate", relation="<=", bound=bound, ones=LENGTH),)


def escape_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return Adam with the same step size."""
    (run,) = escape(bound)
    return (replace(run, says="Adam", optimizer=Adam(lr=Constant(LONG_STEP), betas=(0.0, 0.5), eps=0.0), at=(35,)),)
