"""Experiments for signSGD's counterexamples (what it climbs, where it settles, a line it cannot leave) and EF-SGD."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.noise import Uniform
from lab.optimizers.efsignsgd import EFSignSGD
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD
from lab.schedules import Constant
from lab.wrappers import AddNoise
from problems.gd_worst_cases import Huber
from problems.karimireddy import NonsmoothLine, SkewedSigns, SmoothLine

GAMMA, MEAN = 2.0**-6, 0.25  # a step; the mean slope
LAW = {"A": 4.0, "B": 1.0, "p": 0.25, "gamma": GAMMA}
LINE = 1 - 1e-9  # the start's coordinates, less what rounding may lose
Q = 0.01  # probability of a seed that contradicts: none may


def climbs() -> tuple[Prediction, ...]:
    """Return the ascent without walls: f(x_T) - f(x_0) is at most gamma T/4 in size."""
    run = Prediction(
        says="no walls, steps 1/64",
        problem=SkewedSigns(projected=False),
        optimizer=SignSGD(lr=Constant(GAMMA)),
        at=(1, 10, 100),
        values=LAW,
        metric="value",
        seeds=1 << 15,
        certified=Range(lambda t: -MEAN * GAMMA * t, lambda t: MEAN * GAMMA * t, "steps of length gamma"),
    )
    return (run,)


def climbs_broken() -> tuple[Prediction, ...]:
    """Return SGD, which descends: by MEAN^2 gamma a step."""
    (p,) = climbs()
    certified = Range(lambda t: -4 * MEAN * GAMMA * t, lambda t: MEAN * GAMMA * t, "slopes 4 and -1")
    return (replace(p, says="SGD", optimizer=SGD(lr=Constant(GAMMA)), certified=certified),)


def wall(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the box [-1, 1] after 1000 steps. bound: all but 1% of the claim's, which is the limit itself."""
    run = Prediction(
        says="the box [-1, 1] after 1000 steps",
        problem=SkewedSigns(),
        optimizer=SignSGD(lr=Constant(GAMMA)),
        at=(1000,),
        values={**LAW, "r": 1.0},
        metric="suboptimality",
        bound=bound * sp.Rational(99, 100),
        seeds=1 << 14,
        certified=Range(lambda t: 0.0, lambda t: 2 * MEAN, "f on [-1, 1]"),
    )
    return (run,)


def wall_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return SGD with the same step, which goes to the other wall."""
    return tuple(replace(p, says="SGD", optimizer=SGD(lr=Constant(GAMMA))) for p in wall(bound))


def line() -> tuple[Prediction, ...]:
    """Return the nonsmooth line at every step, from beside (1, 1): there both signs of x_1 - x_2 would do."""
    run = Prediction(
        says="steps 1/64, at every step",
        problem=NonsmoothLine(),
        optimizer=SignSGD(lr=Constant(GAMMA)),
        at=tuple(range(1, 201)),
        values={"epsilon": 0.5, "r": LINE},
        metric="suboptimality",
        start=(1 + GAMMA / 2, 1 - GAMMA / 2),
    )
    return (run,)


def line_broken() -> tuple[Prediction, ...]:
    """Return the subgradient method, which leaves the line."""
    return tuple(replace(p, says="the subgradient method", optimizer=SGD(lr=Constant(GAMMA))) for p in line())


def squares() -> tuple[Prediction, ...]:
    """Return the sum of two squares: every seed stays above the line's least value."""
    run = Prediction(
        says="no seed leaves the line",
        problem=SmoothLine(),
        optimizer=SignSGD(lr=Constant(GAMMA)),
        at=(1, 10, 100, 1000),
        values={"epsilon": 0.5, "r": LINE},
        metric="suboptimality",
        seeds=2048,
        probability=Q,
    )
    return (run,)


def squares_broken() -> tuple[Prediction, ...]:
    """Return error feedback, which repairs it."""
    repaired = EFSignSGD(lr=Constant(1 / 32))
    return tuple(replace(p, says="error feedback", optimizer=repaired, at=(1000,)) for p in squares())


# ----------------------------------------------------------------- error feedback in the plane, where delta is 1/2

