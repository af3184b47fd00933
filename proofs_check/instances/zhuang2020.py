"""Experiments for AdaBelief without momentum: the sum of its steps' sizes, its regret, and its least gradient.

Without momentum s_t holds eps alone and never falls, as the theorems ask; sizes add up to T alpha/sqrt(eps/(1-beta2)).
With the bias correction s_T/(1 - beta2^T) = eps/(1-beta2) for every T. The method adds eps to the root once more, which
makes a step shorter by less than a part in 10^7 at the eps chosen here.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import LENGTH, Prediction
from lab.optimizers.adabelief import AdaBelief
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.adam_nonconvex import ChenHuber
from problems.reddi import ReddiCycle
from proofs_check.symbols import T, beta2

LR, EPS = 1e-3, 1e-12


def fixed_step(second_moment: sp.Expr) -> tuple[Prediction, ...]:
    """Return the sum of the step sizes, beta1 = 0, from both sides. second_moment: the claim's s_T."""
    total = sp.Rational(str(LR)) * T / sp.sqrt(second_moment / (1 - beta2**T))
    most = Prediction(
        says="beta1 = 0: no step is longer than alpha/sqrt(eps/(1-beta2))",
        problem=ReddiCycle(C=3.0),
        optimizer=AdaBelief(lr=Constant(LR), betas=(0.0, 0.999), eps=EPS),
        at=(1, 2, 3, 10, 100, 300),
        values={"epsilon": EPS, "beta2": 0.999},
        metric="effective_step_sum",
        relation="<=",
        bound=total,
        ones=LENGTH,
    )
    least = replace(most, says="and none shorter by 1e-7", relation=">=", bound=total * (1 - sp.Rational(1, 10**7)))
    return most, least


def fixed_step_broken(second_moment: sp.Expr) -> tuple[Prediction, ...]:
    """Return beta1 = 0.9."""
    method = AdaBelief(lr=Constant(LR), betas=(0.9, 0.999), eps=EPS)
    return (replace(fixed_step(second_moment)[1], says="beta1 = 0.9", optimizer=method),)


# ------------------------------------------------------------------------ theorems, sqrt(s_t) in effect ROOT for all t

BETA2 = 0.999
FLOOR = 4.0  # c = eps/(1-beta2)
ROOT = FLOOR**0.5 + FLOOR * (1 - BETA2)  # the method adds eps to the root too
TURNS = 1000


def _still_belief(alpha: float) -> AdaBelief:
    return AdaBelief(lr=InvSqrt(alpha), betas=(0.0, BETA2), eps=FLOOR * (1 - BETA2))


def online() -> tuple[Prediction, ...]:
    """Return the slopes 3, -1, -1 on [-1, 1], after whole turns: their fourth powers sum to 83 a turn."""
    run = Prediction(
        says=f"beta1 = 0, the slopes 3, -1, -1 after {TURNS} turns",
        problem=ReddiCycle(C=3.0),
        optimizer=_still_belief(2.0),
        at=(3 * TURNS,),
        values={
            "D": 2.0, "alpha": 2.0, "beta1": 0.0, "c": FLOOR * (1 - 1e-12), "S_s": ROOT * (1 + 1e-12), "S_bs": 0.0,
            "S_g2": (83.0 * TURNS) ** 0.5 * (1 + 1e-12),
        },
    )  # fmt: skip
    return (run,)


def online_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9, which leave x at 1."""
    return tuple(replace(p, says="steps of 1e-9", optimizer=SGD(lr=Constant(1e-9))) for p in online())


def smooth() -> tuple[Prediction, ...]:
    """Return curvature 1 near 0, slope 1 beyond; C1 to C4 of Chen et al. for beta1 = 0, L = 1, A_1 <= alpha/2."""
    alpha = 1.0
    first = alpha / FLOOR**0.5
    run = Prediction(
        says="beta1 = 0, curvature 1, slope 1",
        problem=ChenHuber(L=1.0, b=1.0, x1=1.0),
        optimizer=_still_belief(alpha),
        at=(1, 10, 100, 500),
        values={
            "alpha": alpha, "c": FLOOR * (1 - 1e-12), "H": ROOT * (1 + 1e-12), "sigma": 0.0, "d": 1.0,
            "C1": 2.0, "C2": 2.0, "C3": 1e-12, "C4": 2 * first + 0.5,
        },
        metric="best_grad_norm_sq",
    )  # fmt: skip
    return (run,)


def smooth_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9, at a horizon at which the bound is below the start."""
    (p,) = smooth()
    return (replace(p, says="steps of 1e-9", optimizer=SGD(lr=Constant(1e-9)), at=(5000,)),)
