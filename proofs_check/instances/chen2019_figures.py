"""Experiments for the two examples of Chen et al.: steps that jump, and steps that oscillate."""

from __future__ import annotations

import math
from dataclasses import replace

from lab.claim import Prediction, Range
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.adam_nonconvex import ChenHuber, ChenOscillation

T, ALPHA, SEEDS = 100, 0.8, 100_000
REACH = T * ALPHA * math.sqrt(10)  # no step is longer than alpha / sqrt(1 - beta2)


def jumps() -> tuple[Prediction, ...]:
    """Return gradient descent with lr = 2/L from 5, with an L for which the floats are exact."""
    run = Prediction(
        says="L = 256, lr = 1/128 = 2/L",
        problem=ChenHuber(L=256.0),
        optimizer=SGD(lr=Constant(1 / 128)),
        at=(1, 2, 3, 10, 100, 300),
        values={"L": 256.0, "x_1": 5.0},
        tolerance=0.0,
    )
    return (run,)


def jumps_broken() -> tuple[Prediction, ...]:
    """Return a step below 2/L."""
    return (replace(jumps()[0], says="lr = 1/130", optimizer=SGD(lr=Constant(1 / 130))),)


def leaves() -> tuple[Prediction, ...]:
    """Return Adam from a point so far right that 100 steps cannot reach the curved part."""
    run = Prediction(
        says="Adam, beta2 = 0.9, 100 steps on the linear part",
        problem=ChenOscillation(x1=2.0 + REACH),
        optimizer=Adam(lr=Constant(ALPHA), betas=(0.0, 0.9), eps=0.0, debias=False),
        at=(T,),
        since=0,
        values={"alpha": ALPHA},
        seeds=SEEDS,
        certified=Range(low=lambda t: 2.0, high=lambda t: 2.0 + 2 * REACH, why="no step exceeds alpha sqrt(10)"),
    )
    return (run,)


def leaves_broken() -> tuple[Prediction, ...]:
    """Return SGD, which walks downhill by alpha/11 a step in the mean."""
    (run,) = leaves()
    far = 2.0 + REACH
    steps = Range(low=lambda t: far - 9 * (t + 1), high=lambda t: far + 9 * (t + 1), why="11 alpha < 9")
    return (replace(run, says="SGD", optimizer=SGD(lr=Constant(ALPHA)), certified=steps),)
