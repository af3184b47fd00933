"""W. Lin et al., "Can we remove the square-root in adaptive gradient methods?", ICML 2024, arXiv 2402.03496.

Root-free RMSprop: s' = (1 - b2) s + b2 B g^2 (written with the batch size B inside), w' = w - b1 g/(s' + lam). Where it
ends on f = h w^2/2 without noise: on a 2-cycle. Derived here; nothing of this was read in the paper.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import lin2024 as runs
from proofs_check.orbits import Attraction, Cycle
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import SQUARED_GRADIENT

b1, B, h, w2 = sp.symbols("b1 B h w2", positive=True)
b2 = sp.Symbol("b2", positive=True)
lam = sp.Symbol("lambda", nonnegative=True)
d, e = sp.symbols("d e", real=True)
SOURCE = "ratelab, own derivation; after Lin et al., ICML 2024, arXiv 2402.03496 (theorem numbers not checked)"
RATE = Quantity(b1, POSITIVE, OBJECTIVE, "step size: a preconditioned step g/g^2 has the units X/F")
WEIGHT = Quantity(b2, FRACTION, PURE, "weight of the new square")
BATCH = Quantity(B, POSITIVE, PURE, "batch size")
CURVATURE = Quantity(h, POSITIVE, Units(F=1, X=-2), "curvature")
DAMPING = Quantity(lam, NONNEGATIVE, SQUARED_GRADIENT, "damping")

ON_CYCLE = (b1 * h - 2 * lam) / (2 * B * h**2)
CYCLE_SYMBOLS = (RATE, BATCH, CURVATURE, DAMPING)


def root_free(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return (w', s') for h = B = 1, b1 = b2 = 1/2, no damping."""
    here, square = state
    square = (square + here * here) / 2
    return here - here / square / 2, square


FLOOR = Claim(
    id="lin2024.rf_cycle",
    says="root-free RMSprop on h w^2/2 has the 2-cycle +-w, w^2 = (b1 h - 2 lam)/(2 B h^2); without damping "
    "its loss is b1/(4B), whatever the curvature",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="loss on the cycle",
    metric_units=OBJECTIVE,
    symbols=CYCLE_SYMBOLS,
    assumptions=(b1 * h > 2 * lam,),
    bound=(b1 * h - 2 * lam) / (4 * B * h),
    limits=(Limit("without damping the curvature drops out", lam, sp.Integer(0), b1 / (4 * B)),),
    certificates=(
        Cycle("h = B = 1, b1 = b2 = 1/2: w = 1/2, s = 1/4 and w = -1/2, s = 1/4", root_free,
              ((sp.Rational(1, 2), sp.Rational(1, 4)), (-sp.Rational(1, 2), sp.Rational(1, 4)))),
        Attraction("which attracts: the derivative of two of these steps, in the relative deviations of |w| and s",
                   (sp.Matrix([[-1, -1], [1, sp.Rational(1, 2)]]),) * 2, ()),
    ),
    steps=(
        Identity("|g| is the same on both points: s = B g^2 is at rest",
                 (1 - b2) * (B * h**2 * w2) + b2 * B * h**2 * w2, B * h**2 * w2,
                 (*CYCLE_SYMBOLS, WEIGHT, Quantity(w2, POSITIVE, Units(X=2), "w^2"))),
        Identity("and w goes to -w", 1 - b1 * h / (B * h**2 * ON_CYCLE + lam), sp.Integer(-1), CYCLE_SYMBOLS,
                 (b1 * h > 2 * lam,)),
        Identity("with the loss", h * ON_CYCLE / 2, (b1 * h - 2 * lam) / (4 * B * h), CYCLE_SYMBOLS),
    ),
    experiments=runs.cycle(),
    broken_by=runs.cycle_broken(),
)  # fmt: skip

STEP = (Quantity(d, REAL, PURE, "relative deviation of |w|"), Quantity(e, REAL, PURE, "relative deviation of s"))
TRACE, DET = 2 - 5 * b2, 1 - b2

STABILITY = Claim(
    id="lin2024.rf_cycle_attracts",
    says="the 2-cycle (no damping) attracts the starts near it for b2 < 2/3, and repels them above",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="largest weight of the new square at which the 2-cycle attracts",
    metric_units=PURE,
    symbols=(),
    assumptions=(),
    bound=sp.Rational(2, 3),
    steps=(
        Identity("s' in relative deviations d of |w|, e of s, but for d^2", (1 - b2) * (1 + e) + b2 * (1 + d) ** 2,
                 1 + (1 - b2) * e + 2 * b2 * d + b2 * d**2, (WEIGHT, *STEP)),
        Identity("|w'| = |w| (2/(1 + e') - 1), but for e'^2", (1 + d) * (2 / (1 + e) - 1),
                 1 + d - 2 * e + (2 * e**2 - 2 * d * e) / (1 + e), STEP, (e > -1,)),
        Identity("so half a cycle is [[1 - 4 b2, -2 (1 - b2)], [2 b2, 1 - b2]], of trace 2 - 5 b2", d
                 - 2 * ((1 - b2) * e + 2 * b2 * d), (1 - 4 * b2) * d - 2 * (1 - b2) * e, (WEIGHT, *STEP)),
        Identity("and of determinant 1 - b2", (1 - 4 * b2) * (1 - b2) + 2 * b2 * 2 * (1 - b2), DET, (WEIGHT,)),
        Inequality("b2 < 2/3: the characteristic polynomial is positive at 1 and -1, and the roots' product is",
                   (1 - TRACE + DET) * (1 + TRACE + DET), ">", sp.Integer(0), (WEIGHT,), (b2 < sp.Rational(2, 3),)),
        Chain("both roots are inside the unit circle", (0, "<", DET, "<", 1), (WEIGHT,)),
        Inequality("b2 > 2/3: the values at 1 and -1 have opposite signs, a root is below -1",
                   (1 - TRACE + DET) * (1 + TRACE + DET), "<", sp.Integer(0), (WEIGHT,), (b2 > sp.Rational(2, 3),)),
        Inequality("as the value at 1 is positive", 1 - TRACE + DET, ">", sp.Integer(0), (WEIGHT,)),
        Identity("the value at -1 is 4 - 6 b2, which vanishes at 4/6", 1 + TRACE + DET, 4 - 6 * b2, (WEIGHT,)),
        Identity("that is at", sp.Integer(4) / 6, sp.Rational(2, 3)),
    ),
    experiments=runs.attracts(),
    broken_by=runs.attracts_broken(),
)  # fmt: skip
