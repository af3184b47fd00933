"""Experiments for FastAdaBelief: x^2/2 + x and x^2/2 - x in turn, so that the targets are -1, 1, -1, ...

On the box |x| <= 1/6 a gradient has the sign of its round and a size in [5/6, 7/6]. With beta1 = 1/2 the moment before
it has the other sign and at least the size 1/8 (a sum of slopes that alternate, weights 1/2, 1/4, ...), so that
|g_t - m_t| = |g_t - m_{t-1}|/2 >= (5/6 + 1/8)/2 > 5/12, and 5/12 or more in step 1. With gamma = 1 s_t is the mean of
the squares, hence s_t >= 25/144 in every step: the belief that the theorem asks for.
"""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.domain import Box
from lab.optimizers.sadam import FastAdaBelief
from lab.optimizers.sgd import SGD
from lab.sampling import Cyclic
from lab.schedules import Constant, Inverse
from lab.wrappers import Restrict
from problems.reshuffling import SafranShamir

IN_TURN = SafranShamir(n=2, lam=1.0, G=2.0, order=Cyclic())
EDGE, G, ALPHA = 1 / 6, 7 / 6, 5.5  # alpha >= 4 G^2 / mu = 49/9


def cycle() -> tuple[Prediction, ...]:
    """Return the 2-cycle of the method without momentum, h = 1: from 1, the first target being -1."""
    run = Prediction(
        says="on the 2-cycle, h = 1",
        problem=IN_TURN,
        optimizer=FastAdaBelief(lr=Constant(1.0), beta1=0.0, gamma=1.0, delta=1.0, amsgrad=False),
        at=tuple(range(2, 41, 2)),
        values={"mu": 1.0, "h": 1.0},
        start=(1.0,),
    )
    return (run,)


def cycle_broken() -> tuple[Prediction, ...]:
    """Return SGD, whose steps shrink."""
    (run,) = cycle()
    return (replace(run, says="SGD with steps 1/t", optimizer=SGD(lr=Inverse(1.0)), at=(40,)),)


def log_regret() -> tuple[Prediction, ...]:
    """Return beta1 = 1/2 on the box."""
    run = Prediction(
        says="beta1 = 1/2 on |x| <= 1/6",
        problem=Restrict(inner=IN_TURN, within=Box(-EDGE, EDGE)),
        optimizer=FastAdaBelief(lr=Constant(ALPHA), beta1=0.5, gamma=1.0, delta=ALPHA, amsgrad=False),
        at=(1, 2, 3, 10, 30, 100, 300, 1000),
        values={
            "D": 2 * EDGE, "G": G, "beta1": 0.5, "alpha": ALPHA, "delta": ALPHA, "mu": 1.0, "c": 25 / 144, "d": 1.0,
        },
        start=(0.0,),
    )  # fmt: skip
    return (run,)


def log_regret_broken() -> tuple[Prediction, ...]:
    """Return the method without momentum, whose belief is 0 and whose step is alpha/delta = 1 for ever."""
    (run,) = log_regret()
    method = FastAdaBelief(lr=Constant(ALPHA), beta1=0.0, gamma=1.0, delta=ALPHA, amsgrad=False)
    return (replace(run, says="without momentum", optimizer=method, at=(4000,)),)
