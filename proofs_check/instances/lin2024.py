"""Experiments for root-free RMSprop: the 2-cycle it ends on, and what one step of it does not see.

The method starts with s = 1 whatever the units. Of y = w/c, or of the loss c l, that is c^2 s with s = 1/c^2.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import sympy as sp

from lab.claim import Prediction, Variance
from lab.optimizers.rf_shampoo import IFShampoo
from lab.optimizers.rmsprop import RMSprop
from lab.optimizers.root_free import RFRMSprop
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.units import OBJECTIVE, Units
from lab.wrappers.oracles import Minibatch
from problems.gd_worst_cases import GDQuadratic
from problems.quadratic import NoisyQuadratic

ROUNDING = 1e-9  # relative, of equalities that are exact in real arithmetic

# ------------------------------------------------------------------------------------------------------ the 2-cycle


def _on_cycle(says: str, h: float, b1: float, B: float, damping: float) -> Prediction:
    """Return the start w = 1/(h sqrt(B)): s = B g^2 is at rest there, and b1 h - 2 lambda = 2 makes it the cycle's."""
    return Prediction(
        says=says,
        problem=GDQuadratic(L=h),
        optimizer=RFRMSprop(lr=Constant(b1), alpha=0.5, eps=damping, batch_size=B),
        at=tuple(range(1, 9)),
        values={"b1": b1, "B": B, "h": h, "lambda": damping},
        metric="value",
        relation="==",
        tolerance=ROUNDING,
        start=(1 / (h * math.sqrt(B)),),
    )


def cycle() -> tuple[Prediction, ...]:
    """Return starts on the cycle, which the method does not leave."""
    return (
        _on_cycle("curvature 1", h=1.0, b1=2.0, B=1.0, damping=0.0),
        _on_cycle("curvature 4", h=4.0, b1=0.5, B=1.0, damping=0.0),
        _on_cycle("batches of 4", h=1.0, b1=2.0, B=4.0, damping=0.0),
        _on_cycle("damped by 1/8", h=1.0, b1=2.25, B=1.0, damping=0.125),
    )


def cycle_broken() -> tuple[Prediction, ...]:
    """Return the method with the root, which has no B, and whose cycle is |w| = b1/2."""
    batch = cycle()[2]
    rooted = RMSprop(lr=Constant(2.0), alpha=0.5, eps=0.0)
    return (replace(batch, says="with the root", optimizer=rooted),)


def _beside(b2: float, relation: Literal["<=", ">="]) -> Prediction:
    """Return a start 1% off the cycle w = 1, s = 1; the loss on it is b1/4 = 1/2, and 1% off it 2% more."""
    near = sp.Rational(501 if relation == "<=" else 499, 1000)
    return Prediction(
        says=f"weight {b2:g} of the new square, from w = 1.01: f {relation} {float(near):g}",
        problem=GDQuadratic(),
        optimizer=RFRMSprop(lr=Constant(2.0), alpha=1 - b2, eps=0.0),
        at=(10, 11, 12),
        values={},
        start=(1.01,),
        metric="value",
        ones=OBJECTIVE,
        relation=relation,
        bound=near,
    )


def attracts() -> tuple[Prediction, ...]:
    """Return weights below 2/3, at which the loss comes within 0.2% of the cycle's."""
    return _beside(0.5, "<="), _beside(0.5, ">="), _beside(0.6, "<="), _beside(0.6, ">=")


def attracts_broken() -> tuple[Prediction, ...]:
    """Return weights above it, at which it goes away."""
    return _beside(0.7, "<="), _beside(0.8, "<=")


# ------------------------------------------------------------------------------------------------------ invariances

START, CURVATURE, STEP, WEIGHT = 1.5, 2.0, 0.5, 0.25  # w, h, b1 and b2 of a single step


def _one_step(says: str, c: float, scaled: bool) -> Prediction:
    """Return a step from w = 1.5 on w^2: of the loss times c, or of y = w/c."""
    return Prediction(
        says=says,
        problem=GDQuadratic(L=CURVATURE * (c if scaled else c**2)),
        optimizer=RFRMSprop(lr=Constant(STEP), alpha=1 - WEIGHT, eps=0.0),
        at=(1,),
        values={"b1": STEP, "b2": WEIGHT, "B": 1.0, "s": 1 / c**2, "w": START, "g": CURVATURE * START},
        start=(START if scaled else START / c,),
        metric="increment" if scaled else "iterate",
        relation="==",
        tolerance=ROUNDING,
    )


