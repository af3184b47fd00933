"""What proofs for normalised steps share: x+ = x - eta m/||m|| on an L-smooth f, where m errs by E from the gradient.

G = ||grad f||, M = ||m||, E = ||m - grad f||; c = <grad f, m>/||m|| and d = <m - grad f, m>/||m||. A claim adds what
bounds E.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, Quantity, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.steps import Inequality, Over

eta, L, Delta = sp.symbols("eta L Delta", positive=True)
G, M, E, mean = sp.symbols("G M E mean", nonnegative=True)
f0, f1, c, d = sp.symbols("f_0 f_1 c d", real=True)

STEP = Quantity(eta, POSITIVE, LENGTH, "length of a step")
SMOOTH = Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
NORMS = tuple(Quantity(e, NONNEGATIVE, GRADIENT, "a norm, or the mean of one") for e in (G, M, E, mean))
VALUES = tuple(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1))


def along(m: str = "m") -> tuple[Quantity, ...]:
    """Return the two inner products with the direction, m being what the claim calls it."""
    means = f"<grad f, {m}>/||{m}|| and <{m} - grad f, {m}>/||{m}||"
    return tuple(Quantity(e, REAL, GRADIENT, means) for e in (c, d))


def descent(over: Over, parts: str = "m = grad f + (m - grad f)") -> tuple[Inequality, ...]:
    """Return that a step lowers f by eta G, but for 2 eta E and L eta^2/2."""
    return (
        Inequality(f"the normalised direction, {parts}", c, ">=", G - 2 * E, over,
                   (sp.Eq(c, M - d), d <= E, M >= G - E)),
        Inequality("so one step descends", f1, "<=", f0 - eta * G + 2 * eta * E + L * eta**2 / 2, over,
                   (f1 <= f0 - eta * c + L * eta**2 / 2, c >= G - 2 * E)),
    )  # fmt: skip
