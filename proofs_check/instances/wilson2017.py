"""Experiments for least squares with more features than samples: full gradients, and one sample a step."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.momentum import Momentum
from lab.optimizers.rmsprop import RMSprop
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD
from lab.schedules import Constant
from lab.units import LENGTH, OBJECTIVE, Units
from problems.wilson import WilsonLeastSquares, WilsonSampled

PROBLEM = WilsonLeastSquares(positives=5, negatives=3)
ADAPTIVE: tuple[tuple[str, Optimizer, int], ...] = (  # type: ignore[type-arg]  # (name, method, when it has arrived)
    ("AdaGrad", AdaGrad(lr=Constant(0.2), eps=0.0), 10),
    ("RMSProp", RMSprop(lr=Constant(0.02), alpha=0.99, eps=0.0), 10),
    ("Adam without momentum", Adam(lr=Constant(0.05), betas=(0.0, 0.99), eps=0.0), 20),
    ("Adam", Adam(lr=Constant(0.05), betas=(0.5, 0.99), eps=0.0), 25),
)
DESCENT = SGD(lr=Constant(0.3))


def _sides(bound: sp.Expr, says: str, run: Prediction) -> tuple[Prediction, ...]:
    """Return the run held from both sides: within 0.5% of the bound."""
    low, high = (bound * (1 + s * sp.Rational(1, 200)) for s in (-1, 1))
    below = replace(run, says=f"{says}: no nearer than said", relation=">=", bound=low)
    return below, replace(run, says=f"{says}: no farther than said", relation="<=", bound=high)


def _apart(limit: sp.Expr) -> sp.Expr:
    """Return the squared distance of `limit` s from the least-norm solution, s = sign(X^T y)."""
    signs = [sp.sign(v) for v in PROBLEM.adaptive()]
    least = PROBLEM.least_norm()
    across = sum(a * b for a, b in zip(signs, least, strict=True))
    return sum(a * a for a in signs) * limit**2 - 2 * across * limit + sum(b * b for b in least)


def limits(limit: sp.Expr) -> tuple[Prediction, ...]:
    """Return the adaptive methods once they have arrived, by their distance from where descent goes."""
    found: list[Prediction] = []
    for name, method, T in ADAPTIVE:
        run = Prediction(
            says=name, problem=PROBLEM, optimizer=method, at=(T,), values={"c": 4.0}, metric="distance_sq",
            ones=Units(X=2),
        )  # fmt: skip
        found += _sides(_apart(limit), name, run)
    return tuple(found)


def limits_broken(limit: sp.Expr) -> tuple[Prediction, ...]:
    """Return gradient descent."""
    first, *_ = limits(limit)
    return (replace(first, says="gradient descent", optimizer=DESCENT, at=(20,)),)


def scores(score: sp.Expr) -> tuple[Prediction, ...]:
    """Return f after one step of signSGD of length a, to a sign(X^T y): the mean over samples of (a score y - 1)^2/2.

    Three lengths give the mean and the mean square of the scores' y, so that they are all alike. score: each of them.
    """
    return tuple(
        Prediction(
            says=f"a step of length {length} along the signs, {counts[0]} + {counts[1]} samples",
            problem=WilsonLeastSquares(positives=counts[0], negatives=counts[1]),
            optimizer=SignSGD(lr=Constant(float(length))),
            at=(1,),
            values={},
            metric="value",
            ones=OBJECTIVE,
            relation="==",
            bound=(length * score - 1) ** 2 / 2,
            tolerance=1e-9,
        )
        for counts in ((5, 3), (4, 1))
        for length in (sp.Rational(1, 8), sp.Rational(1, 2), sp.Integer(1))
    )


def scores_broken(score: sp.Expr) -> tuple[Prediction, ...]:
    """Return a step along the gradient, of no such score."""
    first, *_ = scores(score)
    return (replace(first, says="a step along the gradient", optimizer=SGD(lr=Constant(0.125))),)


def fresh_errors() -> tuple[Prediction, ...]:
    """Return the adaptive methods: every fresh negative sample is labelled wrongly."""
    share = PROBLEM.positives / PROBLEM.samples
    return tuple(
        Prediction(
            says=name,
            problem=PROBLEM,
            optimizer=method,
            at=(T,),
            values={"p": share},
            metric="test_error",
            tolerance=1e-9,
        )
        for name, method, T in ADAPTIVE
    )


def fresh_errors_broken() -> tuple[Prediction, ...]:
    """Return gradient descent, which has no error."""
    first, *_ = fresh_errors()
    return (replace(first, says="gradient descent", optimizer=DESCENT, at=(20,)),)


def margins(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return gradient descent, with momentum too, and SGD on one sample a step, of which no seed may be below.

    With 4 + 1 samples the least-norm solution has this very margin, and descent comes to it from below.
    """
    full = Prediction(
        says="gradient descent",
        problem=PROBLEM,
        optimizer=DESCENT,
        at=(5, 10, 20),
        values={"P": 5.0, "M": 3.0},
        metric="test_margin",
        ones=LENGTH,
    )
    attained = replace(
        full,
        says="4 + 1 samples, where it is attained: all but 0.5% of it",
        problem=WilsonLeastSquares(positives=4, negatives=1),
        at=(20,),
        values={"P": 4.0, "M": 1.0},
        bound=bound * sp.Rational(199, 200),
    )
    sampled = replace(
        full,
        says="one sample a step, any seed",
        problem=WilsonSampled(positives=5, negatives=3),
        optimizer=SGD(lr=Constant(0.125)),
        at=(300,),
        seeds=2048,
        probability=0.01,
    )
    ball = Momentum(lr=Constant(0.2), momentum=0.5)
    return full, replace(full, says="with momentum", optimizer=ball, at=(10, 20)), attained, sampled


def margins_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return AdaGrad, whose margin at a negative sample is -1/4."""
    full, *_ = margins(bound)
    _, adagrad, T = ADAPTIVE[0]
    return (replace(full, says="AdaGrad", optimizer=adagrad, at=(T,)),)
