"""Experiments for AdaGrad-window and AdaGrad-truncation with one mini-batch an epoch: m = 1, N = S, so that r = 1.

Every step is then an epoch, of the exact gradient. The full matrix V = g g^T moves x by eta_t g/||g||, which is
normalised gradient descent; the diagonal method moves every coordinate by eta_t. On Huber's function, ell = 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import sympy as sp
from torch import Tensor

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.normalized import NGD
from lab.optimizers.radagrad import AdaGradTruncation, AdaGradWindow
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.ranges import nonnegative
from lab.schedules import Constant, InvSqrt, Schedule
from lab.types import Step
from problems.adam_nonconvex import ChenHuber
from problems.gd_worst_cases import Huber

AT = (5, 10, 30, 100, 300, 1000)
WIDE = 8.0  # where Huber's function turns linear, and where the runs start
ONE_BATCH = {"m": 1.0, "r": 1.0}


@dataclass(frozen=True)
class Rising(Schedule):
    """lr_t = lr sqrt(t): undoes the 1/sqrt(s) of AdaGrad-truncation, s = t being the epoch where m = 1."""

    name: ClassVar[str] = "rising"
    lr: float

    def validate(self) -> None:
        nonnegative(self, "lr")

    def __call__(self, t: Step) -> Tensor:
        return self.lr * t.sqrt()


def _run(
    says: str, problem: Problem, optimizer: Optimizer[Any], values: dict[str, float], bound: sp.Expr
) -> Prediction:
    return Prediction(
        says=says, problem=problem, optimizer=optimizer, at=AT, values={**ONE_BATCH, **values},
        metric="best_grad_norm_sq", bound=bound**2,
    )  # fmt: skip


def _line() -> tuple[Problem, dict[str, float]]:
    return ChenHuber(L=1 / WIDE, b=WIDE, x1=WIDE), {"Delta": WIDE / 2, "G": 1.0, "L": 1 / WIDE}


def _plane() -> tuple[Problem, dict[str, float]]:
    return Huber(L=1 / WIDE, R=WIDE, d=2, delta=WIDE), {"Delta": WIDE, "G": 1.4143, "L": 1 / WIDE}


def full_matrix(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return normalised gradient descent in the plane, until it passes the minimizer, and the line: both methods."""
    plane = _run("m = 1 in the plane: eta_t g/||g||", _plane()[0], NGD(lr=InvSqrt(1.0)), _plane()[1], bound)
    return replace(plane, at=(5, 10, 30)), _window("m = 1 on the line", *_line(), bound)


def diagonal(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the plane, until it passes the minimizer, and the line."""
    (plane, in_plane), (line, on_line) = _plane(), _line()
    short = _window("m = 1 in the plane", plane, {**in_plane, "d": 2.0}, bound)
    long = _window("m = 1 on the line", line, {**on_line, "d": 1.0}, bound)
    return replace(short, at=(5, 10, 30)), long


def _window(says: str, problem: Problem, values: dict[str, float], bound: sp.Expr) -> Prediction:
    return _run(says, problem, AdaGradWindow(lr=Constant(1.0), batches=1), values, bound)


def truncated(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return the step scale that is best for its horizon, (Delta/(6 L T))^(1/2); s_0 = m G is 1."""
    problem, values = _line()
    found = []
    for horizon in AT:
        H = factor * (values["Delta"] / (6 * values["L"] * horizon)) ** 0.5
        method = AdaGradTruncation(lr=Rising(H), batches=1)
        found.append(replace(_run(f"m = 1, T = {horizon}", problem, method, values, bound), at=(horizon,)))
    return tuple(found)


def window_broken(runs: tuple[Prediction, ...]) -> tuple[Prediction, ...]:
    """Return steps of 1e-9, at the last horizon."""
    return (replace(runs[1], says="steps of 1e-9", optimizer=SGD(lr=Constant(1e-9)), at=AT[-1:]),)


def truncated_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(truncated(bound, 0.001)[-1], says="steps a thousandth as long"),)
