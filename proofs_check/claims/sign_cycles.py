"""Sign methods with a constant step on lam x^2/2: they do not converge, but alternate between two points for ever.

signSGD, x <- x - a sign(g), and Signum, m <- b m + (1 - b) g, x <- x - a sign(m), without noise; a is a length.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION0, POSITIVE, REAL
from proofs_check.instances import sign_cycles as runs
from proofs_check.orbits import Cycle
from proofs_check.steps import Identity, Inequality

a, lam = sp.symbols("a lambda", positive=True)
b = sp.Symbol("b", nonnegative=True)
x, up = sp.symbols("x m", real=True)

LENGTHS = (Quantity(a, POSITIVE, LENGTH, "step length"),)
OVER = (
    *LENGTHS,
    Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature"),
    Quantity(b, FRACTION0, PURE, "momentum"),
    Quantity(x, REAL, LENGTH, "x_k"),
    Quantity(up, REAL, GRADIENT, "running mean after the gradient at x"),
)
SOURCE = "ratelab, own derivation; the methods are those of Bernstein et al., ICML 2018, arXiv 1802.04434"


def sign(v: Any) -> int:
    """Return the sign, 0 at 0."""
    return 1 if v > 0 else -1 if v < 0 else 0


def sign_descent(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return x' for a = 1."""
    return (state[0] - sign(state[0]),)


def signum(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return (x', m') for a = lam = 1, b = 1/2."""
    here, m = state
    m = (m + here) / 2
    return here - sign(m), m


SIGN_DESCENT = Claim(
    id="sign_cycles.signsgd",
    says="of any two successive iterates of signSGD, the first not the minimizer, one is at least a/2 away from it",
    source=SOURCE,
    kind=Kind.DIVERGENCE,
    standing=Standing.DERIVED,
    metric="the larger squared distance of two successive iterates",
    metric_units=Units(X=2),
    symbols=LENGTHS,
    assumptions=(),
    bound=a**2 / 4,
    limits=(Limit("it goes with the step", a, sp.Integer(0), sp.Integer(0)),),
    certificates=(
        Cycle("a = 1: 1/2 and -1/2", sign_descent, ((sp.Rational(1, 2),), (-sp.Rational(1, 2),))),
        Cycle("a = 1: 1/3 and -2/3", sign_descent, ((sp.Rational(1, 3),), (-sp.Rational(2, 3),))),
    ),
    steps=(
        Inequality("as long as x >= a a step brings it nearer, so that 0 < x < a is reached, or 0 itself",
                   (x - a) ** 2, "<", x**2, OVER, (x >= a,)),
        Inequality("0 < x < a goes to the other side", x * (x - a), "<", sp.Integer(0), OVER, (x > 0, x < a)),
        Identity("and from there back", (x - a) + a, x, OVER),
        Inequality("one of the two is far, for x > 0 as for x < 0", sp.Max(x**2, (x - a) ** 2), ">=", a**2 / 4, OVER),
    ),
    experiments=runs.alternates(),
    broken_by=runs.alternates_broken(),
)  # fmt: skip

SIGNUM = Claim(
    id="sign_cycles.signum",
    says="x and x - a are a 2-cycle of Signum for all x in an interval of length a (1 - b)/(1 + b) around a/2, "
    "whatever the curvature",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="length of the interval of 2-cycles",
    metric_units=LENGTH,
    symbols=(LENGTHS[0], OVER[2]),
    assumptions=(),
    bound=a * (1 - b) / (1 + b),
    limits=(Limit("without momentum: all x in (0, a)", b, sp.Integer(0), a),),
    certificates=(
        Cycle("a = lam = 1, b = 1/2: x = 1/2, m = -1/6 and x = -1/2, m = 1/6", signum,
              ((sp.Rational(1, 2), -sp.Rational(1, 6)), (-sp.Rational(1, 2), sp.Rational(1, 6)))),
    ),
    steps=(
        Identity("two gradients, lam x and lam (x - a), bring the mean back: after x it is lam (x - a b/(1+b))",
                 b * (b * (lam * (x - a * b / (1 + b))) + (1 - b) * lam * (x - a)) + (1 - b) * lam * x,
                 lam * (x - a * b / (1 + b)), OVER),
        Identity("and after the one at x - a", b * lam * (x - a * b / (1 + b)) + (1 - b) * lam * (x - a),
                 lam * (x - a / (1 + b)), OVER),
        Inequality("so for a b/(1+b) < x < a/(1+b) x has a positive mean, x - a a negative one",
                   lam * (x - a * b / (1 + b)) * lam * (x - a / (1 + b)), "<", sp.Integer(0), OVER,
                   (x > a * b / (1 + b), x < a / (1 + b))),
        Identity("an interval around a/2", (a * b / (1 + b) + a / (1 + b)) / 2, a / 2, OVER),
        Identity("of the length", a / (1 + b) - a * b / (1 + b), a * (1 - b) / (1 + b), OVER),
    ),
    experiments=runs.returns(a * (1 - b) / (1 + b)),
    broken_by=runs.returns_broken(a * (1 - b) / (1 + b)),
)  # fmt: skip
