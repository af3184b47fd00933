"""Experiments for the chains that hide their next link: as long as the last one is unseen, no gradient is small.

The claims count gradients; a run shows that at every step before the bound the squared gradient is above eps^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Nonnegative, Prediction, Range, Units
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


def progress(delta: float = 0.05, sigma: float = 5.0) -> tuple[Prediction, ...]:
    """Return four methods up to the step until which x_n = 0 with probability 1 - delta: the norm is then > 2 eps."""
    chain = ArjevaniChain(T=LENGTH, eps=EPS, sigma=sigma)
    values = {"n": float(LENGTH), "p": chain.share(), "delta": delta}
    methods = _unseen(chain, chain.safe_until(delta), values, sp.Float((2 * EPS) ** 2))
    ones = Units(F=2, X=-2)  # of the chain's own gradient, above 1
    return tuple(replace(p, certified=None, probability=delta, relation=">=", ones=ones) for p in methods)


def noise(times: float = 1.0) -> tuple[Prediction, ...]:
    """Return `times` F, of two links, at a point whose second link is steep and hidden with probability 3/4."""
    chain = ArjevaniChain(T=2, eps=times / 2, L=152.0 * times, sigma=46.0 * times)
    largest = 9 * 4.5**2 * times**2  # (1/p - 1)^2 times the square of e^(3/2) < 4.5
    return (
        Prediction(
            says="at (5, 1/5)" if times == 1 else f"{times:g} F", problem=chain, optimizer=SGD(lr=Constant(0.0)),
            at=(1,), values={"p": 0.25}, start=(5.0, 0.2), metric="noise_sq", ones=Units(F=2, X=-2), seeds=4096,
            certified=Range(lambda t: 0.0, lambda t: largest, "one partial derivative, at most 4.5 in size there"),
        ),
    )  # fmt: skip
