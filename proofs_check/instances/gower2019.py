"""Experiments for SGD under expected smoothness, which for additive noise is smoothness: the law is known exactly."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from proofs_check.instances import normal_law as law
from proofs_check.instances.bottou2018 import AT, NOISE, RADIUS, C, L, quadratic, spread


def fixed(gamma: float = 0.5, said: float = 0.5) -> tuple[Prediction, ...]:
    """Return the whole curve with a constant step."""
    lr = Constant(gamma)
    run = Prediction(
        says=f"steps {gamma:g}",
        problem=quadratic(),
        optimizer=SGD(lr=lr),
        at=AT,
        values={"Lc": L, "mu": C, "R": RADIUS * (1 + 1e-12), "s2": NOISE, "gamma": said},
        seeds=1 << 15,
        certified=law.certified(spread(lr, max(AT), (1.0, 1.0))),
    )
    return (run,)


def fixed_broken() -> tuple[Prediction, ...]:
    """Return steps fifteen times as long as they are said to be: a higher floor."""
    return (replace(fixed(gamma=1.5, said=0.1)[0], at=(300,), seeds=4096),)
