"""Experiments for RMSProp with full gradients: Adam without momentum on x^2/2."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic


def full_batch(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return two beta2 on a quadratic, each with the step of its horizon. bound: the claim's, squared."""
    found = []
    for beta2 in (0.1, 0.3):
        for T in (10, 30):
            found.append(
                Prediction(
                    says=f"beta2 = {beta2:g}, T = {T}",
                    problem=GDQuadratic(),
                    optimizer=Adam(lr=Constant(factor / T**0.5), betas=(0.0, beta2), eps=0.0, debias=False),
                    at=(T,),
                    values={"beta2": beta2, "Delta": 0.5, "eta_0": 1.0, "L": 1.0, "d": 1.0},
                    metric="best_grad_norm_sq",
                    bound=bound,
                )
            )
    return tuple(found)


def full_batch_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long, at a horizon at which the bound is below the start."""
    return (replace(full_batch(bound, factor=0.001)[1], at=(1000,)),)
