"""Experiments for AdaShift and the net update factor: cyclic slopes 10, -1, ..., -1, and coins of slopes C and -1."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import sympy as sp

from lab.claim import LENGTH, Prediction, Range
from lab.optimizers.adam import Adam
from lab.optimizers.adashift import AdaShift
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.reddi import ReddiCycle, ReddiStochastic, ReddiSyntheticOnline

ALPHA, BETA2, EPS, PERIODS = 0.01, 0.9, 1e-10, 20
SETTLED = 400  # 0.9^400 < 1e-18
C, DELTA, AT, SEEDS = 3.0, 0.8, 4, 100_000


def _shifted(keep_num: int) -> AdaShift:
    return AdaShift(lr=Constant(ALPHA), betas=(0.0, BETA2), keep_num=keep_num, eps=EPS)


def in_phase() -> tuple[Prediction, ...]:
    """Return shifts of one and of two periods, once v has settled."""
    return tuple(
        Prediction(
            says=f"a shift of {shift}, after each of {PERIODS} periods",
            problem=ReddiSyntheticOnline(C=10.0, low=-1.0, period=10, projected=False),
            optimizer=_shifted(shift),
            at=tuple(SETTLED + 10 * k for k in range(1, PERIODS + 1)),
            since=SETTLED,
            values={"alpha": ALPHA},
            metric="iterate",
        )
        for shift in (10, 20)
    )


def in_phase_broken() -> tuple[Prediction, ...]:
    """Return a shift of one step, with which AdaShift comes down."""
    run = in_phase()[0]
    return (replace(run, says="a shift of 1", optimizer=_shifted(1), at=(SETTLED + 10 * PERIODS,)),)


def _factor(seen: int) -> float:
    """Return E 1/sqrt(vhat), vhat the bias-corrected mean square of `seen` coins, over all their outcomes."""
    large = (1 + DELTA) / (C + 1)
    total = 0.0
    for coins in product((True, False), repeat=seen):
        v = 0.0
        for big in coins:
            v = BETA2 * v + (1 - BETA2) * (C**2 if big else 1.0)
        weight = math.prod(large if big else 1 - large for big in coins)
        total += weight / math.sqrt(v / (1 - BETA2**seen))
    return total


def decorrelated() -> tuple[Prediction, ...]:
    """Return AdaShift by one step, at a step before which it has seen three squares."""
    run = Prediction(
        says=f"C = {C:g}, delta = {DELTA:g}, the move of step {AT}",
        problem=ReddiStochastic(C=C, delta=DELTA, projected=False),
        optimizer=_shifted(1),
        at=(AT,),
        values={"delta": DELTA, "alpha": ALPHA, "kappa": _factor(AT - 1)},
        metric="increment",
        seeds=SEEDS,
        certified=_longest(C * ALPHA, "v >= 1 after the first square: a step is at most alpha C"),
    )
    return (run,)


def decorrelated_broken() -> tuple[Prediction, ...]:
    """Return Adam, whose v knows the gradient that it divides."""
    (run,) = decorrelated()
    adam = Adam(lr=Constant(ALPHA), betas=(0.0, BETA2), eps=0.0)
    return (replace(run, says="Adam", optimizer=adam),)


def _longest(step: float, why: str) -> Range:
    return Range(low=lambda t: -step, high=lambda t: step, why=why)


def comes_down() -> tuple[Prediction, ...]:
    """Return Adam with (1 - beta2) C^2 <= 2 s delta, against the move that k(-s) >= 1/C leaves; s = 1."""
    beta2 = 0.9
    s, c, d = sp.symbols("s C delta", positive=True)
    run = Prediction(
        says="C = 3, delta = 0.8, beta2 = 0.9: Adam drifts downhill",
        problem=ReddiStochastic(C=C, delta=DELTA, projected=False),
        optimizer=Adam(lr=Constant(ALPHA), betas=(0.0, beta2), eps=0.0),
        at=(2, 3, 5, 10, 30, 100),
        values={"C": C, "delta": DELTA, "beta2": beta2},
        metric="increment",
        relation="<=",
        bound=-sp.Rational(str(ALPHA)) * d * s / (c + s) / c,
        ones=LENGTH,
        seeds=SEEDS,
        certified=_longest(C * ALPHA, "all squares are at least 1: a step is at most alpha C"),
    )
    return (run,)


def comes_down_broken() -> tuple[Prediction, ...]:
    """Return a rarer and larger slope, with which Adam drifts uphill although k(C) < k(-s) as before."""
    (run,) = comes_down()
    uphill = Adam(lr=Constant(ALPHA), betas=(0.0, 0.5), eps=0.0)
    problem = ReddiStochastic(C=28.0, delta=0.5, projected=False)
    values = {"C": 28.0, "delta": 0.5, "beta2": 0.5}
    return (
        replace(
            run, says="C = 28, delta = 0.5, beta2 = 0.5", problem=problem, optimizer=uphill, at=(30,),
            seeds=8192, values=values, certified=_longest(28 * ALPHA, "all squares are at least 1"),
        ),
    )  # fmt: skip


# ----------------------------------------------------------- the net update factor at beta1 = 0, which is 1/sqrt(v)

LARGE, PERIOD = 10.0, 10


def _plain(alpha: float) -> Adam:
    return Adam(lr=Constant(alpha), betas=(0.0, BETA2), eps=0.0, debias=False)


def cycle() -> tuple[Prediction, ...]:
    """Return the factors of four phases of a settled period; the large slope's own comes first and attains k(C)."""
    v = 1 + (LARGE**2 - 1) * (1 - BETA2) / (1 - BETA2**PERIOD)
    return tuple(
        Prediction(
            says=f"beta1 = 0, the slopes 10, -1, ..., -1: phase {phase}",
            problem=ReddiSyntheticOnline(C=LARGE, low=-1.0, period=PERIOD, projected=False),
            optimizer=_plain(1.0),
            at=(SETTLED + phase,),
            since=SETTLED + phase - 1,
            values={"k(C)": (1 - 1e-9) / math.sqrt(v)},
            metric="effective_step_sum",
            ones=LENGTH,
        )
        for phase in (1, 2, 5, PERIOD)
    )


def cycle_broken() -> tuple[Prediction, ...]:
    """Return a large slope of twice that size."""
    twice = ReddiSyntheticOnline(C=2 * LARGE, low=-1.0, period=PERIOD, projected=False)
    return (replace(cycle()[0], says="the slope 20, stated as 10", problem=twice),)


def drawn() -> tuple[Prediction, ...]:
    """Return the step that sees the slope 10 after 10, -1, -1: its size is at most what the slope 1 would leave."""
    v = 0.0
    for g in (LARGE, 1.0, 1.0):
        v = BETA2 * v + (1 - BETA2) * g**2
    run = Prediction(
        says="beta1 = 0, no lag: the slope 10 after 10, -1, -1",
        problem=ReddiCycle(C=LARGE),
        optimizer=_plain(ALPHA),
        at=(4,),
        since=3,
        values={"C": LARGE, "alpha": ALPHA, "beta1": 0.0, "beta2": BETA2, "V": BETA2 * v, "j": 0.0},
        metric="effective_step_sum",
        relation="<=",
    )
    return (run,)


def drawn_broken() -> tuple[Prediction, ...]:
    """Return SGD, whose steps do not know the gradient's size."""
    return tuple(replace(p, says="SGD", optimizer=SGD(lr=Constant(ALPHA))) for p in drawn())