def diagonal(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the step in w itself and in two other coordinates. bound: the claim's, on w; what is held is y = w/c."""
    plain = _one_step("in w itself", 1.0, scaled=False)
    cases = ((sp.Rational(1, 4), "w = y/4"), (sp.Integer(8), "w = 8 y"))
    return (plain, *(replace(_one_step(says, float(c), scaled=False), bound=bound / c) for c, says in cases))


def diagonal_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the method with the root, whose step in y has a length of its own."""
    rooted = RMSprop(lr=Constant(STEP), alpha=1 - WEIGHT, eps=0.0)
    return tuple(replace(p, says=f"with the root, {p.says}", optimizer=rooted) for p in diagonal(bound)[1:])


def scaled(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return losses 1, 100 and 1/4 times as large; the step is minus the increment."""
    made = []
    for c in (1.0, 100.0, 0.25):
        p = _one_step(f"the loss times {c:g}", c, scaled=True)
        made.append(replace(p, values={**p.values, "c": c}, bound=-bound))
    return tuple(made)


def scaled_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the method with the root, which does not see the loss's scale."""
    rooted = RMSprop(lr=Constant(STEP), alpha=1 - WEIGHT, eps=0.0)
    return tuple(replace(p, says=f"with the root, {p.says}", optimizer=rooted) for p in scaled(bound)[1:])


# ------------------------------------------------------------------------------------- no inverse, and the batch size


def inverse_free(g: sp.Expr, updated: sp.Expr, bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return one step from w = -3/2, of the length K'^2 |g|: held from both sides, by K'^-2 in [s', s' + bound]."""
    sides: tuple[tuple[str, Literal["<=", ">="], sp.Expr], ...] = (
        ("no longer", "<=", updated),
        ("no shorter", ">=", updated + bound),
    )
    return tuple(
        Prediction(
            says=f"the step is {says}, weight {weight:g}",
            problem=GDQuadratic(),
            optimizer=_inverse_free(weight),
            at=(1,),
            values={"b2": weight, "s": 1.0, "g": -1.5},
            start=(-1.5,),
            metric="increment",
            ones=OBJECTIVE,  # the step size
            relation=relation,
            bound=-g / limit,
        )
        for weight in (0.5, 0.125, 0.03125)
        for says, relation, limit in sides
    )


def _inverse_free(weight: float) -> IFShampoo:
    return IFShampoo(lr=Constant(1.0), momentum=0.0, beta2=weight, damping=0.0, riemannian_momentum=0.0)


def inverse_free_broken(g: sp.Expr, updated: sp.Expr, bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return an update with twice the weight that is said, which is wrong to first order."""
    *_, shorter = inverse_free(g, updated, bound)
    return (replace(shorter, says="twice the weight", optimizer=_inverse_free(0.0625)),)


MEAN, SIGMA = 0.125, 0.5


def batches(sizes: tuple[int, ...] = (1, 8, 32)) -> tuple[Prediction, ...]:
    """Return the square of one step of length sqrt(B) |g|, g the mean of B gradients at w = 1/8."""
    return tuple(_batch(B, math.sqrt(B)) for B in sizes)


def _batch(B: int, step: float) -> Prediction:
    """Certify with B g^2 = (sqrt(B) m + sigma Z)^2, Z normal."""
    variance = 2 * SIGMA**4 + 4 * B * (MEAN * SIGMA) ** 2
    return Prediction(
        says=f"batches of {B}, steps {step:.3g} g",
        problem=Minibatch(inner=NoisyQuadratic(spectrum=(1.0,), sigma=SIGMA, radius=MEAN), size=B),
        optimizer=SGD(lr=Constant(step)),
        at=(1,),
        values={"B": float(B), "m": MEAN, "sigma2": SIGMA**2},
        seeds=1 << 15,
        metric="effective_step_sq",
        ones=Units(F=-2, X=4),  # the squared step size
        certified=Variance(lambda t: variance, "the square of a normal variable"),
        tolerance=0.1,
    )


def batches_broken() -> tuple[Prediction, ...]:
    """Return g^2 without the factor B, which falls as the batch grows."""
    return (_batch(8, 1.0),)