WIDTH = 0.5  # of the noise, uniform in each coordinate
CONVEX_STEP, SMOOTH_STEP = 0.02, 0.05
ROUND = 1 + 1e-9  # what rounding may add to a bound on the gradients


def kink(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return EF-SGD on the nonsmooth line. bound: of the mean of x_0..x_T; here T counts its points.

    Gradients have the size sqrt(5/2), so that f moves by that a length; what is held back is at most 2.42 steps long.
    """
    length, steep = factor * CONVEX_STEP, 2.5**0.5
    step = length * (steep + 2**0.5 * WIDTH)
    run = Prediction(
        says=f"the nonsmooth line, uniform noise, steps of {length:g}",
        problem=AddNoise(inner=NonsmoothLine(), law=Uniform(width=WIDTH)),
        optimizer=EFSignSGD(lr=Constant(length)),
        at=(1000,),
        values={"delta": 0.5, "gamma": CONVEX_STEP, "s2": (2.5 + 2 * WIDTH**2 / 3) * ROUND, "X0": 2.0},
        metric="average_suboptimality",
        bound=_points(bound),
        seeds=1 << 15,
        certified=Range(
            lambda t: 0.0, lambda t: 1 + steep * step * (t + 2.42), "x - e moves by gamma ||g|| a step from f = 1"
        ),
    )
    return (run,)


def kink_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, seeds=512) for p in kink(bound, 0.001))


def _points(bound: sp.Expr) -> sp.Expr:
    """Return a bound on the mean over x_0..x_T in the number of these points."""
    T = sp.Symbol("T", integer=True, positive=True)
    return bound.subs(T, T - 1)


def bowl(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return EF-SGD on Huber's function, whose slopes are at most 1 in each coordinate."""
    run = Prediction(
        says=f"Huber's function, uniform noise, steps of {factor * SMOOTH_STEP:g}",
        problem=AddNoise(inner=Huber(d=2, R=3.0, delta=1.0), law=Uniform(width=WIDTH)),
        optimizer=EFSignSGD(lr=Constant(factor * SMOOTH_STEP)),
        at=(1000,),
        values={
            "delta": 0.5, "gamma": SMOOTH_STEP, "s2": (2 + 2 * WIDTH**2 / 3) * ROUND, "Delta": 5.0, "L": 1.0, "rho": 1.0
        },
        metric="mean_grad_norm_sq",
        bound=_points(bound),
        seeds=4096,
        certified=Range(lambda t: 0.0, lambda t: 2.0, "slopes of at most 1"),
    )  # fmt: skip
    return (run,)


def bowl_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, seeds=512) for p in bowl(bound, 0.001))


GRADIENT_STEP = 0.01  # short enough for the gradient to stay what it is at the start


def lag(memory: sp.Expr) -> tuple[Prediction, ...]:
    """Return EF-SGD where the gradient c does not change, ||c||^2 = 5/2. memory: the claim's bound on ||e||^2.

    x - e moves by -gamma c, so that f(x_T) - f(x_0) + gamma T ||c||^2 = <c, e_T> <= ||c|| ||e_T||.
    """
    gamma, s2 = sp.symbols("gamma s2", positive=True)
    T = sp.Symbol("T", integer=True, positive=True)
    run = Prediction(
        says="a constant gradient: how far the descent lags behind SGD's",
        problem=NonsmoothLine(),
        optimizer=EFSignSGD(lr=Constant(GRADIENT_STEP)),
        at=(1, 2, 3, 10, 30, 100),
        since=0,
        values={"delta": 0.5, "gamma": GRADIENT_STEP, "s2": 2.5},
        start=(100.0, 50.0),
        metric="value",
        relation="<=",
        bound=sp.sqrt(s2 * memory) - gamma * s2 * T,
    )
    return (run,)


def lag_broken(memory: sp.Expr) -> tuple[Prediction, ...]:
    """Return the same signs, scaled alike, without feedback: they descend by 4/5 of that."""
    signs = SignSGD(lr=Constant(GRADIENT_STEP))
    return tuple(replace(p, says="scaled signs without feedback", optimizer=signs) for p in lag(memory))
