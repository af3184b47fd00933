"""Experiments for LAMBC: the length of one step on both sides of the clip, and the growth that the clip allows."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.lamb import LAMB, LAMBC
from lab.schedules import Constant
from problems.layered import LayeredQuadratic

ETA, CLIP, BETA2 = 0.125, 0.5, 0.75  # without bias correction the first direction is sign(g) / sqrt(1 - beta2)
METHOD = LAMBC(lr=Constant(ETA), betas=(0.0, BETA2), eps=0.0, debias=False, upper=CLIP)
LARGEST = (1 - BETA2) ** -0.5  # of a single coordinate's direction


def _first_step(norm: float, bound: sp.Expr) -> Prediction:
    """Return the step from norm (1, 1, 1, 1)/2 on ||x||^2/2: straight to 0, with ||u|| = 4."""
    return Prediction(
        says=f"a layer of norm {norm:g}",
        problem=LayeredQuadratic(shapes=((4,),), curvatures=(1.0,), centres=(0.0,), radii=(norm,)),
        optimizer=METHOD,
        at=(1,),
        values={"eta": ETA, "X": norm, "c": CLIP, "U": 2 * LARGEST},
        start=(norm / 2,) * 4,
        metric="distance_sq",
        relation="==",
        bound=(sp.Symbol("X", positive=True) - bound) ** 2,
        tolerance=1e-9,
    )


def lengths(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return norms below the clip, c ||u|| = 2, and above it. bound: the step's length; ||x|| falls by it."""
    return tuple(_first_step(norm, bound) for norm in (0.25, 1.5, 3.0, 20.0))


def lengths_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return LAMB above the clip."""
    free = LAMB(lr=Constant(ETA), betas=(0.0, BETA2), eps=0.0, debias=False)
    return (replace(_first_step(20.0, bound), says="LAMB, a layer of norm 20", optimizer=free),)


def grows() -> tuple[Prediction, ...]:
    """Return a weight on its way to 10^6, from below the clip and from above it."""
    run = Prediction(
        says="a weight on its way to 10^6, from 4",
        problem=LayeredQuadratic(shapes=((1,),), curvatures=(1.0,), centres=(1e6,), radii=(4.0,)),
        optimizer=METHOD,
        at=(3, 10, 30, 100, 200),
        values={"eta": ETA, "c": CLIP, "U_max": LARGEST, "R": 4.0},
        metric="iterate",
    )
    small = replace(run, says="from 1/4: first as LAMB", values={**run.values, "R": 0.25}, start=(0.25,))
    return run, small


def grows_broken() -> tuple[Prediction, ...]:
    """Return LAMB, which grows geometrically."""
    run, _ = grows()
    free = LAMB(lr=Constant(ETA), betas=(0.0, BETA2), eps=0.0, debias=False)
    return (replace(run, says="LAMB", optimizer=free, at=(30, 100)),)
