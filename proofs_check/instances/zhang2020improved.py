"""Experiments for soft clipping: the move it makes of one gradient, and how many of its steps are enough."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.mix_clip import GDClip
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from proofs_check.instances.l0l1 import PLATEAU, Slope, cliff, reached
from proofs_check.instances.zhang2019clip import on_the_line

EPS = sp.Symbol("epsilon", positive=True)


def soft(move: sp.Expr, gamma: float = 0.5) -> tuple[Prediction, ...]:
    """Return the soft move against the hard one, twice `move`, on both sides of the threshold gamma/eta = 2."""
    found = []
    rule = GDClip(lr=Constant(0.25), gamma=gamma, soft=True)
    for v in (0.1, 1.5, 2.5, 100.0):
        values = {"eta": 0.25, "gamma": 0.5, "v": v}
        found.append(on_the_line("at least half", rule, move, values))
        found.append(replace(on_the_line("at most all", rule, 2 * move, values), relation="<="))
    return tuple(found)


def soft_broken(move: sp.Expr) -> tuple[Prediction, ...]:
    """Return longest moves a fifth and twice as long as said, at the largest slope."""
    return (soft(move, gamma=0.1)[-2], soft(move, gamma=1.0)[-1])


def _run(slope: Slope, eps: float, count: sp.Expr, factor: float = 1.0) -> Prediction:
    rule = GDClip(lr=Constant(factor / (2 * slope.L0)), gamma=factor / (2 * slope.L1), soft=True)
    return reached(slope, rule, count, EPS**2, known(slope, eps), f"steps of the theorem times {factor:g}: {eps:g}")


def known(slope: Slope, eps: float) -> dict[str, float]:
    """Return what the theorem is told."""
    return {"L_0": slope.L0, "L_1": slope.L1, "Delta": slope.Delta, "epsilon": eps}


def steps(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return the plateau, where few steps are cut, and the exponential from slope 100, down which most are."""
    cases = ((PLATEAU, 0.19), (PLATEAU, 0.1), (cliff(100.0), 20.0), (cliff(100.0), 10.0))
    return tuple(_run(slope, eps, count) for slope, eps in cases)


def steps_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a tenth as long; and a fixed step a little beyond 2 x_1/M = 0.1121."""
    steep = cliff(100.0)
    fixed = reached(steep, SGD(lr=Constant(0.1125)), count, EPS**2, known(steep, 95.0), "steps 0.1125")
    return (_run(PLATEAU, 0.19, count, factor=0.1), fixed)
