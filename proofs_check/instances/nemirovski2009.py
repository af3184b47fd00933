"""Runs for `proofs_check.claims.nemirovski2009`: steps c/t that are too short, half as long, and right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import lab
from lab.claim import Prediction
from problems.quadratic import NoisyQuadratic
from proofs_check.instances import normal_law as law


def slow() -> tuple[Prediction, ...]:
    """Return the run with steps 1/t: mu = 1/5 is taken for 1."""
    return (_run("steps 1/t", 1.0),)


def slow_broken() -> tuple[Prediction, ...]:
    """Return the run with steps 5/t, which ends after one step."""
    return (_run("steps 5/t", 5.0),)


def _run(says: str, scale: float) -> Prediction:
    return Prediction(
        says=says,
        problem=lab.get_problem("slow_quadratic"),
        optimizer=lab.get_optimizer("sgd", lr=lab.schedules.Inverse(scale)),
        at=(1, 10, 100, 1000),
        values={"x0": 1.0},
    )


# ------------------------------------------------------------------------------------ steps c/k on a noisy quadratic

MU, SIGMA, RADIUS = 0.5, 0.5, 2.0
AT = (1, 3, 10, 30, 100, 300, 1000)


def _regime(u: float, values: Mapping[str, float]) -> Prediction:
    """Return SGD with steps c/k, c mu = u, on mu x^2/2 from x0; `values` are the bound's."""
    lr = lab.schedules.Inverse(u / MU)
    spread = law.variance_of_square(law.sgd(lr, MU, max(AT)), RADIUS, SIGMA)
    return Prediction(
        says=f"steps c/k with c mu = {u:g}",
        problem=NoisyQuadratic(spectrum=(MU,), sigma=SIGMA, radius=RADIUS),
        optimizer=lab.get_optimizer("sgd", lr=lr),
        at=AT,
        values=values,
        seeds=1 << 15,
        certified=law.certified(spread),
        tolerance=0.1,
    )


def below(u: float = 0.25, said: float = 0.25) -> tuple[Prediction, ...]:
    """Return c mu = 1/4: the start is there for long."""
    return (_regime(u, {"x0": RADIUS, "u": said}),)


def below_broken() -> tuple[Prediction, ...]:
    """Return the right steps, which forget the start at once."""
    return (replace(below(u=1.0)[0], at=(100,), seeds=4096),)


def log_lost(u: float = 0.5) -> tuple[Prediction, ...]:
    """Return c mu = 1/2, where a logarithm is lost."""
    return (_regime(u, {"s2": SIGMA**2, "c": 0.5 / MU}),)


def log_lost_broken() -> tuple[Prediction, ...]:
    """Return the right steps, which lose none: at T = 1000 they are below c^2 s2 log(T + 1)/T."""
    return (replace(log_lost(u=1.0)[0], at=(1000,), seeds=4096),)


def above(u: float = 0.75, said: float = 0.75) -> tuple[Prediction, ...]:
    """Return c mu between 1/2 and 1."""
    return (_regime(u, {"x0": RADIUS, "s2": SIGMA**2, "c": said / MU, "u": said}),)


def above_broken() -> tuple[Prediction, ...]:
    """Return steps that are too short for their bound."""
    return (replace(above(u=0.2)[0], at=(100,), seeds=4096),)


def best(u: float = 1.0) -> tuple[Prediction, ...]:
    """Return c mu = 1: the iterate is a mean of solutions."""
    return (_regime(u, {"s2": SIGMA**2, "mu": MU}),)


def best_broken() -> tuple[Prediction, ...]:
    """Return shorter steps, which are not."""
    return (replace(best(u=0.75)[0], at=(100,)),)
