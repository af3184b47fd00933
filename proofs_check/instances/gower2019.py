"""Experiments for SGD under expected smoothness, which for additive noise is smoothness: the law is known exactly."""

from __future__ import annotations

import math
from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from proofs_check.instances import normal_law as law
from proofs_check.instances.bottou2018 import AT, NOISE, RADIUS, C, L, quadratic, spread
from proofs_check.instances.step_sizes import FixedThenFalling


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


SETTLED = 4 * math.ceil(L / C)  # rounds with a fixed step


def falling(said: float = C, optimizer: SGD | None = None) -> tuple[Prediction, ...]:
    """Return 16 fixed steps 1/(2 Lc), and falling ones from there on."""
    lr = FixedThenFalling(1 / (2 * L), said, float(SETTLED))
    run = Prediction(
        says="16 fixed steps, then falling ones",
        problem=quadratic(),
        optimizer=optimizer or SGD(lr=lr),
        at=(SETTLED, 17, 30, 100, 300),
        values={"Lc": L, "mu": said, "R": RADIUS * (1 + 1e-12), "s2": NOISE, "N": SETTLED / 4},
        seeds=1 << 15,
        certified=law.certified(spread(lr, max(AT), (1.0, 1.0))),
    )
    return (run,)


def falling_broken() -> tuple[Prediction, ...]:
    """Return the fixed step for all rounds: its floor stays."""
    lr = Constant(1.5)
    (run,) = falling(optimizer=SGD(lr=lr))
    certified = law.certified(spread(lr, max(AT), (1.0, 1.0)))
    return (replace(run, says="steps 3/2 for ever", at=(300,), seeds=4096, certified=certified),)
