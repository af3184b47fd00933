"""Experiments for the full-matrix root-free method: a step in y, held to one that is computed in w = A y.

f = ||w||^2/2 with A = Lambda^(1/2) Q^T: in y a rotated quadratic, whose gradients have noise +-sigma in both
coordinates of y. So there are four steps, and the mean of f after one is that of four numbers.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt
import sympy as sp

from lab.bases.rotation import orthogonal
from lab.claim import Prediction, Range
from lab.noise import Rademacher
from lab.optimizers.rf_shampoo import RFShampoo
from lab.optimizers.rmsprop import RMSprop
from lab.schedules import Constant
from lab.units import OBJECTIVE
from lab.wrappers.oracles import AddNoise
from problems.spectra import RotatedQuadratic

Floats = npt.NDArray[np.float64]
RATE, WEIGHT, SIGMA = 0.5, 0.25, 0.25
START = np.array([1.0, 0.5])  # w


def _after(step: tuple[sp.Expr, sp.Expr], A: Floats) -> list[float]:
    """Return f after the step, computed in w by the claim's formula, for each of the four noises.

    Gradients go from y to w by A^-T; the S that the method starts with, I in y, is A^-T A^-1 in w.
    """
    back = np.linalg.inv(A).T
    found = []
    for signs in product((-1, 1), repeat=2):
        g = START + back @ (SIGMA * np.array(signs))
        S = (1 - WEIGHT) * back @ back.T + WEIGHT * np.outer(g, g)
        values = {"b1": RATE, "p": S[0, 0], "q": S[0, 1], "r": S[1, 1], "g1": g[0], "g2": g[1]}
        move = [float(e.subs({s: values[s.name] for s in e.free_symbols})) for e in step]
        found.append(float(np.square(START - move).sum()) / 2)
    return found


def _run(step: tuple[sp.Expr, sp.Expr], kappa: float, seed: int) -> Prediction:
    inner = RotatedQuadratic(d=2, kappa=kappa, seed=seed)
    Q = orthogonal(2, seed)
    A = np.diag(np.sqrt([1 / kappa, 1.0])) @ Q.T
    return Prediction(
        says=f"condition number {kappa:g}, rotation {seed}",
        problem=AddNoise(inner=inner, law=Rademacher(sigma=SIGMA)),
        optimizer=RFShampoo(lr=Constant(RATE), momentum=0.0, beta2=WEIGHT, damping=0.0),
        at=(1,),
        values={},
        start=tuple(np.linalg.solve(A, START).tolist()),
        metric="value",
        ones=OBJECTIVE,
        relation="==",
        bound=sp.Float(float(np.mean(_after(step, A)))),
        seeds=1 << 13,
        certified=Range(lambda t: 0.0, lambda t: 2.25, "in y S >= (1 - b2) I, and A is no longer than 1"),
        tolerance=0.05,
    )


def affine(step: tuple[sp.Expr, sp.Expr]) -> tuple[Prediction, ...]:
    """Return three systems of coordinates. step: both coordinates of the move in w, in b1, p, q, r, g1, g2."""
    return tuple(_run(step, kappa, seed) for kappa, seed in ((4.0, 0), (16.0, 1), (16.0, 2)))


def affine_broken(step: tuple[sp.Expr, sp.Expr]) -> tuple[Prediction, ...]:
    """Return the method with the root, coordinate by coordinate, which stays within a box of its own in y."""
    first = _run(step, 16.0, 1)
    rooted = RMSprop(lr=Constant(RATE), alpha=1 - WEIGHT, eps=0.0)
    certified = Range(lambda t: 0.0, lambda t: 4.0, "steps of length 1 in each coordinate of y")
    return (replace(first, says="with the root", optimizer=rooted, certified=certified),)
