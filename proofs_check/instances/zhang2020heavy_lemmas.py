"""Experiments for what clipping does to one gradient, SGD under infinite variance, and ACClip with equal betas.

On ||x||^2/2 a step with lr = 1 from x leads to x - clip(X), X = x + noise, E X = x: its mean is E X - E clip(X), its
mean square E ||clip(X) - x||^2, and from x = 0 that is E ||clip(X)||^2.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Nonnegative, Prediction, Range
from lab.noise import Pareto, TwoPoint
from lab.optimizer import Optimizer
from lab.optimizers.acclip import ACClip
from lab.optimizers.gclip import GClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant, InvSqrt
from lab.units import STEP_SIZE, Units
from problems.adaptive_traps import Outlier
from problems.quadratic import HeavyTailedQuadratic, SkewedParetoQuadratic, SpikyQuadratic, TwoPointQuadratic
from proofs_check.instances.zhang2020heavy import always

ORDERS = (1.2, 1.5, 2.0)
ROUNDED_UP = 1 + 1e-9
ONES = {"iterate": STEP_SIZE, "distance_sq": Units(F=-2, X=4)}  # one step of size 1: x is a gradient


def _one_step(
    says: str, problem: Problem, start: tuple[float, ...], tau: float, values: dict[str, float], certified: Range,
    metric: str = "distance_sq", seeds: int = 1 << 16,
) -> Prediction:  # fmt: skip
    return Prediction(
        says=says,
        problem=problem,
        optimizer=GClip(lr=Constant(1.0), max_norm=tau),
        at=(1,),
        values=values,
        start=start,
        metric=metric,
        ones=ONES[metric],
        seeds=seeds,
        certified=certified,
    )


def _threshold(said: float) -> str:
    return "1" if said == 1 else f"1, said to be {said:g}"


def _unclipped(of: Prediction, largest: float) -> Prediction:
    """Return the same without clipping; largest: of the metric."""
    certified = Range(always(0.0), always(largest), "the largest noise, squared")
    return replace(of, says="not clipped", optimizer=SGD(lr=Constant(1.0)), certified=certified)


# --------------------------------------------------------------------------- a raw moment: (E |X|^alpha)^(1/alpha) <= G


def _spikes(order: float, tau: float, size: float) -> Prediction:
    """Return +-size with probability 1/20, else 0."""
    G = (0.05 * size**order) ** (1 / order)
    says = f"alpha = {order:g}: 0, or +-{size:g} with probability 1/20, clipped at {tau:g}"
    in_ball, values = Range(always(0.0), always(tau**2), "clipped at tau"), {"alpha": order, "G": G, "c": tau / G}
    return _one_step(says, SpikyQuadratic(p=0.05, size=size), (0.0,), tau, values, in_ball, seeds=1 << 17)


def second_moment() -> tuple[Prediction, ...]:
    """Return rare values of the threshold's size, for which it is an equation, and Pareto noise in four dimensions."""
    attained = tuple(replace(_spikes(a, 10.0, 10.0), relation="==") for a in ORDERS)
    heavy = []
    for order in ORDERS[:2]:
        problem, tau = HeavyTailedQuadratic(spectrum=(1.0,) * 4, tail=order + 0.2), 20.0
        G = (4 * Pareto(tail=order + 0.2).moment(order)) ** (1 / order)
        in_ball = Range(always(0.0), always(tau**2), "clipped at tau")
        says = f"alpha = {order:g}: Pareto noise of tail index {order + 0.2:g} in R^4, clipped at {tau:g}"
        heavy.append(_one_step(says, problem, (0.0,) * 4, tau, {"alpha": order, "G": G, "c": tau / G}, in_ball))
    return (*attained, *heavy)


def second_moment_broken() -> tuple[Prediction, ...]:
    """Return no clipping, where the values are twice the threshold that is said."""
    return (_unclipped(_spikes(1.5, 10.0, 20.0), 400.0),)


def _worst_bias(order: float, said: float = 1.0) -> Prediction:
    """Return X = alpha/(alpha - 1) or 0, clipped at 1; G is said to be 2% more, so that the bound can be shown."""
    u = order / (order - 1)
    G = 1.02 * (0.5 * u**order) ** (1 / order)
    return _one_step(
        f"alpha = {order:g}: {u:g} or 0, clipped at {_threshold(said)}", TwoPointQuadratic(p=0.5, high=u / 2),
        (u / 2,), 1.0, {"alpha": order, "G": G, "c": said / G},
        Range(always(u / 2 - 1), always(u / 2), "clip(X) is 0 or 1"), "iterate",
    )  # fmt: skip


def bias() -> tuple[Prediction, ...]:
    """Return the law for which it is an equation, and skewed Pareto noise."""
    heavy = []
    for order in ORDERS[:2]:
        problem, tau = SkewedParetoQuadratic(tail=order + 0.2), 20.0
        G = problem.noise.moment(order) ** (1 / order) * ROUNDED_UP
        inside = Range(always(-tau), always(tau), "clipped at tau")
        says = f"alpha = {order:g}: skewed Pareto noise of tail index {order + 0.2:g}, clipped at {tau:g}"
        heavy.append(_one_step(says, problem, (0.0,), tau, {"alpha": order, "G": G, "c": tau / G}, inside, "iterate"))
    return (*map(_worst_bias, ORDERS), *heavy)


def bias_broken() -> tuple[Prediction, ...]:
    """Return a threshold of 1 that is said to be 4."""
    return (_worst_bias(2.0, said=4.0),)


# ------------------------------------------------------------- a central moment: (E |X - x|^alpha)^(1/alpha) <= sigma


