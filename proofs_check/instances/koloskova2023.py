"""Experiments for both sides of clipping: what it costs without noise, and the point where skewed noise holds it."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.optimizers.gclip import GClip
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.units import STEP_SIZE
from problems.clipping_hard import ZhangExponential, ZhangPlateau
from problems.heavy_tails import ClipBias

AT = (1, 10, 100, 1000)


# ------------------------------------------------------------------------------------------------- without noise


def smooth(bound: sp.Expr, eta: float | None = None) -> tuple[Prediction, ...]:
    """Return the plateau, where |f'| <= 1/5: clipped at half of it, with eta = 1/L. bound: the claim's, squared."""
    problem = ZhangPlateau(eps=0.1, Delta=1.0)
    said = 1 / problem.constants["L"].value
    run = Prediction(
        says=f"the plateau, steps {eta or said:.3g}, clipped at 0.1",
        problem=problem,
        optimizer=GClip(lr=Constant(eta or said), max_norm=0.1),
        at=AT,
        values={"eta": said, "c": 0.1, "L": problem.constants["L"].value, "Delta": 1.0},
        metric="best_grad_norm_sq",
        bound=bound,
    )
    return (run,)


def smooth_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long: it does not leave the slope."""
    return tuple(replace(p, at=(1000,)) for p in smooth(bound, eta=0.003))


def generalised(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return the exponential from a slope of 100, clipped at 1 with eta = 1/(9 (L0 + L1))."""
    problem = ZhangExponential(M=100.0)
    run = Prediction(
        says=f"the exponential, steps {factor / 18:.3g}, clipped at 1",
        problem=problem,
        optimizer=GClip(lr=Constant(factor * (1 - 1e-9) / 18), max_norm=1.0),
        at=(10, 50, 100, 150),
        values={"eta": (1 - 1e-9) / 18, "c": 1.0, "L_0": 1.0, "L_1": 1.0, "Delta": 100.0},
        metric="best_grad_norm_sq",
        bound=bound,
    )
    return (run,)


def generalised_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, at=(150,)) for p in generalised(bound, factor=0.001))


# ---------------------------------------------------------------------------------------------------- with noise

STEP, STEPS = 0.02, 500


def _mean(says: str, sigma: float, s: float, c: float, values: dict[str, float]) -> Prediction:
    """Return the mean of x after 500 clipped steps from 0: each is at most STEP c long, and none up from sigma s."""
    return Prediction(
        says=says,
        problem=ClipBias(sigma=sigma, s=s),
        optimizer=GClip(lr=Constant(STEP), max_norm=c),
        at=(STEPS,),
        values=values,
        metric="iterate",
        ones=STEP_SIZE,  # the gradient is x
        seeds=1 << 16,
        certified=Range(
            lambda t: -STEP * c * t, lambda t: sigma * s + STEP * c, "clipped steps; the noise is >= -s sigma"
        ),
    )


def fixed_point() -> tuple[Prediction, ...]:
    """Return s = 1/4, clipped at 1: the mean goes to 3/16."""
    return (_mean("s = 1/4, clipped at 1", 1.0, 0.25, 1.0, {"sigma": 1.0, "s": 0.25, "c": 1.0}),)


def unclipped() -> Prediction:
    """Return SGD, whose mean is 0; |x| <= 4, the largest noise."""
    (p,) = fixed_point()
    bounded = Range(lambda t: -4.0, lambda t: 4.0, "x+ is a mean of x and -noise, of size 4 at most")
    return replace(p, says="SGD", optimizer=SGD(lr=Constant(STEP)), certified=bounded, seeds=1 << 14)


def fixed_point_broken() -> tuple[Prediction, ...]:
    """Return SGD."""
    return (unclipped(),)


def not_below() -> tuple[Prediction, ...]:
    """Return noise of variance 1 that holds it at 0.41, where the bound is 1/4."""
    return (_mean("s = 3/4, clipped at 3/5", 1.0, 0.75, 0.6, {"sigma": 1.0, "c": 0.6}),)


def not_below_broken() -> tuple[Prediction, ...]:
    """Return SGD."""
    return (replace(unclipped(), values={"sigma": 1.0, "c": 0.6}),)


def not_above(c: float = 1.0) -> tuple[Prediction, ...]:
    """Return the same point against the bound from above, 1/2."""
    return (replace(fixed_point()[0], values={"sigma": 1.0, "c": c}),)


def not_above_broken() -> tuple[Prediction, ...]:
    """Return a threshold of 1 that is said to be 4."""
    return not_above(c=4.0)
