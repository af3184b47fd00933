"""Experiments for the regret bounds of online gradient descent and AdaGrad: the losses of Reddi et al., Theorem 1."""

from __future__ import annotations

import math

from lab.claim import Prediction
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.reddi import ReddiCycle, ReddiSyntheticOnline

D, BETA2 = 2.0, 0.1
ADAM = Adam(lr=InvSqrt(0.5 * math.sqrt(1 - BETA2)), betas=(0.0, BETA2), eps=0.0, debias=False)  # regret 2T/3 at C = 3
LOSSES = ((ReddiCycle(C=3.0), 3.0), (ReddiSyntheticOnline(), 1010.0))  # with the size G of the largest gradient


def gradient_descent() -> tuple[Prediction, ...]:
    """Return projected gradient descent with lr_t = D / (G sqrt(t)), at every step."""
    return tuple(
        Prediction(
            says=f"regret at every step on {problem.name}, G = {G:g}",
            problem=problem,
            optimizer=SGD(lr=InvSqrt(D / G)),
            at=tuple(range(1, 3001)),
            values={"D": D, "G": G},
        )
        for problem, G in LOSSES
    )


def gradient_descent_broken() -> tuple[Prediction, ...]:
    """Return Adam, whose regret on these losses is linear."""
    adam = Prediction(
        says="Adam on the same losses, C = 3",
        problem=ReddiCycle(C=3.0),
        optimizer=ADAM,
        at=(3000,),
        values={"D": D, "G": 3.0},
    )
    return (adam,)


def adagrad() -> tuple[Prediction, ...]:
    """Return AdaGrad with a constant step, at the bound's best eta and beside it; S_g is recorded along the path."""
    return tuple(
        Prediction(
            says=f"regret at every step on {problem.name}, eta = {eta:.3g}",
            problem=problem,
            optimizer=AdaGrad(lr=Constant(eta), eps=0.0),
            at=tuple(range(1, 3001)),
            values={"Dmax": D, "eta": eta, "S_g": "grad_path_norm"},
        )
        for problem, _ in LOSSES
        for eta in (D / math.sqrt(2), 0.5)
    )


def adagrad_broken() -> tuple[Prediction, ...]:
    """Return Adam, whose regret on these losses is linear."""
    adam = Prediction(
        says="Adam on the same losses, C = 3",
        problem=ReddiCycle(C=3.0),
        optimizer=ADAM,
        at=(3000,),
        values={"Dmax": D, "eta": D / math.sqrt(2), "S_g": "grad_path_norm"},
    )
    return (adam,)