def _two_points(order: float, start: float, p: float, high: float, metric: str, said: float = 1.0) -> Prediction:
    """Return X = start + high with probability p, clipped at 1; every clip(X) is in [-1, 1], x within 1/2 of 0."""
    noise = TwoPoint(p=p, high=high)
    sigma = noise.moment(order) ** (1 / order) * ROUNDED_UP
    low, top = start - p * high / (1 - p), min(1.0, start + high)
    ends = sorted(((start - low), (start - top)))
    squares = sorted(e**2 for e in ends)
    certified = {
        "iterate": Range(always(ends[0]), always(ends[1]), "x - clip(X) has two values"),
        "distance_sq": Range(always(squares[0]), always(squares[1]), "clip(X) has two values"),
    }[metric]
    return _one_step(
        f"alpha = {order:g}: {start + high:g} with probability {p:g}, else {low:.4g}, clipped at {_threshold(said)}",
        TwoPointQuadratic(p=p, high=high), (start,), 1.0, {"alpha": order, "sigma": sigma, "c": said / sigma},
        certified, metric, seeds=1 << 18,
    )  # fmt: skip


def central_bias(said: float = 1.0) -> tuple[Prediction, ...]:
    """Return x = tau/2 and a rare value tau alpha/(2 (alpha - 1)) above, which is almost the worst law."""
    rare = zip(ORDERS, (0.01, 0.01, 0.1), strict=True)
    return tuple(_two_points(a, 0.5, p, a / (2 * (a - 1)), "iterate", said) for a, p in rare)


def central_bias_broken() -> tuple[Prediction, ...]:
    """Return a threshold of 1 that is said to be 4."""
    return central_bias(said=4.0)[1:]


def central_second() -> tuple[Prediction, ...]:
    """Return x = -tau/2 and a rare value tau: almost the worst law, and for alpha = 2 the bound is the variance."""
    (*strict, exact) = (_two_points(a, -0.5, 0.1, 1.5, "distance_sq") for a in ORDERS)
    return (*strict, replace(exact, relation="=="))


def central_second_broken() -> tuple[Prediction, ...]:
    """Return no clipping, under a rare value far beyond the threshold."""
    return (_unclipped(_two_points(1.5, -0.5, 0.1, 10.0, "distance_sq"), 100.0),)


# ----------------------------------------------------------------------------------------- SGD under infinite variance

CAP = 1e4


def _walk(says: str, method: Optimizer, h: float, V: float) -> Prediction:  # type: ignore[type-arg]
    return Prediction(
        says=f"{says}: E x^2 >= {V:g} h/2^(T-1)",
        problem=HeavyTailedQuadratic(spectrum=(1.0,), tail=1.5),
        optimizer=method,
        at=(1, 2, 3, 5),
        values={"lambda": 1.0, "h": h, "V": V},
        seeds=1 << 17,
        certified=Nonnegative(always(CAP), "a square"),
    )


def walks() -> tuple[Prediction, ...]:
    """Return two schedules under Pareto noise of tail index 3/2: V may be any number, here more than E min(x^2, 10).

    E min(xi^2, c) = 4 c^(1/4) - 3 grows without end, to 37 at the cap.
    """
    return (
        _walk("steps 1", SGD(lr=Constant(1.0)), 1.0, 30.0),
        _walk("steps 1/(2 sqrt(t))", SGD(lr=InvSqrt(0.5)), 0.25, 30.0),
    )


def walks_broken() -> tuple[Prediction, ...]:
    """Return clipped SGD, which is within T + 1 of 0 after T steps."""
    inside = Range(always(0.0), lambda t: (t + 1) ** 2, "steps of length 1 at most")
    return (
        replace(_walk("clipped at 1", GClip(lr=Constant(1.0), max_norm=1.0), 1.0, 30.0), at=(1,), certified=inside),
    )


# ------------------------------------------------------------------------------------------ ACClip with equal betas


def _accumulated(problem: Problem, order: float, beta2: float, bound: sp.Expr) -> Prediction:
    """Return that the effective step size, 1 where nothing is clipped and less elsewhere, has added up to T."""
    return Prediction(
        says=f"{problem.name}, alpha = {order:g}, beta1 = 0.9, beta2 = {beta2:g}",
        problem=problem,
        optimizer=ACClip(lr=Constant(1.0), betas=(0.9, beta2), alpha=order, eps=0.0),
        at=(10, 49, 50, 60, 100),
        values={},
        metric="effective_step_sum",
        ones=STEP_SIZE,
        bound=bound,
    )


def never_clips(T: sp.Symbol) -> tuple[Prediction, ...]:
    """Return one slope of 10^4 among slopes of 1; and Pareto noise, on nearly every path of which it is so."""
    exact = (_accumulated(Outlier(), order, 0.9, T) for order in ORDERS)
    heavy = HeavyTailedQuadratic(spectrum=(1.0, 1.0), tail=1.2)
    paths = (_accumulated(heavy, order, 0.9, T * (1 - sp.Rational(1, 10**9))) for order in ORDERS)
    return (
        *(replace(p, relation="==", tolerance=1e-9) for p in exact),
        *(replace(p, relation=">=", seeds=8192, probability=1e-3) for p in paths),
    )


def never_clips_broken(T: sp.Symbol) -> tuple[Prediction, ...]:
    """Return the usual betas: its threshold forgets an outlier more slowly than it follows one."""
    heavy = HeavyTailedQuadratic(spectrum=(1.0, 1.0), tail=1.2)
    often = replace(_accumulated(heavy, 1.5, 0.99, T * (1 - sp.Rational(1, 10**9))), relation=">=", seeds=8192)
    return (
        replace(_accumulated(Outlier(), 1.5, 0.99, T), relation="==", tolerance=1e-9),
        replace(often, probability=1e-3),
    )
