"""Experiments for ACClip: slopes of 1, and one of 10^4, which it follows and which a fixed threshold cuts off."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.acclip import ACClip
from lab.optimizers.cclip import CClip
from lab.schedules import Constant
from problems.adaptive_traps import Outlier

LR, SIZE, WHEN, BETAS = 1e-3, 1e4, 50, (0.9, 0.99)


def outlier(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return ACClip for three orders, at the step of the outlier. bound: the claim's, a length; x goes down by it."""
    methods = ((order, ACClip(lr=Constant(LR), betas=BETAS, alpha=order, eps=0.0)) for order in (1.2, 1.5, 2.0))
    return tuple(_run(f"alpha = {order:g}", order, method, bound) for order, method in methods)


def outlier_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return coordinates clipped at 1: no step is longer than 1/1000."""
    return (_run("clipped at 1", 1.5, CClip(lr=Constant(LR), clip_value=1.0), bound),)


def _run(says: str, order: float, method: Optimizer[Any], bound: sp.Expr) -> Prediction:
    return Prediction(
        says=f"a slope of 10^4 after 49 slopes of 1: {says}",
        problem=Outlier(size=SIZE, when=WHEN),
        optimizer=method,
        at=(WHEN,),
        values={"eta": LR, "R": SIZE, "beta_1": BETAS[0], "beta_2": BETAS[1], "alpha": order},
        metric="increment",
        relation="<=",
        bound=-bound,
    )
