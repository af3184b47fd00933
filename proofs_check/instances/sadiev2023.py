"""Experiments for the lower bound on SGD in probability: too few steps, each with the noise made for it."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.heavy_tails import RareJump
from problems.quadratic import NoisyQuadratic

EPS, BETA = 0.01, 0.01
STEPS = math.floor((1 / (2 * math.sqrt(EPS * BETA)) - 1) * math.log(1 / math.sqrt(EPS)))  # 112


def too_few(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps: with fewer than the bound's, x^2 < eps is less likely than 1 - beta. bound: eps."""
    return tuple(
        Prediction(
            says=f"{STEPS} steps {lr:g}",
            problem=RareJump(mu=1.0, sigma=1.0, eps=EPS, sgd_lr=lr),
            optimizer=SGD(lr=Constant(lr)),
            at=(STEPS,),
            values={"sigma": 1.0, "mu": 1.0, "epsilon": EPS, "beta": BETA, "x_0": 1.0},
            metric="distance_sq",
            bound=bound,
            seeds=1 << 14,
            probability=1 - BETA,
        )
        for lr in (0.015, 0.03, 0.1, 0.5)
    )


def too_few_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return hardly any noise: the same number of steps is enough."""
    calm = NoisyQuadratic(spectrum=(1.0,), sigma=0.01, radius=1.0)
    return (replace(too_few(bound)[2], says="normal noise of deviation 1/100", problem=calm),)
