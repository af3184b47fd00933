"""Experiments for clipped SGD with high probability: skewed Pareto noise, and steps that are too short for the bounds.

A bound of probability 1 - beta is a statement on one seed, P(metric > bound) <= beta, which needs nothing certified.
Every theorem's step and threshold depend on the horizon, so that each horizon is a run of its own.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lab.claim import Prediction
from lab.domain import Box
from lab.noise import CentredPareto
from lab.optimizers.clipped_sstm import ClippedSSTM
from lab.optimizers.gclip import GClip
from lab.schedules import Constant
from lab.wrappers import AddNoise, Restrict
from problems.gd_worst_cases import Huber
from problems.quadratic import SkewedParetoQuadratic
from proofs_check.instances.zhang2020heavy import moment_bound, tail

SCALE, R, BETA = 0.02, 1.0, 0.01  # of the noise; the start; of failure
SHORT = 0.001  # how much shorter the steps are that break a bound
ROUND = 1 + 1e-9  # what rounding may add to a moment


def _noise(order: float, scale: float = SCALE) -> float:
    """Return sigma >= (E|xi|^order)^(1/order)."""
    return float(CentredPareto(tail=tail(order), scale=scale).moment(order) ** (1 / order) * ROUND)


# ---------------------------------------------------------------------------------- no bound on the domain: sadiev2023


def _central(order: float, T: int, metric: str, factor: float = 1.0) -> Prediction:
    """Return clipped SGD on x^2/2 from 1, with the theorem's step and threshold, steps times `factor`."""
    sigma, A = _noise(order), 1 + math.log(2 / BETA)
    start = {"R": R} if metric == "average_suboptimality" else {"Delta": R**2 / 2}
    lam = 2 * math.sqrt(2) * R + sigma * (T / A) ** (1 / order)
    return Prediction(
        says=f"alpha = {order:g}, tail index {tail(order):g}, T = {T}",
        problem=SkewedParetoQuadratic(tail=tail(order), scale=SCALE, radius=R),
        optimizer=GClip(lr=Constant(factor * R / (11 * A * lam)), max_norm=lam),
        at=(T,),
        values={"L": 1.0, **start, "sigma": sigma, "alpha": order, "beta": BETA},
        metric=metric,
        seeds=1024,
        probability=BETA,
    )


def convex() -> tuple[Prediction, ...]:
    """Return two orders, at two horizons each."""
    return tuple(_central(order, T, "average_suboptimality") for order in (1.5, 1.8) for T in (2000, 5000))


def convex_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_central(1.5, 2000, "average_suboptimality", SHORT), says="steps a thousandth as long"),)


def nonconvex() -> tuple[Prediction, ...]:
    """Return the same for the mean of ||grad f||^2."""
    return tuple(_central(order, 10_000, "mean_grad_norm_sq") for order in (1.5, 1.8))


def nonconvex_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_central(1.8, 2000, "mean_grad_norm_sq", SHORT), says="steps a thousandth as long"),)


# ------------------------------------------------------------------------------------- finite variance: gorbunov2020


def _finite(T: int, factor: float = 1.0) -> Prediction:
    """Return the recalled step and threshold, under noise whose third moment is infinite."""
    log = math.log(4 * T / BETA)
    noise = CentredPareto(tail=2.5, scale=0.02)
    return Prediction(
        says=f"tail index 5/2, T = {T}",
        problem=SkewedParetoQuadratic(tail=2.5, scale=0.02, radius=R),
        optimizer=GClip(lr=Constant(factor / (80 * log)), max_norm=2 * math.sqrt(7) * R),
        at=(T,),
        values={"L": 1.0, "R": R, "v": float(noise.variance * ROUND), "beta": BETA},
        metric="average_suboptimality",
        seeds=1024,
        probability=BETA,
    )


def batches() -> tuple[Prediction, ...]:
    """Return two horizons."""
    return _finite(4000), _finite(8000)


def batches_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_finite(3000, SHORT), says="steps a thousandth as long"),)


# ------------------------------------------------------------------- accelerated: sadiev2023 and gorbunov2020 again


