"""Experiments for LARS and LAMB: one layer whose norm is known to stay in an annulus, layers of signs, skewed noise.

Where there is no noise its deviation, which the claims take to be positive, is given as 1e-9.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lab.claim import Prediction, Range
from lab.optimizers.lamb import LAMB
from lab.optimizers.lars import LARS
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.wrappers.coordinates import Shift
from lab.wrappers.oracles import Minibatch
from problems.layered import LayeredQuadratic
from problems.quadratic import NoisyQuadratic, TwoPointQuadratic

SILENT = 1e-9


def lars(lr: float) -> LARS:
    """Return the LARS of the claims: no momentum, no decay."""
    return LARS(lr=Constant(lr), momentum=0.0, trust_coefficient=1.0)


def signs(lr: float, lo: float, hi: float) -> LAMB:
    """Return LAMB with u = sign(g) and phi clipped to [lo, hi]."""
    return LAMB(lr=Constant(lr), betas=(0.0, 0.0), eps=0.0, clip=True, gamma=(lo, hi))


def best_rate(Delta: float, L1: float, hi: float, T: int) -> float:
    """Return the learning rate that the bounds are for."""
    return math.sqrt(2 * Delta / (L1 * T)) / hi


# ------------------------------------------------------------------------------------------------------------- LARS


def _from_the_side(T: int, factor: float = 1.0) -> Prediction:
    """Return ||x - c||^2/2 in the plane from x orthogonal to c, both of norm 1, so that f(x) = 1.

    Every iterate is on the line through x and c, no nearer to 0 than 2^(-1/2), and passes c by less than one step.
    """
    Delta, L1, lo, hi = 1.0, 1.0, 0.7, 1.5
    return Prediction(
        says=f"without noise, T = {T}",
        problem=LayeredQuadratic(shapes=((2,),), curvatures=(L1,), centres=(1.0,), radii=(1.0,)),
        optimizer=lars(factor * best_rate(Delta, L1, hi, T)),
        at=(T,),
        values={"Delta": Delta, "L1": L1, "sigma_1": SILENT, "b": 1.0, "alpha_l": lo, "alpha_u": hi},
        metric="mean_grad_norm",
        start=(math.sqrt(0.5), -math.sqrt(0.5)),
    )


def _batches(T: int = 100, factor: float = 1.0) -> Prediction:
    """Return (x - 1)^2/2 from 1.05 with batches of 4 normal gradients.

    A step multiplies x by 1 - eta or 1 + eta, so that the norm stays in 1.05 (1 -+ eta)^T, inside [lo, hi].
    """
    away, sigma, b, lo, hi = 0.05, 0.004, 4, 0.75, 1.5
    eta = factor * best_rate(away**2 / 2, 1.0, hi, T)
    assert lo <= (1 + away) * (1 - eta) ** T <= (1 + away) * (1 + eta) ** T <= hi
    noisy = NoisyQuadratic(spectrum=(1.0,), sigma=sigma, radius=away)
    return Prediction(
        says=f"batches of {b}, T = {T}",
        problem=Minibatch(inner=Shift(inner=noisy, by=(1.0,)), size=b),
        optimizer=lars(eta),
        at=(T,),
        values={
            "Delta": away**2 / 2, "L1": 1.0, "sigma_1": sigma, "b": float(b), "alpha_l": lo, "alpha_u": hi
        },
        seeds=1 << 14,
        metric="mean_grad_norm",
        certified=Range(lambda t: 0.0, lambda t: hi - 1, "|x - 1| for x in [0.75, 1.5]"),
    )  # fmt: skip


def layer() -> tuple[Prediction, ...]:
    """Return one layer, without noise and with it, each with the learning rate of its horizon."""
    return (*(_from_the_side(T) for T in (3, 10, 20)), _batches())


def layer_broken() -> tuple[Prediction, ...]:
    """Return learning rates a hundred times too small."""
    return (
        replace(_from_the_side(20, 0.01), says="a hundredth of the rate, no noise"),
        replace(_batches(factor=0.01), says="a hundredth of the rate"),
    )


# ------------------------------------------------------------------------------------------------------------- LAMB


def _equal_coordinates(T: int, factor: float = 1.0) -> Prediction:
    """Return ||x - c||^2/2, two layers of two weights, all coordinates alike: ||grad||_1 / sqrt(d) is ||grad||."""
    Delta, L1, lo, hi = 4 * 0.3**2 / 2, 2.0, 0.5, 2.0
    return Prediction(
        says=f"two layers without noise, T = {T}",
        problem=LayeredQuadratic(shapes=((2,), (2,)), curvatures=(1.0, 1.0), centres=(math.sqrt(2),) * 2,
                                 radii=(1.0, 1.0)),
        optimizer=signs(factor * best_rate(Delta, L1, hi, T), lo, hi),
        at=(T,),
        values={
            "Delta": Delta, "L1": L1, "sigma_1": SILENT, "b": 1.0, "alpha_l": lo, "alpha_u": hi, "h": 2.0, "d": 4.0
        },
        metric="mean_grad_norm",
        start=(0.7,) * 4,
    )  # fmt: skip


def _one_weight(T: int = 100, factor: float = 1.0) -> Prediction:
    """Return x^2/2 from 1 with batches of 4; a step is no longer than eta hi."""
    sigma, b, lo, hi = 0.05, 4, 0.5, 1.0
    eta = factor * best_rate(0.5, 1.0, hi, T)
    return Prediction(
        says=f"one weight, batches of {b}, T = {T}",
        problem=Minibatch(inner=NoisyQuadratic(spectrum=(1.0,), sigma=sigma, radius=1.0), size=b),
        optimizer=signs(eta, lo, hi),
        at=(T,),
        values={
            "Delta": 0.5, "L1": 1.0, "sigma_1": sigma, "b": float(b), "alpha_l": lo, "alpha_u": hi, "h": 1.0, "d": 1.0
        },
        seeds=1 << 14,
        metric="mean_grad_norm",
        certified=Range(lambda t: 0.0, lambda t: 1 + eta * hi * t, "steps of length eta hi"),
    )  # fmt: skip


def sign_layers() -> tuple[Prediction, ...]:
    """Return layers of signs, without noise and with it, each with the learning rate of its horizon."""
    return (*(_equal_coordinates(T) for T in (3, 6, 12)), _one_weight())


def sign_layers_broken() -> tuple[Prediction, ...]:
    """Return learning rates a hundred times too small."""
    return (
        replace(_equal_coordinates(100, 0.01), says="a hundredth of the rate, no noise"),
        replace(_one_weight(factor=0.01), says="a hundredth of the rate"),
    )


# ---------------------------------------------------------------------------------------- skewed noise, and growth


def _skewed(says: str, x: float, p: float, step: float = 2.0**-5) -> Prediction:
    """Return one step from x with noise -1, the rare one (1 - p)/p; LARS has the learning rate gamma/x."""
    return Prediction(
        says=says,
        problem=TwoPointQuadratic(spectrum=(1.0,), p=p, high=(1 - p) / p, radius=x),
        optimizer=lars(step / x),
        at=(1,),
        since=0,
        values={"gamma": step, "p": p, "x": x},
        seeds=1 << 14,
        metric="distance_sq",
        certified=Range(lambda t: (x - step) ** 2, lambda t: (x + step) ** 2, "a step of length gamma from x"),
        tolerance=0.1,
    )


def drifts() -> tuple[Prediction, ...]:
    """Return two starts under LARS, and one under LAMB, for which gamma is phi."""
    far = _skewed("LARS, x = 1/2, p = 1/8", 0.5, 0.125)
    clipped = replace(far, says="LAMB, x = 1/2, p = 1/8", optimizer=signs(2.0**-5, 1.0, 1.0))
    return far, _skewed("LARS, x = 1/4, p = 1/4", 0.25, 0.25), clipped


def drifts_broken() -> tuple[Prediction, ...]:
    """Return SGD, whose mean goes down whatever the skew."""
    far, *_ = drifts()
    gamma, rare = 2.0**-5, 7.0
    certified = Range(lambda t: 0.0, lambda t: (0.5 + gamma * (rare + 1)) ** 2, "gradients between -1/2 and 15/2")
    return (replace(far, says="SGD", optimizer=SGD(lr=Constant(gamma)), certified=certified),)


def grows() -> tuple[Prediction, ...]:
    """Return a weight on its way to 10^6: (x - 10^6)^2/2 from 1, where every step of both methods points outwards."""
    eta = 0.125
    steady = Prediction(
        says="LARS on its way to 10^6: attained",
        problem=LayeredQuadratic(shapes=((1,),), curvatures=(1.0,), centres=(1e6,), radii=(1.0,)),
        optimizer=lars(eta),
        at=(1, 3, 10, 30, 100),
        values={"eta": eta, "R": 1.0},
        metric="iterate",
        relation="==",
        tolerance=1e-9,
    )
    lamb = LAMB(lr=Constant(eta), betas=(0.0, 0.0), eps=0.0)
    above = replace(steady, says="LAMB, a learning rate 1% smaller", relation=None, tolerance=0.1, at=(1, 3, 10))
    return (
        steady,
        replace(steady, says="LAMB on its way to 10^6: attained", optimizer=lamb),
        replace(above, optimizer=replace(lamb, lr=Constant(0.99 * eta))),
    )


def grows_broken() -> tuple[Prediction, ...]:
    """Return gradient descent, whose steps have the gradient's length."""
    steady, *_ = grows()
    return (replace(steady, says="gradient descent", optimizer=SGD(lr=Constant(0.125)), relation=None),)
