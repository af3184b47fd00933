"""Experiments for normalised steps: of known length, so that a mean gradient norm has a certified range."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.noise import CentredPareto
from lab.optimizers.mix_clip import MomClip
from lab.optimizers.normalized import NGD, NSGDM
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD
from lab.schedules import Constant
from lab.transforms.gradients import ClipNorm
from lab.units import STEP_SIZE
from lab.wrappers import Minibatch
from problems.heavy_tails import NormalizationFloor
from problems.quadratic import SkewedParetoQuadratic

START, SHORT = 1.0, 0.001  # of x^2/2; how much shorter the steps are that break a bound
ROUND = 1 + 1e-9  # what rounding may add to a moment


def _noise(order: float, tail: float, scale: float) -> float:
    """Return sigma >= (E|xi|^order)^(1/order)."""
    return float(CentredPareto(tail=tail, scale=scale).moment(order) ** (1 / order) * ROUND)


def _walk(length: float) -> Range:
    """Return what steps of a fixed length from 1 allow |x|, the slope of x^2/2, and its mean."""
    return Range(lambda t: 0.0, lambda t: START + length * t, f"steps of length {length:.3g} from 1")


def _square(tail: float, scale: float) -> SkewedParetoQuadratic:
    return SkewedParetoQuadratic(tail=tail, scale=scale, radius=START)


# ------------------------------------------------------------------------------------- momentum, finite variance


def momentum(factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return the theorem's steps and weight under noise whose third moment is infinite."""
    T, Delta, sigma = 2000, START**2 / 2, _noise(2.0, 2.5, 0.05)
    a = min(1.0, math.sqrt(Delta / T) / sigma)
    length = factor * math.sqrt(Delta * a / (2.5 * T))
    run = Prediction(
        says=f"tail index 5/2, steps of length {length:.3g}",
        problem=_square(2.5, 0.05),
        optimizer=NSGDM(lr=Constant(length), momentum=1 - a),
        at=(T,),
        values={"L": 1.0, "Delta": Delta, "sigma": sigma},
        metric="mean_grad_norm",
        seeds=1 << 14,
        certified=_walk(length),
    )
    return (run,)


def momentum_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, seeds=256) for p in momentum(SHORT))


# ----------------------------------------------------------------------------- momentum and clipping, with certainty


def clipped() -> tuple[Prediction, ...]:
    """Return momentum from 0 of clipped gradients, normalised: MomClip with an lr that leaves only its gamma.

    The steps' length keeps |x| below 1 + eta T, where the gradients have the moment G_0.
    """
    p, T, a, delta, eta = 1.8, 2000, 0.02, 0.01, 0.002
    G0 = START + eta * T + _noise(p, 1.9, 0.01)
    run = Prediction(
        says=f"tail index 1.9, steps of length {eta:g}",
        problem=_square(1.9, 0.01),
        optimizer=ClipNorm(inner=MomClip(lr=Constant(1e12), gamma=eta, momentum=1 - a), max_norm=G0 * a ** (-1 / p)),
        at=(100, T),
        values={"eta": eta, "a": a, "L": 1.0, "Delta": START**2 / 2, "G_0": G0, "p": p, "delta": delta},
        metric="mean_grad_norm",
        seeds=2048,
        probability=delta,
    )
    return (run,)


def clipped_broken() -> tuple[Prediction, ...]:
    """Return steps of 3 g, not normalised: |x| doubles in each."""
    (p,) = clipped()
    return (replace(p, says="steps of 3 g, as long as they come", optimizer=SGD(lr=Constant(3.0)), at=(100,)),)


# ------------------------------------------------------------------------------------------------------- batches


def minibatch(factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return batches of 16 and of 64 with the best step; no momentum."""
    T, order, Delta = 200, 1.5, START**2 / 2
    length = factor * math.sqrt(2 * Delta / T)
    return tuple(
        Prediction(
            says=f"tail index 1.6, batches of {size}, steps of length {length:.3g}",
            problem=Minibatch(inner=_square(1.6, 0.02), size=size),
            optimizer=NGD(lr=Constant(length)),
            at=(T,),
            values={"L": 1.0, "Delta": Delta, "B": size, "sigma": _noise(order, 1.6, 0.02), "p": order},
            metric="mean_grad_norm",
            seeds=1 << 12,
            certified=_walk(length),
        )
        for size in (16, 64)
    )


def minibatch_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, seeds=256) for p in minibatch(SHORT))


def floor() -> tuple[Prediction, ...]:
    """Return normalised SGD from 0 on the noise of each batch size: after 2000 steps of 1/500 it hangs at the floor."""
    return tuple(_hanging(p, size) for p, size in ((1.5, 1), (1.5, 5), (2.0, 5)))


def _hanging(order: float, size: int) -> Prediction:
    step = 0.002
    return Prediction(
        says=f"p = {order:g}, batches of {size}",
        problem=NormalizationFloor(p=order, batch=size),
        optimizer=NGD(lr=Constant(step)),
        at=(2000,),
        values={"B": size, "sigma": 1.0, "p": order},
        metric="iterate",
        ones=STEP_SIZE,  # the gradient is x
        seeds=1 << 12,
        certified=Range(lambda t: -step * t, lambda t: step * t, "steps of length 1/500 from 0"),
    )


def floor_broken() -> tuple[Prediction, ...]:
    """Return SGD, whose mean is 0; it stays between minus the largest noise and the floor."""
    p = replace(_hanging(1.5, 5), says="SGD", optimizer=SGD(lr=Constant(0.002)), at=(200,))
    high = NormalizationFloor(p=1.5, batch=5).high()
    return (replace(p, certified=Range(lambda t: -high - 1, lambda t: high + 1, "x+ is a mean of x and -noise")),)


# --------------------------------------------------------------------------------------------------- signs, d = 1


def signs(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return signSGD with a batch as large as the horizon. bound: of the mean norm, which the theorem squares."""
    T, sigma = 64, _noise(2.0, 2.5, 0.5)
    step = factor / math.sqrt(T)
    run = Prediction(
        says=f"tail index 5/2, 64 steps of {step:.3g} with batches of 64",
        problem=Minibatch(inner=SkewedParetoQuadratic(tail=2.5, scale=0.5, radius=2.0), size=T),
        optimizer=SignSGD(lr=Constant(step)),
        at=(T,),
        values={"Delta": 2.0, "L1": 1.0, "sigma_1": sigma},
        metric="mean_grad_norm",
        bound=bound,
        seeds=1 << 12,
        certified=Range(lambda t: 0.0, lambda t: 2 + step * t, f"steps of {step:.3g} from 2"),
    )
    return (run,)


def signs_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return tuple(replace(p, seeds=256) for p in signs(bound, SHORT))
