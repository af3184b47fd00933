"""Experiments for convex (L0, L1)-smooth functions: the key inequality along a path, its gradient descent, Polyak's.

nu = 0.567 has nu exp(nu) < 1, and eta = nu/2. The step eta/(L0 + L1 g) is soft clipping with lr = eta/L0, gamma =
eta/L1.
"""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.mix_clip import GDClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant, Multistep
from problems.clipping_hard import ExtremalL0L1
from problems.gd_worst_cases import GDQuadratic, Huber
from problems.generalized_smooth import AbsPower, EvenPolynomial, Exponential

NU = 0.567
ETA = NU / 2

# ----------------------------------------------------------------------------------------------------- a key inequality


def squared(key: sp.Expr, g: sp.Symbol) -> sp.Expr:
    """Return the claim in ||grad f||^2, which is recorded: g stands for it."""
    return key.subs(g, sp.sqrt(g))


def _along(problem: Problem, L0: float, L1: float, h: float, key: sp.Expr) -> Prediction:
    return Prediction(
        says=f"{problem.name}, along gradient descent with steps {h:g}",
        problem=problem,
        optimizer=SGD(lr=Constant(h)),
        at=(1, 2, 3, 5, 8, 12),
        values={"L_0": L0, "L_1": L1, "nu": NU, "g": "grad_norm_sq"},
        bound=key,
    )


def along(key: sp.Expr) -> tuple[Prediction, ...]:
    """Return paths from steep to flat, on a function that is as curved as allowed and on two that are not."""
    fourth, sixth = AbsPower(first=2.0), EvenPolynomial(first=2.0)
    return (
        _along(ExtremalL0L1(M=100.0), 1.0, 1.0, 0.02, key),
        _along(fourth, fourth.constants["L0"].value, 1.0, 0.02, key),
        _along(sixth, sixth.constants["L0"].value, 1.0, 0.02, key),
        _along(Huber(d=1, R=5.0), 1.0, 0.01, 0.5, key),
    )


def along_broken(key: sp.Expr) -> tuple[Prediction, ...]:
    """Return exp(4x), with L1 = 4 said to be 1: f = g/4 is below nu g/2."""
    return (_along(Exponential(a=4.0, first=1.0), 1.0, 1.0, 0.001, key),)


# -------------------------------------------------------------------------------------------------- gradient descent


def descent(bound: sp.Expr, T: sp.Symbol, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return the step of the theorem from R <= 1, whose T counts the start: here, T steps. Valid from T = 50 R^2 on."""
    fourth = AbsPower(first=1.0)
    cases: tuple[tuple[Problem, float, float], ...] = (
        (ExtremalL0L1(M=math.e - 1), 1.0, 1.0),
        (fourth, fourth.constants["L0"].value, 1.0),
        (Huber(d=1, delta=0.05, R=1.0), 1.0, 0.1),
    )
    return tuple(
        Prediction(
            says=f"{problem.name}, steps {factor:g} eta/(L0 + L1 g)",
            problem=problem,
            optimizer=GDClip(lr=Constant(factor * ETA / L0), gamma=factor * ETA / L1, soft=True),
            at=(50, 70, 100),
            values={"L_0": L0, "L_1": L1, "nu": NU, "eta": ETA, "R": 1.0},
            bound=bound.subs(T, T + 1),
        )
        for problem, L0, L1 in cases
    )


def descent_broken(bound: sp.Expr, T: sp.Symbol) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    return (descent(bound, T, factor=0.01)[0],)


# ------------------------------------------------------------------------------------------------------ Polyak's step


def _polyak(says: str, problem: Problem, rule: Optimizer, values: dict[str, float], at: tuple[int, ...]) -> Prediction:  # type: ignore[type-arg]
    return Prediction(
        says=says, problem=problem, optimizer=rule, at=at, values={"nu": NU, **values}, metric="best_suboptimality",
    )  # fmt: skip


def polyak() -> tuple[Prediction, ...]:
    """Return two functions on which Polyak's step (f - f*)/g^2 is known beforehand.

    On x^2/2 it is 1/2, always. On Huber's function from 3/2 it is 1, which leads to 1/2, and 1/2 from there on.
    """
    told = {"L_0": 1.0, "L_1": 0.1}
    return (
        _polyak("x^2/2: steps 1/2", GDQuadratic(), SGD(lr=Constant(0.5)), {**told, "R": 1.0}, (1, 2, 5, 10, 20)),
        _polyak(
            "Huber's function: a step 1, steps 1/2",
            Huber(d=1, R=1.5),
            SGD(lr=Multistep(1.0, (1.0,), factor=0.5)),
            {**told, "R": 1.5},
            (2, 5, 10, 20),
        ),
    )


def polyak_broken() -> tuple[Prediction, ...]:
    """Return a hundredth of the step."""
    return (replace(polyak()[0], says="x^2/2: steps 1/200", optimizer=SGD(lr=Constant(0.005)), at=(50,)),)
