"""A claim and a run of it, written for tests of what a run may say: projected gradient descent on Reddi's cycle."""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, Claim, Kind, Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import InvSqrt
from problems.reddi import ReddiCycle

T, G, D = sp.symbols("T G D", positive=True)
OGD = sp.Rational(3, 2) * D * G * sp.sqrt(T)  # Zinkevich's bound, for steps D/(G sqrt(t))


def claim(**changes):
    """Return the claim that the regret is at most OGD, which names no symbols, with some of its fields changed."""
    base = {
        "id": "test.claim", "says": "a claim", "source": "this test", "kind": Kind.UPPER, "metric": "regret",
        "metric_units": OBJECTIVE, "symbols": (), "assumptions": (), "bound": OGD,
    }  # fmt: skip
    return Claim(**(base | changes))


def descent(**changes):
    """Return a run that keeps to it, D = 2 and G = 3, with some of its fields changed."""
    base = {
        "says": "projected gradient descent", "problem": ReddiCycle(C=3.0), "optimizer": SGD(lr=InvSqrt(2 / 3)),
        "at": tuple(range(1, 61)), "values": {"D": 2.0, "G": 3.0},
    }  # fmt: skip
    return Prediction(**(base | changes))
