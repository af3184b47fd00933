"""Experiments for SGD on (L0, L1)-smooth functions under bounded noise: fixed steps, and steps that are always clipped.

On cosh from x_1 with noise +-tau, tau <= sinh x_1, and steps h with h cosh x_1 <= 1: x - h (sinh x +- tau) rises with x
and stays in [-x_1, x_1], so that |f'| <= M = sinh x_1 on every path, and its mean square lies in [0, M^2].
"""

from __future__ import annotations

import math

import sympy as sp

from lab.claim import Prediction, Range
from lab.noise import Rademacher
from lab.optimizers.normalized import NGD
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.wrappers import AddNoise
from problems.gd_worst_cases import Huber
from problems.generalized_smooth import Cosh


def _known(Delta: float, tau: float, M: float | None = None) -> dict[str, float]:
    steepest = {} if M is None else {"M": M}
    return {"L0": 1.0, "L1": 1.0, "Delta": Delta, "tau": tau, **steepest}


def _cosh(M: float, tau: float, T: int, h: float, *, told_M: bool, seeds: int) -> Prediction:
    x = math.asinh(M)
    return Prediction(
        says=f"cosh from slope {M:g}, noise +-{tau:g}, {T} steps {h:.3g}",
        problem=AddNoise(inner=Cosh(first=x), law=Rademacher(sigma=tau)),
        optimizer=SGD(lr=Constant(h)),
        at=(T,),
        values=_known(math.cosh(x) - 1 + 1e-9, tau, M * (1 + 1e-9) if told_M else None),
        metric="mean_grad_norm_sq",
        seeds=seeds,
        certified=Range(lambda t: 0.0, lambda t: M**2, "no step leads out of [-x_1, x_1]"),
    )


# ------------------------------------------------------------------------------------------------ clipped (Theorem 7)


def clipped(small: sp.Expr) -> tuple[Prediction, ...]:
    """Return noisy slopes so small that h = eta, and slopes so large that h = 1/(16 L1 (||g|| + tau)) at every step.

    The mean of min(||f'||^2, ||f'||/(32 L1 eta)) is at most that of either; `small` is the bound of the second.
    """
    gentle = tuple(_cosh(0.9, 0.15, T, T**-0.5, told_M=False, seeds=2048) for T in (400, 1600))
    return (*gentle, _always_clipped(small))


def clipped_broken() -> tuple[Prediction, ...]:
    """Return steps a tenth as long."""
    return (_cosh(0.9, 0.15, 400, 0.005, told_M=False, seeds=2048),)


def _always_clipped(small: sp.Expr) -> Prediction:
    """Return 1600 steps down a slope of 3: ||g|| + tau >= 3 > sqrt(T)/16, and they are 1/16 long at most."""
    start, tau = 105.0, 0.3
    return Prediction(
        says="slope 3, noise +-0.3: every step of 1600 is clipped",
        problem=AddNoise(inner=Huber(d=1, delta=3.0, R=start), law=Rademacher(sigma=tau)),
        optimizer=NGD(lr=Constant(1 / 16), eps=tau),
        at=(1600,),
        values=_known(3 * start - 4.5, tau),
        metric="mean_grad_norm",
        bound=small,
        seeds=256,
        certified=Range(lambda t: 0.0, lambda t: 3.0, "slopes of at most 3"),
    )


# ------------------------------------------------------------------------------------------ not clipped (Theorem 8)


def unclipped() -> tuple[Prediction, ...]:
    """Return h = 1/sqrt(T), which is below 1/(L1 (M + tau)) = 2/3, at three horizons."""
    return tuple(_cosh(1.0, 0.5, T, T**-0.5, told_M=True, seeds=2048) for T in (100, 400, 1600))


def unclipped_broken() -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    return (_cosh(1.0, 0.5, 400, 0.0005, told_M=True, seeds=2048),)
