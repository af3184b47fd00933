"""Experiments for the coin-tossing lower bounds: methods on one of two problems, alike from a start of 0.

By symmetry a method that starts at 0 errs alike on both sides, so that its error on one side is the larger of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.claim import Nonnegative, Prediction, Range
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant, Inverse, InvSqrt
from problems.coin_vectors import CoinVectorLipschitz
from problems.coins import CoinLipschitz, CoinStronglyConvex
from problems.quadratic import NoisyQuadratic
from proofs_check.instances import normal_law as law

T = 100


def _run(
    says: str, problem: Problem, optimizer: Optimizer[Any], values: Mapping[str, float], metric: str = "suboptimality"
) -> Prediction:
    return Prediction(
        says=says, problem=problem, optimizer=optimizer, at=(T,), values=values, metric=metric, seeds=1 << 14
    )


def lipschitz() -> tuple[Prediction, ...]:
    """Return four methods at the worst bias for T = 100."""
    coin = CoinLipschitz(delta=0.7518 / T**0.5)
    certified = Range(lambda t: 0.0, lambda t: 2 * coin.delta, "f on [-1, 1]")
    methods = (
        ("SGD, steps 1/sqrt(t)", SGD(lr=InvSqrt(1.0)), "suboptimality"),
        ("SGD, its average", SGD(lr=Constant(1 / T**0.5)), "average_suboptimality"),
        ("AdaGrad", AdaGrad(lr=Constant(1.0), eps=0.0), "suboptimality"),
        ("Adam", Adam(lr=InvSqrt(1.0)), "suboptimality"),
    )
    values = {"G": 1.0, "R": 1.0}
    return tuple(replace(_run(says, coin, o, values, m), certified=certified) for says, o, m in methods)


def lipschitz_broken() -> tuple[Prediction, ...]:
    """Return one side by itself, where a method that stays at x* = 1 does not err."""
    (first, *_) = lipschitz()
    return (replace(first, says="one side, from its minimiser", optimizer=SGD(lr=Constant(0.0)), start=(1.0,)),)


def strongly_convex() -> tuple[Prediction, ...]:
    """Return the running mean of the coins, and two methods that are not it."""
    coin = CoinStronglyConvex(delta=0.5 / T**0.5)
    certified = Nonnegative(lambda t: 4 / T, "a square; the cap is 8 times the error of the mean")
    methods = (
        ("the mean of the coins", SGD(lr=Inverse(1.0))),
        ("SGD, steps 2/(t + 1)", SGD(lr=Inverse(2.0, shift=1.0))),
        ("AdaGrad", AdaGrad(lr=Constant(0.5), eps=0.0)),
    )
    return tuple(replace(_run(n, coin, o, {"G": 1.0, "mu": 1.0}), certified=certified) for n, o in methods)


def strongly_convex_broken() -> tuple[Prediction, ...]:
    """Return one side by itself, from its minimiser."""
    (first, *_) = strongly_convex()
    at_optimum = replace(first, says="one side, from its minimiser", optimizer=SGD(lr=Constant(0.0)))
    certified = Range(lambda t: 0.0, lambda t: 1e-6, "the point does not move from x*")
    return (replace(at_optimum, start=(0.5 / T**0.5,), certified=certified),)


def normal(sigma: float = 1.0) -> tuple[Prediction, ...]:
    """Return the mean of T normal solutions, from a start as far from the minimiser as sigma/sqrt(T)."""
    lr = Inverse(1.0)
    radius = sigma / T**0.5
    problem = NoisyQuadratic(spectrum=(1.0,), sigma=sigma, radius=radius)
    spread = law.variance_of_square(law.sgd(lr, 1.0, T), radius, sigma)
    mean = _run("the mean of T solutions", problem, SGD(lr=lr), {"sigma": sigma, "mu": 1.0})
    return (replace(mean, certified=law.certified(spread, lambda t: 0.5)),)


def normal_broken() -> tuple[Prediction, ...]:
    """Return one problem by itself, from its minimiser, with steps of 1e-3."""
    lr = Constant(1e-3)
    spread = law.variance_of_square(law.sgd(lr, 1.0, T), 0.0, 1.0)
    still = NoisyQuadratic(spectrum=(1.0,), sigma=1.0, radius=0.0)
    (mean,) = normal()
    certified = law.certified(spread, lambda t: 0.5)
    says = "one problem, from its minimiser"
    return (replace(mean, says=says, problem=still, optimizer=SGD(lr=lr), certified=certified),)


def box() -> tuple[Prediction, ...]:
    """Return three methods in four dimensions; changing a side's sign changes theirs, so that all sides are alike."""
    n = 4
    bias = 0.5 * (n / T) ** 0.5
    coins = CoinVectorLipschitz(delta=bias, sides=(1.0, -1.0, 1.0, 1.0))
    certified = Range(lambda t: 0.0, lambda t: 2 * bias, "f on [-1, 1]^4")
    methods = (
        ("SGD, its average", SGD(lr=Constant((n / T) ** 0.5)), "average_suboptimality"),
        ("AdaGrad", AdaGrad(lr=Constant(1.0), eps=0.0), "suboptimality"),
        ("Adam", Adam(lr=InvSqrt(1.0)), "suboptimality"),
    )
    values = {"G": 1.0, "R": 1.0, "n": float(n)}
    return tuple(replace(_run(says, coins, o, values, m), certified=certified) for says, o, m in methods)


def box_broken() -> tuple[Prediction, ...]:
    """Return one corner by itself, where a method that stays there does not err."""
    (first, *_) = box()
    still = replace(first, says="one corner, from it", optimizer=SGD(lr=Constant(0.0)), metric="suboptimality")
    return (replace(still, start=(1.0, -1.0, 1.0, 1.0)),)


def packed() -> tuple[Prediction, ...]:
    """Return the same methods in 24 dimensions, at the bias of the packing."""
    n = 24
    bias = (5 * n / (352 * T)) ** 0.5
    coins = CoinVectorLipschitz(delta=bias, sides=(1.0, -1.0) * (n // 2))
    certified = Range(lambda t: 0.0, lambda t: 2 * bias, "f on [-1, 1]^24")
    return tuple(
        replace(p, problem=coins, values={**p.values, "n": float(n)}, certified=certified, seeds=1 << 12) for p in box()
    )


def packed_broken() -> tuple[Prediction, ...]:
    """Return one corner by itself."""
    (first, *_) = packed()
    still = replace(first, says="one corner, from it", optimizer=SGD(lr=Constant(0.0)), metric="suboptimality")
    return (replace(still, start=(1.0, -1.0) * 12),)
