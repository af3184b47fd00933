"""Experiments for (L0, L1)-smooth functions without noise: how fast gradients grow, clipped steps and fixed ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.mix_clip import GDClip
from lab.optimizers.normalized import NGD
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1, ZhangPlateau
from problems.gd_worst_cases import GDQuadratic
from problems.generalized_smooth import Cosh, EvenPolynomial, Exponential
from proofs_check.instances.l0l1 import PLATEAU, Slope, cliff, reached

# ---------------------------------------------------------------------------------------- the gradient, and one step


def fallen(bound: sp.Expr, L0: sp.Symbol, L1: sp.Symbol, G: sp.Symbol) -> sp.Expr:
    """Return (the claim read from y back to x)^2: ||grad f|| falls no faster than it may grow."""
    return (((L0 + L1 * G) ** 2 / bound - L0) / L1) ** 2


def _down(problem: Problem, L: float, G: float, steps: int, fall: sp.Expr) -> Prediction:
    return Prediction(
        says=f"{problem.name}, {steps} steps of length 1/10 downhill",
        problem=problem,
        optimizer=NGD(lr=Constant(0.1)),
        at=(steps,),
        values={"L0": L, "L1": L, "G": G, "R": 0.1 * steps},
        metric="grad_norm_sq",
        relation=">=",
        bound=fall,
    )


def growth(fall: sp.Expr) -> tuple[Prediction, ...]:
    """Return the function for which it is an equation, and one that stays above."""
    steep = (_down(ExtremalL0L1(M=100.0), 1.0, 100.0, steps, fall) for steps in (1, 10, 40))
    attained = (replace(p, says=f"{p.says}: attained", relation="==", tolerance=1e-9) for p in steep)
    return (*attained, *(_down(Cosh(first=3.0), 1.0, math.sinh(3.0), steps, fall) for steps in (1, 10, 25)))


def growth_broken(fall: sp.Expr) -> tuple[Prediction, ...]:
    """Return exp(2x), which falls twice as fast as L1 = 1 allows."""
    return (_down(Exponential(a=2.0, first=1.0), 1.0, 2 * math.exp(2.0), 10, fall),)


def _step(problem: Problem, G: float, h: float, L0: float = 1.0) -> Prediction:
    return Prediction(
        says=f"{problem.name}, one step of size {h:g} from slope {G:.3g}",
        problem=problem,
        optimizer=SGD(lr=Constant(h)),
        at=(1,),
        values={"L0": L0, "L1": 1.0, "G": G, "h": h},
        metric="value",
        since=0,
    )


def descent() -> tuple[Prediction, ...]:
    """Return steps that are short, best, long, and so long that they lead up the other side."""
    curved = EvenPolynomial(first=2.0)  # x^2/2 + x^6/10
    L0 = curved.constants["L0"].value
    steep = (_step(ExtremalL0L1(M=10.0), 10.0, h) for h in (0.001, 0.05, 0.2, 0.7))
    return (*steep, *(_step(curved, 21.2, h, L0) for h in (0.0001, 0.02, 0.05, 0.3)))


def descent_broken() -> tuple[Prediction, ...]:
    """Return the extremal function of L0 = 16, L1 = 4, said to be 1 and 1, and a step far up its other side."""
    return (_step(ExtremalL0L1(L0=16.0, L1=4.0, M=10.0), 10.0, 0.3),)


# ------------------------------------------------------------------------------------------- what a rule makes of g


def on_the_line(says: str, optimizer: Optimizer[Any], bound: sp.Expr, values: dict[str, float]) -> Prediction:
    """Return the first move from x = -g on x^2/2, where the slope is -g; g is the last of `values`."""
    g = list(values.values())[-1]
    return Prediction(
        says=f"slope {g:g}, {says}",
        problem=GDQuadratic(),
        optimizer=optimizer,
        at=(1,),
        values=values,
        start=(-g,),
        metric="increment",
        bound=bound,
    )


def normalised(move: sp.Expr, eps: float = 0.5) -> tuple[Prediction, ...]:
    """Return the normalised move against the clipped one, twice `move`, on both sides of the threshold 1/2."""
    found = []
    for g in (0.1, 0.4, 0.6, 10.0):
        values = {"gamma": 0.5, "eta": 0.25, "G": g}
        rule = NGD(lr=Constant(0.125), eps=eps)
        found.append(on_the_line("at least half", rule, move, values))
        found.append(replace(on_the_line("at most all", rule, 2 * move, values), relation="<="))
    return tuple(found)


def normalised_broken(move: sp.Expr) -> tuple[Prediction, ...]:
    """Return a beta ten times too large, and none: a tenth of the move at slope 1/10, and more than all of it."""
    return (normalised(move, eps=5.0)[0], normalised(move, eps=0.0)[1])


# ----------------------------------------------------------------------------------------------- how many steps

EPS = sp.Symbol("eps", positive=True)


def _known(slope: Slope, eps: float, M: bool = False) -> dict[str, float]:
    steepest = {"M": slope.M} if M else {}
    return {"L0": slope.L0, "L1": slope.L1, "Delta": slope.Delta, "eps": eps, **steepest}


def _clipped(slope: Slope, eps: float, count: sp.Expr, factor: float = 1.0) -> Prediction:
    largest, longest = factor / (10 * slope.L0), factor * min(1.0, 0.1 / slope.L1)
    says = f"steps up to {largest:.3g}, no longer than {longest:.3g}: slope {eps:g}"
    return reached(slope, GDClip(lr=Constant(largest), gamma=longest), count, EPS**2, _known(slope, eps), says)


def clipped(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return the plateau, on which nothing is clipped, and the exponential, down which every step is 1/10 long."""
    plateau = tuple(_clipped(PLATEAU, eps, count) for eps in (0.19, 0.15))
    return (*plateau, *(_clipped(cliff(10.0), eps, count) for eps in (2.0, 1.0)))


