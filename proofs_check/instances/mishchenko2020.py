"""Experiments for random reshuffling: the two halves, whose shuffling variance is at most gamma L n ss2/4."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.sampling import RandomReshuffling
from lab.schedules import Constant
from proofs_check.instances.safran2020 import EPOCHS, SEEDS, SQUARE, G, N, halves

SS2 = (G / 2) ** 2  # mean of ||grad f_i(x*)||^2
COMMON = {"L": 1.0, "mu": 1.0, "n": float(N), "R2": 1.0}


def _run(gamma: float, said: float, bound: sp.Expr, values: dict[str, float]) -> Prediction:
    return Prediction(
        says=f"steps {gamma:g}, a new order in every epoch",
        problem=halves(RandomReshuffling()),
        optimizer=SGD(lr=Constant(gamma)),
        at=EPOCHS,
        values={**COMMON, "gamma": said, **values},
        bound=bound,
        seeds=SEEDS,
        certified=SQUARE,
    )


def strongly_convex(bound: sp.Expr, gamma: float = 0.1, said: float = 0.1) -> tuple[Prediction, ...]:
    """Return the curve after 1 and 2 epochs."""
    return (_run(gamma, said, bound, {"sh2": said * N * SS2 / 4}),)


def strongly_convex_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundred times as long as they are said to be."""
    return (replace(strongly_convex(bound, gamma=1.0, said=0.01)[0], at=(50 * N,), seeds=2048),)


def strongly_convex_sum(bound: sp.Expr, gamma: float = 0.05, said: float = 0.05) -> tuple[Prediction, ...]:
    """Return the curve after 1 and 2 epochs, with steps below 1/(sqrt(2) L n)."""
    return (_run(gamma, said, bound, {"ss2": SS2}),)


def strongly_convex_sum_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundred times as long as they are said to be."""
    return (replace(strongly_convex_sum(bound, gamma=1.0, said=0.01)[0], at=(50 * N,), seeds=2048),)
