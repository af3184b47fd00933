"""Experiments for clipped SGD on smooth problems: rare noise beyond the threshold, on ||x||^2/2.

The theorems bound the mean of E min(g^2/4, tau g/8), the runs the larger mean of E g^2/4. The noise is 0 but for
+-100 sigma with probability 100^-alpha, so that E |noise|^alpha = sigma^alpha, and c = 80. A step leads away from 0
only where it has noise, and then by eta tau at most: |x_k| <= |x_0| + eta tau N, N the number of such steps. Hence
Var(mean of ||x_k||^2) <= d^2 E (|x_0| + eta tau N)^4.
"""

from __future__ import annotations

import math

import sympy as sp

from lab.claim import Prediction, Variance
from lab.optimizers.cclip import CClip
from lab.optimizers.gclip import GClip
from lab.schedules import Constant
from problems.quadratic import SpikyQuadratic

C, SIZE = 80 * (1 + 1e-9), 100.0
WHY = "|x_k| <= |x_0| + eta tau N, N binomial: the number of noisy steps"


def fourth_moment(first: float, jump: float, mean: float) -> float:
    """Return a bound on E (first + jump N)^4 for N binomial, its factorial moments being at most mean^j."""
    m = mean
    moments = (1.0, m, m + m**2, m + 3 * m**2 + m**3, m + 7 * m**2 + 6 * m**3 + m**4)
    return sum(math.comb(4, j) * first ** (4 - j) * jump**j * moments[j] for j in range(5))


def _noisy(order: float, sigma: float, d: int, radius: float) -> SpikyQuadratic:
    return SpikyQuadratic(spectrum=(1.0,) * d, radius=radius, p=SIZE**-order, size=SIZE * sigma)


def _spread(order: float, sigma: float, eta: float, first: float, d: int) -> Variance:
    return Variance(lambda t: d**2 * fourth_moment(first, eta * C * sigma, t * SIZE**-order), WHY)


# ------------------------------------------------------------------------------------------------------- any step


def _given(order: float, four: sp.Expr, factor: float = 1.0) -> Prediction:
    """Return 100 steps 1/10 from 1, noise of sigma = 1/20: five where it comes, clipped at four."""
    sigma, eta = 0.05, 0.1
    return Prediction(
        says=f"alpha = {order:g}: 100 steps {factor * eta:g}",
        problem=_noisy(order, sigma, 1, 1.0),
        optimizer=GClip(lr=Constant(factor * eta), max_norm=C * sigma),
        at=(100,),
        values={"alpha": order, "Delta": 0.5, "L": 1.0, "sigma": sigma, "eta": eta, "c": C},
        metric="mean_grad_norm_sq",
        bound=four,
        seeds=4096,
        certified=_spread(order, sigma, factor * eta, 1.0, 1),
    )


def given(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return three orders of the moment. four: four times the bound."""
    return tuple(_given(order, four) for order in (1.2, 1.5, 1.8))


def given_broken(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    return (_given(1.5, four, factor=0.01),)


# ----------------------------------------------------------------------------------------------------- tuned steps


def _tuned(order: float, T: int, four: sp.Expr, further: float = 1.0) -> Prediction:
    """Return the theorem's steps, c = 80 by choice of Delta: far enough that the bound is below the first slope."""
    gap, eta = T / C ** (3 * order - 2), C**-order / 10
    first = further * math.sqrt(2 * gap)
    return Prediction(
        says=f"alpha = {order:g}: {T} steps {eta:.3g} from {first:.3g}",
        problem=_noisy(order, 1.0, 1, first),
        optimizer=GClip(lr=Constant(eta), max_norm=C),
        at=(T,),
        values={"alpha": order, "Delta": gap, "L": 1.0, "sigma": 1.0},
        metric="mean_grad_norm_sq",
        bound=four,
        seeds=2048,
        certified=_spread(order, 1.0, eta, first, 1),
    )


def tuned(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return two orders of the moment. four: four times the bound."""
    return (_tuned(1.2, 12_000, four), _tuned(1.5, 50_000, four))


def tuned_broken(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return a start ten times further off than is said, at a horizon at which that matters."""
    return (_tuned(1.2, 100, four, further=10.0),)


# ------------------------------------------------------------------------------------------------- by coordinates


def _coordinates(order: float, T: int, four: sp.Expr, further: float = 1.0) -> Prediction:
    """Return four coordinates from 5, noise of sigma_i = 1/10."""
    sigma, first, d, eta = 0.1, 5.0, 4, C**-order / 10
    return Prediction(
        says=f"alpha = {order:g}: {T} steps {eta:.3g} in R^4 from {further * first:.3g}",
        problem=_noisy(order, sigma, d, further * first * d**0.5),
        optimizer=CClip(lr=Constant(eta), clip_value=C * sigma),
        at=(T,),
        values={"alpha": order, "Delta": d * first**2 / 2, "L": 1.0, "N2": d * sigma**2, "c": C},
        metric="mean_grad_norm_sq",
        bound=four,
        seeds=2048,
        certified=_spread(order, sigma, eta, further * first, d),
    )


def coordinates(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return two orders of the moment. four: four times the bound."""
    return (_coordinates(1.2, 12_000, four), _coordinates(1.4, 25_000, four))


def coordinates_broken(four: sp.Expr) -> tuple[Prediction, ...]:
    """Return a start ten times further off than is said, at a horizon at which that matters."""
    return (_coordinates(1.2, 100, four, further=10.0),)
