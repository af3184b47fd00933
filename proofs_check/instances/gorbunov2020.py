"""Experiments for the toy: one second moment under normal and under Weibull noise, 4th moment 10^5 times the normal's.

Burr noise has no fourth moment, so that nothing certifies a squared norm's mean under it.
"""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction, Variance
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.gorbunov_toy import GorbunovToy

D, H, AT = 10, 0.001, (30, 100, 300)
START = tuple(i / 100 for i in range(D))


def spread(problem: GorbunovToy, t: float) -> float:
    """Return a bound on Var ||x_t||^2: coordinates are independent, each m + y, m = (1 - h)^t x_0.

    Var (m + y)^2 = k4 + 2 v^2 + 4 m k3 + 4 m^2 v, with y's cumulants those of the noise times sums of powers; m >= 0,
    and k3 <= 0, as the noise is skewed to the right and steps are against it.
    """
    left = 1 - H
    v = H**2 * (1 - left ** (2 * t)) / (1 - left**2)
    k4 = H**4 * max(0.0, problem.noise.moment(4.0) - 3) * (1 - left ** (4 * t)) / (1 - left**4)
    return float(sum(k4 + 2 * v**2 + 4 * (left**t * x) ** 2 * v for x in START) * (1 + 1e-6))


def laws() -> tuple[Prediction, ...]:
    """Return the two laws with a fourth moment."""
    return _of("gaussian"), _of("weibull")


def _of(law: str) -> Prediction:
    toy = GorbunovToy(law=law, d=D)
    return Prediction(
        says=f"{law} noise, d = 10, steps of 1/1000",
        problem=toy,
        optimizer=SGD(lr=Constant(H)),
        at=AT,
        values={"h": H, "n": float(D), "s2": 1.0, "X_0": sum(x * x for x in START)},
        seeds=1 << 13,
        certified=Variance(lambda t: spread(toy, t), "the cumulants of a linear recursion with independent noise"),
    )


def laws_broken() -> tuple[Prediction, ...]:
    """Return steps twice as long as they are said to be; no more than 4 times the spread."""
    p = _of("gaussian")
    doubled = Variance(lambda t: 16 * spread(GorbunovToy(law="gaussian", d=D), t), "each cumulant at most 16 times")
    return (
        replace(p, says="steps of 1/500", optimizer=SGD(lr=Constant(2 * H)), at=(300,), seeds=4096, certified=doubled),
    )
