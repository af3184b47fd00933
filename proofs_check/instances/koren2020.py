"""Experiments for the walk of constant-step SGD on eps |x|, whose law from 0 rises to the geometric one."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction, Variance
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.coins import ReflectedWalk

EPS, LR = 0.2, 2.0**-4


def _second_moment(eps: float) -> float:
    """Return E N^2 of the geometric law with ratio r = (1 - eps)/(1 + eps), above that of |x_t|/lr at every t."""
    r = (1 - eps) / (1 + eps)
    return r * (1 + r) / (1 - r) ** 2


def settled() -> tuple[Prediction, ...]:
    """Return the gap after 1000 steps: the walk forgets by sqrt(1 - eps^2) a step, in all by 1e-9."""
    why = "|x_t|/lr is a monotone walk from 0, below its geometric limit law at every t"
    return (
        Prediction(
            says=f"eps = {EPS:g}, steps 1/16",
            problem=ReflectedWalk(eps=EPS),
            optimizer=SGD(lr=Constant(LR)),
            at=(1000,),
            values={"eta": LR, "eps": EPS},
            metric="suboptimality",
            seeds=1 << 16,
            certified=Variance(lambda t: (EPS * LR) ** 2 * _second_moment(EPS), why),
            tolerance=0.05,
        ),
    )


def settled_broken() -> tuple[Prediction, ...]:
    """Return half the step, which settles at half the gap."""
    (p,) = settled()
    return (replace(p, says="half the step", seeds=1 << 12, optimizer=SGD(lr=Constant(LR / 2))),)
