"""Experiments for random reshuffling: the two halves, whose shuffling variance is at most gamma L n ss2/4."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import sympy as sp

from lab.claim import Prediction, Range
from lab.optimizers.sgd import SGD
from lab.sampling import Cyclic, Order, RandomReshuffling
from lab.schedules import Constant
from problems.reshuffling import SafranShamir
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


FLAT = 1e-9  # a curvature at which the gradients of an epoch are those at x*: x_i is z_i up to 1e-8 of itself


def _drift(says: str, order: Order, bound: sp.Expr, relation: Literal["<=", ">="], curvature: str) -> Prediction:
    """Return ||z_i - x*||^2 in the middle of an epoch from x*; D(z_i, x*) is lambda/2 times that."""
    gamma, i = 0.1, N // 2
    furthest = (gamma * G / 2 * i) ** 2
    return Prediction(
        says=says, problem=SafranShamir(n=N, lam=FLAT, G=G, order=order), optimizer=SGD(lr=Constant(gamma)),
        at=(i,), values={curvature: FLAT, "n": float(N), "gamma": gamma, "ss2": SS2}, start=(0.0,),
        metric="distance_sq", relation=relation, bound=bound, seeds=SEEDS,
        certified=Range(lambda t: 0.0, lambda t: furthest, "i pushes of gamma G/2"),
    )  # fmt: skip


def shuffling_above(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a random order. bound: 2 gamma/L times the claim's, which is (1/gamma) E D at the worst i."""
    return (_drift("the middle of an epoch", RandomReshuffling(), bound, "<=", "L"),)


def shuffling_above_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the sorted order, in which the pushes of half an epoch add up."""
    return (replace(_drift("the sorted order", Cyclic(), bound, "<=", "L"), seeds=1, certified=None),)


def shuffling_below(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a random order. bound: 2 gamma/mu times the claim's."""
    return (_drift("the middle of an epoch", RandomReshuffling(), bound, ">=", "mu"),)


def shuffling_below_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the end of an epoch, where the pushes have cancelled: the variance is the largest over the epoch."""
    (run,) = shuffling_below(bound)
    return (replace(run, says="the end of the epoch", at=(N,)),)
