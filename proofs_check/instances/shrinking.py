"""Experiments for clipped SGD whose threshold shrinks as the error should: on x^2/2 from 1, skewed Pareto noise.

lam_t = R r^(t/2+1)/(11 A gamma) for the t-th step from 0, r = 1 - gamma mu and A = 1 + log(2/beta). L = mu = 1, so that
E = ||x - x*||^2 and E = (2/L) (f - f*) are one number. The noise is small enough for the last threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import torch

from lab.claim import Prediction
from lab.linalg import norm_sq
from lab.noise import CentredPareto
from lab.optimizer import Kind, Optimizer, Stateless
from lab.ranges import fractions, positive
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, STEP_SIZE, ByName
from problems.quadratic import SkewedParetoQuadratic
from proofs_check.instances.zhang2020heavy import tail

SCALE, R, BETA = 0.005, 1.0, 0.01  # of the noise; the start; of failure
A = 1 + math.log(2 / BETA)
GAMMA = 1 / (33 * A)
ROUND = 1 - 1e-9  # what rounding may take from the longest step


@dataclass(frozen=True, kw_only=True)
class ShrinkingClip(Optimizer[Stateless]):
    """dx_t = -lr min(1, max_norm shrink^(t-1) / ||g_t||) g_t."""

    name: ClassVar[str] = "gclip_shrinking"
    source: ClassVar[str] = "Sadiev et al., ICML 2023, arXiv 2302.00999, clipped SGD, quasi-strongly convex case"
    kind: ClassVar[Kind] = "global"
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "max_norm": GRADIENT, "shrink": PURE}

    lr: float
    max_norm: float
    shrink: float

    def validate(self) -> None:
        positive(self, "lr", "max_norm")
        fractions(self, "shrink")

    def init(self, x: Points) -> Stateless:
        del x
        return Stateless()

    def update(self, g: Points, state: Stateless, x: Points, t: Step) -> tuple[Points, Stateless]:
        del x
        lam, length = self.max_norm * self.shrink ** (t - 1), norm_sq(g).sqrt().unsqueeze(-1)
        return -self.lr * torch.where(length > lam, lam / length, 1.0) * g, state


def _run(order: float, T: int, start: dict[str, float], metric: str, factor: float = 1.0) -> Prediction:
    sigma = float(CentredPareto(tail=tail(order), scale=SCALE).moment(order) ** (1 / order) / ROUND)
    gamma = GAMMA * ROUND
    r = 1 - gamma
    return Prediction(
        says=f"alpha = {order:g}, tail index {tail(order):g}, T = {T}",
        problem=SkewedParetoQuadratic(tail=tail(order), scale=SCALE, radius=R),
        optimizer=ShrinkingClip(lr=factor * gamma, max_norm=R * r / (11 * A * gamma), shrink=r**0.5),
        at=(T,),
        values={"L": 1.0, "mu": 1.0, "gamma": gamma, "sigma": sigma, "alpha": order, "beta": BETA, **start},
        metric=metric,
        seeds=1024,
        probability=BETA,
    )


def _both(start: dict[str, float], metric: str) -> tuple[Prediction, ...]:
    return tuple(_run(order, T, start, metric) for order in (1.5, 1.8) for T in (200, 400))


def _short(start: dict[str, float], metric: str) -> tuple[Prediction, ...]:
    return (replace(_run(1.5, 400, start, metric, 0.001), says="steps a thousandth as long"),)


def strongly_convex() -> tuple[Prediction, ...]:
    """Return two orders and two horizons, at which the bound is below the start."""
    return _both({"R": R}, "distance_sq")


def strongly_convex_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return _short({"R": R}, "distance_sq")


def polyak() -> tuple[Prediction, ...]:
    """Return the same for f - f*, with Delta = R^2/2."""
    return _both({"Delta": R**2 / 2}, "suboptimality")


def polyak_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return _short({"Delta": R**2 / 2}, "suboptimality")
