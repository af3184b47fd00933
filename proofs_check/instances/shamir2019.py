"""Experiments for the chain of scalar weights with the target -1, from equal weights."""

from __future__ import annotations

import sympy as sp

from lab.claim import Prediction, Units
from lab.noise import Gaussian
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.wrappers.oracles import AddNoise
from problems.depth import DeepScalar

CHAIN = DeepScalar(m=5, target=-1.0, centre=1.0, spread=0.0)


def _run(says: str, step: float, start: tuple[float, ...], t: int) -> Prediction:
    descent = SGD(lr=Constant(step))
    return Prediction(says=says, problem=CHAIN, optimizer=descent, at=(t,), values={"f0": 1.0}, start=start)


def saddle() -> tuple[Prediction, ...]:
    """Return gradient descent from equal weights."""
    return (_run("from 1", 0.0625, (1.0,) * 5, 300), _run("from 1/2", 0.5, (0.5,) * 5, 300))


def saddle_broken() -> tuple[Prediction, ...]:
    """Return one weight that is smaller than the others: it goes through 0."""
    return (_run("a smaller first weight", 0.0625, (0.25, 1.0, 1.0, 1.0, 1.0), 10),)


LAYERS, MEAN, TARGET = 21, 0.8, -1000.0  # E |w| = sqrt(2/pi) < 0.8 for normal weights


def _products(says: str, centre: float, spread: float, bound: sp.Expr, probability: sp.Expr) -> Prediction:
    """Return the gradient at a random start: (p + 1000)^2 times the sum of the squared products of all but one."""
    level = {sp.Symbol("m", integer=True, positive=True): LAYERS, sp.Symbol("a", positive=True): sp.Rational("0.8")}
    chain = DeepScalar(m=LAYERS, target=TARGET, centre=centre, spread=spread)
    return Prediction(
        says=says,
        problem=AddNoise(inner=chain, law=Gaussian(1.0)),  # no step is taken; what is drawn is the start
        optimizer=SGD(lr=Constant(0.0)),
        at=(1,),
        values={"m": float(LAYERS), "a": MEAN},
        metric="grad_norm_sq",
        bound=(bound * TARGET) ** 2,
        ones=Units(F=2, X=-2),
        probability=float(probability.subs(level)),
        seeds=1 << 14,
    )


def products(bound: sp.Expr, probability: sp.Expr) -> tuple[Prediction, ...]:
    """Return standard normal weights. The largest product is no more than the root of the sum of squares."""
    return (_products("21 normal weights", 0.0, 1.0, bound, probability),)


def products_broken(bound: sp.Expr, probability: sp.Expr) -> tuple[Prediction, ...]:
    """Return weights near 1, of which no mean is below 0.8."""
    return (_products("weights near 1", 1.0, 0.1, bound, probability),)
