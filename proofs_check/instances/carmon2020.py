"""Experiments for the zero-chain, in intervals: F itself where L = 152 and eps = 1, and the chain of the theorem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import OBJECTIVE, Prediction, Units
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.stationarity import CarmonChain
from proofs_check.instances.chains import EPS, LENGTH, METHODS

STEEPEST = (0.9, 5.0)  # near the largest slope of Psi, where Phi is near its limit
FAR = 1e4
SLOPE_SQ = Units(F=2, X=-2)
STILL = SGD(lr=Constant(0.0))
UNSCALED: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Constant(0.1)),
    "momentum": Momentum(lr=Constant(0.05), momentum=0.9),
    "Adam": Adam(lr=Constant(0.5)),
}


def plain(n: int, times: float = 1.0) -> CarmonChain:
    """Return `times` F, of length n."""
    return CarmonChain(T=n, eps=times, L=152.0 * times)


def _run(says: str, n: int, optimizer: Optimizer[Any], at: tuple[int, ...], metric: str) -> Prediction:
    gap = metric == "suboptimality"  # only the gap grows with n
    return Prediction(
        says=says, problem=plain(n), optimizer=optimizer, at=at, values={"n": float(n)} if gap else {}, metric=metric,
        ones=OBJECTIVE if gap else SLOPE_SQ,  # F and x are pure numbers there
    )  # fmt: skip


def gap() -> tuple[Prediction, ...]:
    """Return the gap at 0, and on the way down, for three lengths."""
    return tuple(_run(f"n = {n}", n, UNSCALED["SGD"], (0, 1, 4), "suboptimality") for n in (2, 6, 30))


def gap_broken() -> tuple[Prediction, ...]:
    """Return a start at which every link is at its top instead of 0."""
    return (replace(_run("from (-5, ..., -5)", 6, STILL, (1,), "suboptimality"), start=(-5.0,) * 6),)


def slope(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the gradient's whole norm where one entry is nearly as large as it can be. bound: the claim's, squared."""
    return (replace(_run("at a steep point", 2, STILL, (1,), "grad_norm_sq"), bound=bound, start=STEEPEST),)


def slope_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the chain 2 F."""
    (run,) = slope(bound)
    return (replace(run, says="2 F", problem=plain(2, times=2.0)),)


def large() -> tuple[Prediction, ...]:
    """Return three methods while the last coordinate is still 0: the norm is no less than its largest entry."""
    return tuple(_run(name, 6, method, (1, 2, 3, 4, 5), "grad_norm_sq") for name, method in UNSCALED.items())


def large_broken() -> tuple[Prediction, ...]:
    """Return a start beyond all links, where F is flat."""
    return (replace(_run("far out", 6, STILL, (1,), "grad_norm_sq"), start=(FAR,) * 6),)


def deterministic(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four methods: none of their first n gradients is short. bound: eps^2, squared norms being recorded."""
    values = {"epsilon": EPS, "L": 1.0, "Delta": 1824 * EPS**2 * LENGTH}
    chain = CarmonChain(T=LENGTH, eps=EPS)
    return tuple(
        Prediction(
            says=f"{name}, the gradients of its first {LENGTH} points", problem=chain, optimizer=method,
            at=tuple(range(LENGTH)), values=values, metric="grad_norm_sq", bound=bound,
        )
        for name, method in METHODS.items()
    )  # fmt: skip


def deterministic_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a start beyond all links."""
    first = deterministic(bound)[0]
    return (replace(first, says="far out", optimizer=STILL, at=(1,), start=(FAR,) * LENGTH),)
