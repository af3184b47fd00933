"""Experiments for normalised descent: the function whose curvature is 1 + slope everywhere, from 3.3, taken for 2.

On a line g/||g|| is sign(g), which intervals keep exact.
"""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.signsgd import SignSGD
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1

R, RHAT = 3.3, 2.0


def extremal() -> tuple[Prediction, ...]:
    """Return three horizons, each with its own step."""
    return tuple(_run(T) for T in (25, 100, 250))


def _run(T: int, factor: float = 1.0) -> Prediction:
    return Prediction(
        says=f"from {R:g}, T = {T}, steps of {factor * RHAT / T**0.5:.3g}",
        problem=ExtremalL0L1(L0=1.0, L1=1.0),
        optimizer=SignSGD(lr=Constant(factor * RHAT / T**0.5)),
        at=(T,),
        values={"L_0": 1.0, "L_1": 1.0, "R": R, "Rhat": RHAT},
        start=(R,),
    )


def extremal_broken() -> tuple[Prediction, ...]:
    """Return steps a thousandth as long."""
    return (replace(_run(100, 0.001), says="steps a thousandth as long"),)
