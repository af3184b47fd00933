"""Experiments for the heavy-tail rates of strongly convex problems: a ceiling, and what no method gets under.

Every domain is an interval, so that the suboptimality of one seed has a certified range and its mean has limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Certificate, Family, Nonnegative, Prediction, Range, Variance
from lab.domain import Box
from lab.noise import CentredPareto
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.cclip import CClip
from lab.optimizers.gclip import GClip
from lab.optimizers.gclip_growing import GClipGrowing
from lab.optimizers.momentum import Momentum
from lab.optimizers.normalized import NSGDM
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD
from lab.schedules import Constant, Inverse
from lab.wrappers import Restrict
from problems.heavy_tails import ClipBias
from problems.quadratic import SkewedParetoQuadratic, TwoPointQuadratic
from problems.rare_spikes import HeavyMean

ALPHAS = (1.2, 1.5, 1.8, 2.0)
SEEDS = {1.2: 512, 1.5: 1024, 1.8: 4096, 2.0: 8192}  # the smaller the bound at the last horizon, the more
alpha, T = sp.symbols("alpha T", positive=True)
RATE = T ** (-2 * (alpha - 1) / alpha)
CONVEX_RATE = T ** (-(alpha - 1) / alpha)  # what is left of it without strong convexity

# ------------------------------------------------------------------------------------------------- the upper bound

SCALE, RADIUS = 0.01, 1.0  # of the noise, and of the interval [-1, 1]


def always(value: float) -> Callable[[float], float]:
    """Return t -> value."""
    return lambda t: value


HALF_SQUARE = Range(always(0.0), always(RADIUS**2 / 2), "f = x^2/2 on [-1, 1]")


def tail(order: float) -> float:
    """Return the noise's tail index: strictly above the order, and above 2 at order 2, so that there is a variance."""
    return order + 0.1 if order < 2 else 2.5


def moment_bound(order: float) -> float:
    """Return G >= (E|x + xi|^order)^(1/order) on [-1, 1], by Minkowski's inequality."""
    noise = CentredPareto(tail=tail(order), scale=SCALE)
    return float((RADIUS + noise.moment(order) ** (1 / order)) * (1 + 1e-9))


def _clipped(order: float, G: float) -> GClipGrowing:
    return GClipGrowing(lr=Inverse(4.0, shift=1.0), G=G, alpha=order)


def _fixed_noise(order: float, at: tuple[int, ...]) -> Prediction:
    G = moment_bound(order)
    noisy = SkewedParetoQuadratic(tail=tail(order), scale=SCALE, radius=RADIUS)
    return Prediction(
        says=f"alpha = {order:g}: skewed Pareto noise of tail index {tail(order):g}, at every horizon",
        problem=Restrict(inner=noisy, within=Box(-RADIUS, RADIUS)),
        optimizer=_clipped(order, G),
        at=at,
        values={"alpha": order, "G": G, "mu": 1.0},
        metric="suboptimality",
        seeds=SEEDS[order],
        certified=HALF_SQUARE,
    )


def upper() -> tuple[Prediction, ...]:
    """Return clipped SGD under fixed heavy noise at every horizon, and on the lower bound's own problems."""
    horizons = (10, 32, 100, 316, 1000, 3162, 10_000)
    fixed = (_fixed_noise(a, (*horizons, 31_623, 100_000) if a < 1.5 else horizons) for a in ALPHAS)
    width = Range(always(0.0), always(0.125), "x and x* lie in [0, 1/2]")
    hard = (replace(_on_pair(a, 10_000, "clipped SGD", _clipped(a, 1.0), width), seeds=4096) for a in ALPHAS[1:])
    return (*fixed, *hard)


def upper_broken() -> tuple[Prediction, ...]:
    """Return a threshold that does not grow: clipping at 1 goes to s - s^2 = 3/16 and stays there."""
    rare = Restrict(inner=ClipBias(sigma=1.0, s=0.25), within=Box(-RADIUS, RADIUS))
    stuck = Prediction(
        says="a threshold that stays at 1: the bias of clipping does not fall",
        problem=rare,
        optimizer=GClip(lr=Inverse(4.0, shift=1.0), max_norm=1.0),
        at=(6000,),
        values={"alpha": 2.0, "G": 2**0.5, "mu": 1.0},
        metric="suboptimality",
        seeds=1024,
        certified=HALF_SQUARE,
    )
    return (stuck,)


def coordinates() -> tuple[Prediction, ...]:
    """Return one coordinate, in which clipping the norm is clipping the coordinate; d alike have d times the bound."""
    found = []
    for order in ALPHAS:
        p = _fixed_noise(order, (10, 32, 100, 316, 1000))
        values = {"alpha": order, "B": moment_bound(order), "mu": 1.0}
        found.append(replace(p, says=f"one coordinate, {p.says}", values=values))
    return tuple(found)


