"""Experiments for RMSProp in epochs: two components, one flat and one curved, pushed apart or not, in shuffled order.

f_1 = x^2/2 + G x/2 and f_2 = -G x/2, so that f' = x/2 and f_1'^2 + f_2'^2 = x^2 + G x + G^2/2. That is 4 f'^2 for
G = 0, and at most 8 f'^2 + 3 G^2/4 for every G, as (x - G/2)^2 >= 0. The theorem speaks of every order, hence of every
seed. A step size that is 0 for WAIT steps lets v settle at x_1: then beta2^WAIT < 1e-15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch
from torch import Tensor

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.ranges import nonnegative
from lab.sampling import RandomReshuffling
from lab.schedules import Schedule
from lab.types import Step
from problems.gd_worst_cases import GDQuadratic
from problems.reshuffling import SafranShamirOneSided
from proofs_check.symbols import T

WAIT, SEEDS, Q = 800, 768, 0.01
D1, D0 = sp.Symbol("D1", positive=True), sp.Symbol("D0", nonnegative=True)


@dataclass(frozen=True)
class Later(Schedule):
    """lr_t = 0 for t <= wait, then lr."""

    name: ClassVar[str] = "later"
    lr: float
    wait: float

    def validate(self) -> None:
        nonnegative(self, "lr", "wait")

    def __call__(self, t: Step) -> Tensor:
        return self.lr * torch.where(t > self.wait, 1.0, torch.zeros_like(t))


def _run(says: str, bound: sp.Expr, G: float, w: float, eta0: float, steps: int, d1: float) -> Prediction:
    """Return the run of `steps` moves from x_1 = -1. bound: of f'^2."""
    return Prediction(
        says=says,
        problem=SafranShamirOneSided(n=2, lam=1.0, G=G, order=RandomReshuffling()),
        optimizer=Adam(lr=Later(eta0 / steps**0.5, WAIT), betas=(0.0, 1 - w), eps=0.0, debias=False),
        at=(WAIT + steps,),
        values={"n": 2.0, "w": w, "D1": d1, "D0": 0.75 * G**2, "L": 1.0, "Delta": 0.25, "eta_0": eta0},
        metric="best_grad_norm_sq",
        bound=bound,
        seeds=SEEDS,
        probability=Q,
    )


def reshuffled(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a run with D0 = 0 and one with D0 > 0. bound: of f'^2/sqrt(D1 f'^2 + D0), solved for f'^2 here."""
    b = bound.subs(T, T - WAIT)
    slope_sq = (D1 * b**2 + b * sp.sqrt(D1**2 * b**2 + 4 * D0)) / 2
    return (
        _run("no push: D0 = 0", slope_sq, 0.0, 0.05, 0.06, 60_000, 4.0),
        _run("a push of 0.1: D0 > 0", slope_sq, 0.1, 0.035, 0.06, 200_000, 8.0),
    )


def reshuffled_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a millionth as long, on one component, for which a shorter run is enough."""
    steps, wait, eta0, w = 2500, 300, 0.16, 0.15
    still = Adam(lr=Later(1e-6 * eta0 / steps**0.5, wait), betas=(0.0, 1 - w), eps=0.0, debias=False)
    run = Prediction(
        says="steps a millionth as long, on x^2/2",
        problem=GDQuadratic(),
        optimizer=still,
        at=(wait + steps,),
        values={"n": 1.0, "w": w, "D1": 1.0, "D0": 0.0, "L": 1.0, "Delta": 0.5, "eta_0": eta0},
        metric="best_grad_norm_sq",
        bound=bound.subs(T, T - wait) ** 2,
    )
    return (run,)