def _accelerated(order: float, T: int, factor: float = 1.0) -> Prediction:
    """Return clipped-SSTM on x^2/2 from 1, a the sum of what both conditions ask for, steps times `factor`."""
    sigma, A = _noise(order), 1 + math.log(2 / BETA)
    a = 2401 * A**2 + 11 * A * sigma * (T + 1) * (T / A) ** (1 / order) / (2 * R)
    return Prediction(
        says=f"alpha = {order:g}, tail index {tail(order):g}, T = {T}",
        problem=SkewedParetoQuadratic(tail=tail(order), scale=SCALE, radius=R),
        optimizer=ClippedSSTM(a=a / factor, B=R / (11 * A)),
        at=(T,),
        values={"L": 1.0, "R": R, "sigma": sigma, "alpha": order, "beta": BETA},
        metric="suboptimality",
        seeds=1024,
        probability=BETA,
    )


def accelerated() -> tuple[Prediction, ...]:
    """Return two orders, at horizons at which the bounds are below the start."""
    return tuple(_accelerated(order, T) for order in (1.5, 1.8) for T in (2000, 8000))


def accelerated_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_accelerated(1.8, 2000, SHORT), says="steps a thousandth as long"),)


def _accelerated_finite(T: int, factor: float = 1.0) -> Prediction:
    """Return clipped-SSTM with the least a that the theorem allows, C^2 = 7."""
    noise, log = CentredPareto(tail=2.5, scale=0.01), math.log(4 * T / BETA)
    v = float(noise.variance * ROUND)
    a = max(676 * log**2, 4 * (T + 1) * math.sqrt(v * T * log / 7) / R) * ROUND
    return Prediction(
        says=f"tail index 5/2, T = {T}",
        problem=SkewedParetoQuadratic(tail=2.5, scale=0.01, radius=R),
        optimizer=ClippedSSTM(a=a / factor, B=math.sqrt(7) * R / (8 * log)),
        at=(T,),
        values={"L": 1.0, "R": R, "v": v, "a": a, "beta": BETA},
        metric="suboptimality",
        seeds=1024,
        probability=BETA,
    )


def accelerated_batches() -> tuple[Prediction, ...]:
    """Return two horizons."""
    return _accelerated_finite(4000), _accelerated_finite(8000)


def accelerated_batches_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_accelerated_finite(2000, SHORT), says="steps a thousandth as long"),)


# --------------------------------------------------------------------------------------- raw moments: nguyen2023

D, FAILS = 2.0, 0.1  # diameter of [-1, 1]; probability of failure


def _bounded(order: float, T: int, factor: float = 1.0) -> Prediction:
    """Return projected clipped SGD on [-1, 1], threshold G0 T^(1/p) and step D over it."""
    G0 = moment_bound(order)
    tau = G0 * T ** (1 / order)
    noisy = SkewedParetoQuadratic(tail=tail(order), scale=0.01, radius=1.0)
    return Prediction(
        says=f"p = {order:g}, tail index {tail(order):g}, T = {T}",
        problem=Restrict(inner=noisy, within=Box(-1.0, 1.0)),
        optimizer=GClip(lr=Constant(factor * D / tau), max_norm=tau),
        at=(T,),
        values={"D": D, "G_0": G0, "p": order, "delta": FAILS},
        metric="average_suboptimality",
        seeds=256,
        probability=FAILS,
    )


def bounded() -> tuple[Prediction, ...]:
    """Return two orders."""
    return _bounded(1.8, 10_000), _bounded(2.0, 10_000)


def bounded_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_bounded(2.0, 4000, SHORT), says="steps a thousandth as long"),)


def _flat(order: float, T: int, factor: float = 1.0) -> Prediction:
    """Return Huber's function, whose slopes are at most 1, from 3, under noise of scale 1/100."""
    G0 = moment_bound(order)
    Delta, k, s = 2.5, T ** ((order - 1) / (3 * order - 2)), T ** (1 / (3 * order - 2))
    noise = CentredPareto(tail=tail(order), scale=0.01)
    return Prediction(
        says=f"p = {order:g}, tail index {tail(order):g}, T = {T}",
        problem=AddNoise(inner=Huber(d=1, R=3.0, delta=1.0), law=noise),
        optimizer=GClip(lr=Constant(factor * math.sqrt(Delta) / (G0 * k * s)), max_norm=G0 * s),
        at=(T,),
        values={"h": math.sqrt(Delta), "G_0": G0, "p": order, "delta": FAILS},
        metric="mean_grad_norm_sq",
        seeds=256,
        probability=FAILS,
    )


def flat() -> tuple[Prediction, ...]:
    """Return two orders."""
    return _flat(1.8, 10_000), _flat(2.0, 10_000)


def flat_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_flat(2.0, 3000, SHORT), says="steps a thousandth as long"),)