def coordinates_broken() -> tuple[Prediction, ...]:
    """Return thresholds that stay at 1, with the rare noise of `upper_broken`: each coordinate goes to 3/16."""
    rare = TwoPointQuadratic(spectrum=(1.0, 1.0), p=1 / 17, high=4.0)
    stuck = Prediction(
        says="thresholds that stay at 1, in the plane: the bias of clipping does not fall",
        problem=Restrict(inner=rare, within=Box(-RADIUS, RADIUS)),
        optimizer=CClip(lr=Inverse(4.0, shift=1.0), clip_value=1.0),
        at=(2000,),
        values={"alpha": 2.0, "B": 2.0, "mu": 1.0},
        metric="suboptimality",
        seeds=4096,
        certified=Range(always(0.0), always(RADIUS**2), "f = ||x||^2/2 on [-1, 1]^2"),
    )
    return (stuck,)


# ------------------------------------------------------------------------------------------------- the lower bound

METHODS: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Inverse(1.0)),
    "SGD with momentum": Momentum(lr=Inverse(1.0), momentum=0.5),
    "SGD clipped at 1": GClip(lr=Inverse(1.0), max_norm=1.0),
    "coordinates clipped at 1": CClip(lr=Inverse(1.0), clip_value=1.0),
    "normalised SGD with momentum": NSGDM(lr=Inverse(2.0, shift=1.0)),
    "signSGD": SignSGD(lr=Inverse(1.0)),
    "AdaGrad": AdaGrad(lr=Constant(0.25), eps=0.0),
    "Adam": Adam(lr=Inverse(2.0, shift=10.0)),
    "AMSGrad": AMSGrad(lr=Inverse(2.0, shift=10.0)),
}


def _on_pair(order: float, k: int, name: str, method: Optimizer[Any], certified: Certificate) -> Prediction:
    """Return a method on that one of the two problems of horizon k on which its error is the larger."""
    return Prediction(
        says=f"alpha = {order:g}, horizon {k}: {name}",
        problem=HeavyMean(alpha=order, k=k),
        optimizer=method,
        at=(k,),
        values={"alpha": order, "G": 1.0, "mu": 1.0},
        metric="suboptimality",
        seeds=1024,
        certified=certified,
    )


def lower() -> tuple[Prediction, ...]:
    """Return every method on the problems of two horizons, for every order."""
    found = []
    for a in ALPHAS:
        for k in (100, 10_000):
            b = HeavyMean(alpha=a, k=k).mean()
            cap = Nonnegative(always(b * b / 2), "a square; the cap is the error at 0")
            methods = {**METHODS, "clipped SGD": _clipped(a, 1.0)}
            found += [_on_pair(a, k, name, method, cap) for name, method in methods.items()]
    return tuple(found)


def lower_broken() -> tuple[Prediction, ...]:
    """Return one problem of the pair alone: where nothing ever comes, the guess 0 is right."""
    quiet = Prediction(
        says="the problem without jumps, by itself",
        problem=HeavyMean(k=100, shifted=False),
        optimizer=METHODS["SGD"],
        at=(100,),
        values={"alpha": 1.5, "G": 1.0, "mu": 1.0},
        metric="suboptimality",
    )
    return (quiet,)


def error_variance(problem: HeavyMean) -> float:
    """Return a bound on the variance of (x_k - b)^2/2 for SGD with steps 1/(t + k) from 0.

    The projection only ever lowers x, and every step keeps the order of two paths, so that 0 <= x_k <= N b/2, N the
    number of jumps: binomial, of mean 1 and of fourth central moment q (1 + 3 q (k - 2)/k) <= 4, q = 1 - 1/k. Then
    (x_k - b)^2 <= b^2 max(1, (N - 1)^2/4), as N - 2 <= N - 1, and E max(1, (N - 1)^4/16) <= 5/4.
    """
    return 5 / 16 * problem.mean() ** 4


def attained() -> tuple[Family, ...]:
    """Return SGD with steps 1/(t + k) on one problem a horizon k: the lower bound's rate cannot be improved.

    It returns half of the mean of all jumps, so that its error is b^2 (1 - 1/(2k))/4 where nothing is projected: 5
    times the bound, at every horizon. Of all multiples of the mean the half errs least.
    """
    return tuple(_family(a) for a in ALPHAS)


def _family(order: float) -> Family:
    first = 3 if order < 1.5 else 2  # the smaller alpha, the later the projection stops to matter
    horizons = tuple(round(10 ** (first + i / 3)) for i in range(7))
    why = "0 <= x <= N b/2, N the number of jumps, whose fourth central moment is at most 4"
    members = []
    for k in horizons:
        certified = Variance(always(error_variance(HeavyMean(alpha=order, k=k))), why)
        halved = _on_pair(order, k, "SGD, steps 1/(t + k)", SGD(lr=Inverse(1.0, shift=float(k))), certified)
        members.append(replace(halved, seeds=8192))
    return Family(
        says=f"alpha = {order:g}: SGD with steps 1/(t + k) on the family, k = {horizons[0]} to {horizons[-1]}",
        members=tuple(members),
        rate=RATE,
        neighbour=CONVEX_RATE,
    )
