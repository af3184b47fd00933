"""Experiments for the lower bound of online learning: random signs, against which no learner gains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.claim import Prediction, Range
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.online import RandomSigns, SignBlocks

T = 100
LEARNERS: Mapping[str, Optimizer[Any]] = {
    "gradient descent": SGD(lr=InvSqrt(1.0)),
    "AdaGrad": AdaGrad(lr=Constant(1.0), eps=0.0),
    "AMSGrad": AMSGrad(lr=InvSqrt(1.0), betas=(0.0, 0.5)),
    "Adam": Adam(lr=InvSqrt(1.0)),
    "who stays at 0": SGD(lr=Constant(0.0)),
}


def random_signs() -> tuple[Prediction, ...]:
    """Return five learners: the expected regret of each is the same."""
    why = "losses and best point in [-1, 1]"
    return tuple(
        Prediction(
            says=name,
            problem=RandomSigns(),
            optimizer=learner,
            at=(T,),
            values={"D": 2.0, "G": 1.0},
            metric="regret",
            seeds=1 << 16,
            certified=Range(lambda t: -2.0 * t, lambda t: 2.0 * t, why),
        )
        for name, learner in LEARNERS.items()
    )


def random_signs_broken() -> tuple[Prediction, ...]:
    """Return signs that stay for long, which AMSGrad follows: its regret is negative."""
    blocks = replace(random_signs()[2], says="signs in blocks that double", problem=SignBlocks(), at=(1023,))
    return (replace(blocks, seeds=1, certified=None),)
