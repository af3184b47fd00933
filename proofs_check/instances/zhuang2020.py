"""Experiments for AdaBelief without momentum: what its steps' sizes add up to, T alpha/sqrt(eps/(1-beta2)).

With the bias correction s_T/(1 - beta2^T) = eps/(1-beta2) for every T. The method adds eps to the root once more, which
makes a step shorter by less than a part in 10^7 at the eps chosen here.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import LENGTH, Prediction
from lab.optimizers.adabelief import AdaBelief
from lab.schedules import Constant
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
