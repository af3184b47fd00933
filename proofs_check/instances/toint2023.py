"""Experiments for Adam's march with a constant step: a staircase whose slope is -1 at every point k alpha."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Constant, InvSqrt
from problems.toint import TointStaircase

LR = 0.5


def marches() -> tuple[Prediction, ...]:
    """Return Adam with the lr of the staircase, for betas without and with momentum."""
    return tuple(
        Prediction(
            says=f"betas = ({beta1:g}, {beta2:g})",
            problem=TointStaircase(step=LR),
            optimizer=Adam(lr=Constant(LR), betas=(beta1, beta2), eps=0.0),
            at=(1, 2, 3, 10, 30),
            values={"alpha": LR},
            start=(0.0,),
            tolerance=0.0,
        )
        for beta1, beta2 in ((0.0, 0.5), (0.5, 0.75))
    )


def marches_broken() -> tuple[Prediction, ...]:
    """Return AMSGrad with steps that shrink."""
    method = AMSGrad(lr=InvSqrt(LR), betas=(0.0, 0.5))
    return (replace(marches()[0], says="AMSGrad with lr/sqrt(t)", optimizer=method),)
