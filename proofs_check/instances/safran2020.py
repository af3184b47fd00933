"""Experiments for the orders of a finite sum: ten components that push to one side or the other, 1 at the start.

For steps up to 1/lambda and pushes of G/2 = 1 the iterate never leaves [-1, 1]: x+ = (1 - h) x -+ h. The claims count
epochs, and T here counts steps, so that each bound is taken at T/n.
"""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from lab.claim import Nonnegative, Prediction, Range
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.sampling import Cyclic, Order, RandomReshuffling, SingleShuffle, WithReplacement
from lab.schedules import Constant
from problems.reshuffling import SafranShamir, SafranShamirOneSided

N, G, H = 10, 2.0, 0.1
Q = 1 - H
BETA = N * (1 - Q ** (2 * N)) / ((1 - Q**2) * (N - 1)) - (1 - Q**N) ** 2 / ((1 - Q) ** 2 * (N - 1))
EPOCHS = (N, 2 * N)
SEEDS = 1 << 15
SQUARE = Range(lambda t: 0.0, lambda t: 1.0, "x in [-1, 1]")
GAP = Nonnegative(lambda t: 0.01, "a square")
STILL = Range(lambda t: 0.0, lambda t: 1e-12, "a step of 0 does not leave the minimiser")


def halves(order: Order) -> SafranShamir:
    """Return the problem in an order."""
    return SafranShamir(n=N, lam=1.0, G=G, order=order)


# ------------------------------------------------------------------------------------------------- the exact laws


def _square(says: str, order: Order, bound: sp.Expr) -> Prediction:
    return Prediction(
        says=says,
        problem=halves(order),
        optimizer=SGD(lr=Constant(H)),
        at=EPOCHS,
        values={"h": H, "G": G, "x0": 1.0, "q": Q, "n": float(N), "beta": BETA},
        bound=bound,
        seeds=SEEDS,
        certified=SQUARE,
        tolerance=0.08,
    )


def reshuffled(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return E x^2 after 1 and 2 epochs, each in a new order."""
    return (_square("a new order in every epoch", RandomReshuffling(), bound),)


def shuffled_once(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return E x^2 after 1 and 2 epochs, all in one random order."""
    return (_square("one order for all epochs", SingleShuffle(), bound),)


def replaced(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return drawing with replacement, which is noisier than any order."""
    return (_square("with replacement", WithReplacement(), bound),)


# ---------------------------------------------------------------------------------------------- the lower bounds

STEPS = (0.01, 0.03, 0.1, 0.3)


def _gap(problem: Problem, bound: sp.Expr, h: float) -> Prediction:
    values = {"lambda": 1.0, "G": G, "R": 1.0, "n": float(N)}
    return Prediction(
        says=f"steps {h:g} for 20 epochs", problem=problem, optimizer=SGD(lr=Constant(h)), at=(20 * N,), values=values,
        bound=bound, seeds=SEEDS, certified=GAP,
    )  # fmt: skip


def no_step_reshuffled(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps under random reshuffling."""
    return tuple(_gap(halves(RandomReshuffling()), bound, h) for h in STEPS)


def no_step_shuffled_once(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps under one shuffle."""
    return tuple(_gap(halves(SingleShuffle()), bound, h) for h in STEPS)


def no_step_one_sided(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps on the problem whose curvature comes with the push to one side."""
    one_sided = SafranShamirOneSided(n=N, lam=1.0, G=G, order=RandomReshuffling())
    return tuple(_gap(one_sided, bound, h) for h in STEPS)


def from_the_minimiser(of: Prediction) -> tuple[Prediction, ...]:
    """Return no step at all from the minimiser, to which R does not belong."""
    still = replace(of, says="from the minimiser", optimizer=SGD(lr=Constant(0.0)), start=(0.0,))
    return (replace(still, seeds=1024, certified=STILL) if still.problem.n_draws else still,)


# ------------------------------------------------------------------------------------------------ the fixed order

EIGHTH = 0.125  # a step with which an epoch is exact in float64


def spread(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return one epoch from the minimiser, after which x is -(h G/2) S. bound: (h G/2)^2 beta."""
    (run,) = reshuffled(bound)
    worst = (1 - Q ** (N // 2)) ** 4  # x^2 where all pushes to one side come first
    values = {"h": H, "G": G, "q": Q, "n": float(N)}
    from_rest = replace(run, says="one epoch from the minimiser", at=(N,), values=values, start=(0.0,), tolerance=0.05)
    return (replace(from_rest, metric="distance_sq", certified=_within(worst), seeds=1 << 16),)


def spread_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return drawing with replacement: E S^2 is then the sum of the q^(2i)."""
    (run,) = spread(bound)
    return (replace(run, says="with replacement", problem=halves(WithReplacement()), certified=SQUARE),)


def _within(largest: float) -> Range:
    return Range(lambda t: 0.0, lambda t: largest * (1 + 1e-9), "no order leads further than the sorted one")


def cyclic(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return five epochs in the fixed order, exactly."""
    run = Prediction(
        says="steps 1/8", problem=halves(Cyclic()), optimizer=SGD(lr=Constant(EIGHTH)),
        at=tuple(range(N, 6 * N, N)), values={"lambda": 1.0, "G": G, "x0": 1.0, "p": (1 - EIGHTH) ** (N // 2)},
        bound=bound, tolerance=0.0,
    )  # fmt: skip
    return (run,)


def cyclic_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps that are longer by a millionth than they are said to be."""
    (run,) = cyclic(bound)
    return (replace(run, says="steps longer by 1e-6", optimizer=SGD(lr=Constant(EIGHTH * (1 + 1e-6)))),)


def no_step_cyclic(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps in the fixed order, whose numbers stay short: the runs are exact."""
    runs = (_gap(halves(Cyclic()), bound, h) for h in (1 / 128, 1 / 32, 1 / 8, 1 / 4))
    return tuple(replace(run, values={"lambda": 1.0, "G": G, "R": 1.0}, seeds=1, certified=None) for run in runs)


# ------------------------------------------------------------------------------------------------ the upper bound

FEW_EPOCHS = 5


def reshuffled_short(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return five epochs with the step log(n T)/(n T), on pushes of G/2."""
    h = math.log(N * FEW_EPOCHS) / (N * FEW_EPOCHS)
    says = f"steps log({N * FEW_EPOCHS})/{N * FEW_EPOCHS}, {FEW_EPOCHS} epochs"
    run = replace(_gap(halves(RandomReshuffling()), bound, h), says=says, at=(N * FEW_EPOCHS,))
    certified = Range(lambda t: 0.0, lambda t: 0.5, "x in [-1, 1]")
    return (replace(run, values={"lambda": 1.0, "G": G / 2, "R": 1.0, "n": float(N)}, certified=certified),)


def reshuffled_shorter(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    (run,) = reshuffled_short(bound)
    return (replace(run, says="steps of 1/1000", optimizer=SGD(lr=Constant(0.001)), seeds=1024),)
