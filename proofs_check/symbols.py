"""Symbols that mean the same in every claim, with their domains and units."""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Quantity, Units
from proofs_check.goal import COUNT, FRACTION, FRACTION0, POSITIVE

SQUARED_GRADIENT = Units(F=2, X=-2)

T = sp.Symbol("T", integer=True, positive=True)
alpha, beta2, D, G, s, r, v, t = sp.symbols("alpha beta2 D G s r v t", positive=True)
beta1, gamma = sp.symbols("beta1 gamma", nonnegative=True)

HORIZON = Quantity(T, COUNT, PURE, "horizon")
STEP = Quantity(t, POSITIVE, PURE, "step")
ALPHA = Quantity(alpha, POSITIVE, LENGTH, "scale of Adam's steps: alpha_t = alpha / sqrt(t)")
BETA1 = Quantity(beta1, FRACTION0, PURE, "weight of the old first moment")
BETA2 = Quantity(beta2, FRACTION, PURE, "weight of the old second moment")
GAMMA = Quantity(gamma, FRACTION0, PURE, "beta1 / sqrt(beta2)")
DIAMETER = Quantity(D, POSITIVE, LENGTH, "diameter of the domain")
GRADIENT_BOUND = Quantity(G, POSITIVE, GRADIENT, "bound on the gradients")
SLOPE = Quantity(s, POSITIVE, GRADIENT, "size of the small gradient", unit_value=True)
RADIUS = Quantity(r, POSITIVE, LENGTH, "half the width of the box", unit_value=True)
SECOND_MOMENT = Quantity(v, POSITIVE, SQUARED_GRADIENT, "second moment")
