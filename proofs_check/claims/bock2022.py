"""S. Bock, M. Weiss, on 2-limit-cycles of Adam, arXiv 2210.02070: Adam on c x^2/2 without noise, eps and debiasing.

m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, x <- x - alpha m/sqrt(v). On the cycle g alternates in sign, v = g^2.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import POSITIVE, REAL
from proofs_check.instances import bock2022 as runs
from proofs_check.orbits import Attraction, Cycle
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import ALPHA, BETA1, BETA2, alpha, beta1, beta2

c, x = sp.symbols("c x", positive=True)
d, e = sp.symbols("d e", real=True)
SYMBOLS = (ALPHA, BETA1)
OVER = (
    *SYMBOLS,
    BETA2,
    Quantity(c, POSITIVE, Units(F=1, X=-2), "curvature"),
    Quantity(x, POSITIVE, LENGTH, "|x| on the cycle"),
    Quantity(d, REAL, PURE, "relative deviation of |x|"),
    Quantity(e, REAL, PURE, "relative deviation of v"),
)
X = alpha * (1 - beta1) / (2 * (1 + beta1))
TRACE, DET = 3 * beta2 - 1, beta2
third, half = sp.Rational(1, 3), sp.Rational(1, 2)


def root(v: Any) -> Any:
    """Return the root of a square, in the same kind of number."""
    return Fraction(isqrt(v.numerator), isqrt(v.denominator)) if isinstance(v, Fraction) else sp.sqrt(v)


def adam(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return (x', m', v') for alpha = c = 1, b1 = b2 = 1/2."""
    here, m, v = state
    m, v = (m + here) / 2, (v + here * here) / 2
    return here - m / root(v), m, v


TWO_CYCLE = Claim(
    id="bock2022.adam_two_cycle",
    says="Adam with a constant step has the 2-cycle |x| = alpha (1 - beta1)/(2 (1 + beta1)), "
    "for every curvature and beta2",
    source="ratelab, own derivation; after Bock, Weiss, arXiv 2210.02070 (theorem number not checked)",
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="|x| on the cycle",
    metric_units=LENGTH,
    symbols=SYMBOLS,
    assumptions=(),
    bound=X,
    limits=(
        Limit("RMSprop: half a step", beta1, sp.Integer(0), alpha / 2),
        Limit("heavy momentum", beta1, sp.Integer(1), sp.Integer(0)),
    ),
    certificates=(
        Cycle("alpha = c = 1, b1 = b2 = 1/2: x = 1/6 and -1/6", adam,
              ((third / 2, -third**2 * half, third**2 / 4), (-third / 2, third**2 * half, third**2 / 4))),
        Attraction("b1 = 0, b2 = 1/2: it attracts; the derivative of two steps, in relative deviations",
                   (sp.Matrix([[0, -half], [1, half]]),) * 2, ()),
    ),
    steps=(
        Identity("|g| = c x is the same on both points: v = c^2 x^2 is at rest", beta2 * (c * x) ** 2
                 + (1 - beta2) * (c * x) ** 2, (c * x) ** 2, OVER),
        Identity("m alternates in sign: -m goes to m = (1-b1)/(1+b1) g", beta1 * (-(1 - beta1) / (1 + beta1) * c * x)
                 + (1 - beta1) * c * x, (1 - beta1) / (1 + beta1) * c * x, OVER),
        Identity("b1 = 0, |x'| = |x| (2/(1 + e) - 1) if sqrt(v') is off by e, half of what v' is",
                 (1 + d) * (2 / (1 + e) - 1), 1 + d - 2 * e + (2 * e**2 - 2 * d * e) / (1 + e), OVER, (e > -1,)),
        Identity("so in relative deviations: half a cycle is [[2 b2 - 1, -b2], [2 (1 - b2), b2]], of trace 3 b2 - 1",
                 d - (beta2 * e + 2 * (1 - beta2) * d), (2 * beta2 - 1) * d - beta2 * e, OVER),
        Identity("and determinant b2", (2 * beta2 - 1) * beta2 + beta2 * 2 * (1 - beta2), DET, OVER),
        Chain("both roots are inside the unit circle, for every b2: it attracts",
              (-(1 + DET), "<", TRACE, "<", 1 + DET), OVER),
        Identity("x goes to -x: alpha m/sqrt(v) = 2 x",
                 X - alpha * ((1 - beta1) / (1 + beta1) * c * X) / (c * X), -X, OVER),
        Inequality("which is no minimizer", X, ">", sp.Integer(0), OVER),
        Identity("so |x| is", alpha * (1 - beta1) / (1 + beta1) / 2, X, OVER),
    ),
    experiments=runs.stays(X),
    broken_by=runs.stays_broken(X),
)  # fmt: skip