def clipped_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a tenth as long, on both."""
    return (_clipped(PLATEAU, 0.19, count, factor=0.1), _clipped(cliff(10.0), 2.0, count, factor=0.1))


def _small(slope: Slope, eps: float, h: float, count: sp.Expr) -> Prediction:
    says = f"fixed steps {h:.3g}: slope {eps:g}"
    return reached(slope, SGD(lr=Constant(h)), count, EPS**2, _known(slope, eps, M=True), says)


def fixed(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return the step of the theorem on both slopes."""
    cases = ((PLATEAU, 0.19), (PLATEAU, 0.1), (cliff(10.0), 4.0), (cliff(10.0), 2.0))
    return tuple(_small(slope, eps, 1 / (2 * (slope.M * slope.L1 + slope.L0)), count) for slope, eps in cases)


def fixed_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return the exponential with a step beyond 2 x_1/M = 0.6605, and the plateau with one a tenth as long."""
    return (_small(cliff(10.0), 9.0, 0.6607, count), _small(PLATEAU, 0.19, 0.15, count))


LOW, STEEP = 0.1, 5.0  # the slope that is wanted, and the one that it may start from
GAP = 3.25  # f(x_1) - f*; on the steep function it is 5 - log 6 = 3.21


def _never(says: str, problem: Problem, optimizer: Optimizer[Any], at: tuple[int, ...]) -> Prediction:
    values = {"L0": 1.0, "L1": 1.0, "M": STEEP, "Delta": GAP, "eps": LOW}
    return Prediction(
        says=says, problem=problem, optimizer=optimizer, at=at, values=values, metric="best_grad_norm_sq", bound=EPS**2,
    )  # fmt: skip


def any_fixed_step() -> tuple[Prediction, ...]:
    """Return, before the 113 steps of the bound, step sizes that survive on both functions, and one that does not."""
    most = ExtremalL0L1(M=STEEP).largest_step()
    slow = (
        _never(f"the plateau, steps {h:.3g}", ZhangPlateau(eps=LOW, Delta=GAP), SGD(lr=Constant(h)), (1, 10, 50, 113))
        for h in (most, most / 2)
    )
    flung = SGD(lr=Constant(1.001 * most))
    return (*slow, _never("the steep one, steps a thousandth too long", ExtremalL0L1(M=STEEP), flung, (1, 2, 3, 5, 8)))


def any_fixed_step_broken() -> tuple[Prediction, ...]:
    """Return clipped steps, which may be long on the plateau."""
    rule = GDClip(lr=Constant(3.0), gamma=1.0)
    return (_never("clipped steps on the plateau", ZhangPlateau(eps=LOW, Delta=GAP), rule, (113,)),)
