"""Experiments for logarithmic regret: coins on [-1, 1] with a curvature, |g| <= 2, in every seed.

The bounds hold for every sequence of losses, so that no seed may exceed them; the rival is the mean's minimiser.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.claim import Prediction
from lab.domain import Box
from lab.optimizer import Optimizer
from lab.optimizers.sadam import SAdam
from lab.optimizers.sc_adagrad import SCAdaGrad, SCRMSprop
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse
from lab.wrappers import Restrict
from problems.coins import CoinStronglyConvex

T, Q, D, MU, G = 1000, 0.01, 2.0, 1.0, 2.0
ALPHA, GAMMA, DELTA = G**2 / MU, 0.9, 0.1
COMMON = {"D": D, "d": 1.0, "delta": DELTA, "alpha": ALPHA, "G": G, "mu": MU}


def _every_seed(says: str, optimizer: Optimizer[Any], values: Mapping[str, float]) -> Prediction:
    return Prediction(
        says=says,
        problem=Restrict(inner=CoinStronglyConvex(delta=0.5, mu=MU), within=Box(-1.0, 1.0)),
        optimizer=optimizer,
        at=(T,),
        values=values,
        metric="regret",
        seeds=2048,
        start=(-1.0,),
        probability=Q,
    )


def _still(found: tuple[Prediction, ...]) -> tuple[Prediction, ...]:
    """Return steps that do not leave the far end, with which the regret grows like T."""
    return (replace(found[0], says="steps of 1e-6", optimizer=SGD(lr=Constant(1e-6))),)


def _log(gamma: float) -> float:
    """Return the largest value of log(1 + gamma ||g||^2/delta)."""
    return math.log1p(gamma * T * G**2 / DELTA)


def descent() -> tuple[Prediction, ...]:
    """Return gradient descent with steps 1/(H t)."""
    return (_every_seed("steps 1/t", SGD(lr=Inverse(1 / MU)), {"G": G, "H": MU}),)


def descent_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6."""
    return _still(descent())


def sc_adagrad() -> tuple[Prediction, ...]:
    """Return SC-Adagrad."""
    method = SCAdaGrad(lr=Constant(ALPHA), xi1=0.0, xi2=DELTA)
    return (_every_seed("SC-Adagrad", method, {**COMMON, "ell": _log(1.0)}),)


def sc_adagrad_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6."""
    return _still(sc_adagrad())


def sc_rmsprop() -> tuple[Prediction, ...]:
    """Return SC-RMSProp."""
    method = SCRMSprop(lr=Constant(ALPHA), gamma=GAMMA, xi1=0.0, xi2=DELTA)
    return (_every_seed("SC-RMSProp", method, {**COMMON, "gamma": GAMMA, "ell": _log(GAMMA)}),)


def sc_rmsprop_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6."""
    return _still(sc_rmsprop())


SADAM = SAdam(lr=Constant(ALPHA), beta1=0.0, gamma=GAMMA, xi1=0.0, xi2=DELTA)


def sadam() -> tuple[Prediction, ...]:
    """Return SAdam without momentum."""
    return (_every_seed("SAdam", SADAM, {**COMMON, "gamma": GAMMA, "ell": _log(GAMMA)}),)


def sadam_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6."""
    return _still(sadam())


def sadam_log() -> tuple[Prediction, ...]:
    """Return the same, for the bound in numbers."""
    values = {"D": D, "d": 1.0, "delta": DELTA, "gamma": GAMMA, "G": G, "mu": MU}
    return (_every_seed("SAdam", SADAM, values),)


def sadam_log_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6."""
    return _still(sadam_log())
