"""Experiments for the chains that hide their next link: as long as the last one is unseen, no gradient is small.

The claims count gradients; a run shows that at every step before the bound the squared gradient is above eps^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Nonnegative, Prediction, Range
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.gclip import GClip
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.heavy_chain import HeavyTailedChain
from problems.stationarity import ArjevaniChain

EPS, LENGTH = 0.02, 6
METHODS: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Constant(0.1)),
    "momentum": Momentum(lr=Constant(0.05), momentum=0.9),
    "clipped SGD": GClip(lr=Constant(0.5), max_norm=0.5),
    "Adam": Adam(lr=Constant(0.5)),
}


def _unseen(problem: Problem, until: float, values: Mapping[str, float], bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return every method up to the step until which the last link is unlikely to be seen."""
    last = int(until)
    cap = Nonnegative(lambda t: 16 * EPS**2, "a square")
    return tuple(
        Prediction(
            says=f"{name}, up to step {last}", problem=problem, optimizer=method, at=(1, last // 4, last // 2, last),
            values=values, metric="grad_norm_sq", bound=bound, seeds=2048, certified=cap,
        )
        for name, method in METHODS.items()
    )  # fmt: skip


def finite_variance(bound: sp.Expr, sigma: float = 5.0) -> tuple[Prediction, ...]:
    """Return four methods on the chain of six links with noise of deviation 5. bound: eps^2."""
    chain = ArjevaniChain(T=LENGTH, eps=EPS, sigma=sigma)
    values = {"epsilon": EPS, "sigma": sigma, "L": 1.0, "Delta": 7296 * EPS**2 * LENGTH}
    return _unseen(chain, (LENGTH - 1) / (2 * chain.share()), values, bound)


def heavy(bound: sp.Expr, alpha: float = 1.5, sigma: float = 10.0) -> tuple[Prediction, ...]:
    """Return four methods on the chain whose noise has a moment of order 3/2."""
    chain = HeavyTailedChain(T=LENGTH, eps=EPS, alpha=alpha, sigma=sigma)
    values = {"eps": EPS, "sigma": sigma, "alpha": alpha, "L": 1.0, "Delta": 7296 * EPS**2 * LENGTH}
    return _unseen(chain, chain.safe_until(), values, bound)


def from_afar(of: tuple[Prediction, ...]) -> tuple[Prediction, ...]:
    """Return SGD from a start that no chain hides: far out, where all links are seen and the function is flat."""
    says = "SGD from far out"
    flat = Range(lambda t: 0.0, lambda t: 1e-12, "slopes of the order y^-3 at y > 1000, after one step too")
    first = of[0]
    return (replace(first, says=says, start=(1e4,) * LENGTH, at=first.at[:1], certified=flat),)
