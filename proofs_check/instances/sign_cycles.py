"""Experiments for sign methods with a constant step on x^2/2: where they end, and from where they do."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD, Signum
from lab.schedules import Constant, InvSqrt
from problems.gd_worst_cases import GDQuadratic

A = sp.Symbol("a", positive=True)
STEP = 2.0**-4
AT = tuple(range(20, 41))


def alternates() -> tuple[Prediction, ...]:
    """Return the start whose iterates end a/2 away on both sides, and two that end nearer on one.

    From x = (k + 1/4) a the far one of two, 3a/4 away, comes after k + 1, k + 3, ... steps.
    """
    both = Prediction(
        says="from 10.5 steps away: both iterates a/2 away",
        problem=GDQuadratic(),
        optimizer=SignSGD(lr=Constant(STEP)),
        at=AT,
        values={"a": STEP},
        metric="distance_sq",
        relation="==",
        bound=A**2 / 4,
        tolerance=1e-9,
        start=(10.5 * STEP,),
    )
    far = replace(both, relation=None, bound=None)
    return (
        both,
        replace(far, says="from 10.25 steps away: every other iterate", at=AT[1::2], start=(10.25 * STEP,)),
        replace(far, says="from 10.75 steps away: every other iterate", at=AT[::2], start=(10.75 * STEP,)),
    )


def alternates_broken() -> tuple[Prediction, ...]:
    """Return the gradient itself, and steps that shrink: both iterates come nearer."""
    _, far, _ = alternates()
    return (
        replace(far, says="gradient descent", optimizer=SGD(lr=Constant(0.5))),
        replace(far, says="steps a/sqrt(t)", optimizer=SignSGD(lr=InvSqrt(4 * STEP)), at=(199, 200)),
    )


MOMENTUM = 0.5
INSIDE, OUTSIDE = 0.99, 1.01  # of the half-length


def _from(says: str, share: float, length: sp.Expr) -> Prediction:
    """Return the start x at this share of the half-length from a/2: x after every two steps, x - a after every odd one.

    Starts below the middle are looked at after odd steps: at such an x it is the mean's sign that is in doubt. The mean
    starts at 0; from any x of the interval it has the signs of the cycle from the first step on.
    """
    half = STEP * (1 - MOMENTUM) / (1 + MOMENTUM) / 2
    x = A / 2 + sp.Rational(str(share)) * length / 2
    return Prediction(
        says=says,
        problem=GDQuadratic(),
        optimizer=Signum(lr=Constant(STEP), momentum=MOMENTUM),
        at=tuple(range(2, 41, 2)) if share >= 0 else tuple(range(1, 41, 2)),
        values={"a": STEP, "b": MOMENTUM},
        metric="iterate",
        relation="==",
        bound=x if share >= 0 else x - A,
        tolerance=1e-9,
        start=(STEP / 2 + share * half,),
    )


def returns(length: sp.Expr) -> tuple[Prediction, ...]:
    """Return starts just inside both ends of the interval of that length, and in its middle."""
    return (
        _from("just below the upper end", INSIDE, length),
        _from("just above the lower end", -INSIDE, length),
        _from("in the middle", 0.0, length),
    )


def returns_broken(length: sp.Expr) -> tuple[Prediction, ...]:
    """Return starts just outside."""
    return _from("just above the upper end", OUTSIDE, length), _from("just below the lower end", -OUTSIDE, length)
