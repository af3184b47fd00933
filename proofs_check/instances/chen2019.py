"""Experiments for Adam-type methods without noise, on a function of curvature 1 near 0 and slope 1 from |x| = 1 on.

From x_1 = 1: H = 1, Delta = 1/2, and g_t = f'(x_t). kappa is the paper's 1; constants of Theorem 3.1 follow.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.gen_adam import GenAdam
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.adam_nonconvex import ChenHuber

SMOOTH = ChenHuber(L=1.0, b=1.0, x1=1.0)
ALPHA, BETA2, T = 1.0, 0.1, 2000
S = math.sqrt(1 - BETA2)  # c = |g_1| = 1
Numbers = dict[str, float | str]


def _constants(beta1: float, first: float, longest: float) -> Numbers:
    """Return C1 to C4. first: A_1. longest: the bound on |A_t m_t|."""
    b = beta1 / (1 - beta1)
    return {
        "C1": 1.5 + 0.5 + b**2 / (1 - beta1),
        "C2": b + 2,
        "C3": max(b**2 * (1.5 + b**2), 1e-12),  # positive, as the theorem's constants are
        "C4": b * (1 + longest**2) / 2 + 1.5 * b**2 * longest**2 + 2 * first + 0.5,
    }


def _run(says: str, optimizer: Optimizer[Any], values: Numbers, at: tuple[int, ...]) -> Prediction:
    return Prediction(says=says, problem=SMOOTH, optimizer=optimizer, at=at, values=values, metric="best_grad_norm_sq")


def _still(run: Prediction) -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return (replace(run, says="steps of 1e-9", optimizer=SGD(lr=Constant(1e-9)), at=(T,)),)


def theorem() -> tuple[Prediction, ...]:
    """Return AMSGrad with momentum: A_t falls, so that the squares of its changes add up to at most A_1^2."""
    longest = ALPHA / S
    values: Numbers = {
        "L": 1.0, "H": 1.0, "G": longest, "beta1": 0.5, "b": 1.0, "Delta": 0.5, "A1": longest,
        "TA": "effective_step_sq", "TB": "effective_step_change", "TC": longest**2,
    }  # fmt: skip
    method = GenAdam(lr=InvSqrt(ALPHA), betas=(0.5, BETA2), second_moment="amsgrad")
    run = _run("AMSGrad, beta1 = 1/2", method, values, (1, 2, 3, 10, 30))
    return (replace(run, metric="effective_descent"),)


def theorem_broken() -> tuple[Prediction, ...]:
    """Return gradient descent with steps 2/L on a function that is 256 times as curved."""
    run = theorem()[0]
    return (
        replace(
            run, says="a function of curvature 256, steps 1/128", problem=ChenHuber(L=256.0, b=1.0, x1=1.0),
            optimizer=SGD(lr=Constant(1 / 128)), at=(100,),
        ),
    )  # fmt: skip


def amsgrad() -> tuple[Prediction, ...]:
    """Return AMSGrad without momentum: |A_t m_t| <= alpha H / s, A_1 = alpha / s."""
    method = GenAdam(lr=InvSqrt(ALPHA), betas=(0.0, BETA2), second_moment="amsgrad")
    values = {**_constants(0.0, ALPHA / S, ALPHA / S), "alpha": ALPHA, "H": 1.0, "d": 1.0, "s": S}
    return (_run("AMSGrad, beta1 = 0", method, values, (1, 10, 100, 500)),)


def amsgrad_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return _still(amsgrad()[0])


def adafom() -> tuple[Prediction, ...]:
    """Return AdaFom without momentum: c = 1."""
    method = GenAdam(lr=InvSqrt(ALPHA), betas=(0.0, BETA2), second_moment="adafom")
    values = {**_constants(0.0, ALPHA, ALPHA), "alpha": ALPHA, "H": 1.0, "d": 1.0, "c": 1.0}
    return (_run("AdaFom, beta1 = 0", method, values, (1, 10, 100, 500)),)


def adafom_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return _still(adafom()[0])


def conditions() -> tuple[Prediction, ...]:
    """Return AMSGrad, with the sums of Theorem 3.1 as they were on the path; no change of A_t exceeds A_1."""
    method = GenAdam(lr=InvSqrt(ALPHA), betas=(0.0, BETA2), second_moment="amsgrad")
    values: Numbers = {
        **_constants(0.0, ALPHA / S, ALPHA / S), "A_t": ALPHA / S,
        "TA": "effective_step_sq", "TB": "effective_step_change", "acc": "effective_step_sum",
    }  # fmt: skip
    return (_run("AMSGrad, beta1 = 0", method, values, (1, 10, 100, 500)),)


def conditions_broken() -> tuple[Prediction, ...]:
    """Return a slow method against the sums of AMSGrad: Q = C4 and C1 log T over sqrt(T)."""
    run = conditions()[0]
    sums: Numbers = {"TA": 1 + math.log(T), "TB": ALPHA / S, "acc": math.sqrt(T)}
    return _still(replace(run, values={**run.values, **sums}))
