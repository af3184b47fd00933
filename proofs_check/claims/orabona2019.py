"""F. Orabona, "A Modern Introduction to Online Learning", arXiv 1912.13213: no learner beats order D G sqrt(T).

Losses f_t(x) = G e_t <z, x> with fair coins e_t = +-1 and z along a diameter of the domain. The learner's expected loss
is that of any fixed point, so E R_T = (D G/2) E |S_T|, S_T = e_1 + ... + e_T. a is E |S_2n|, p is P(S_2n = 0).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import COUNT, NONNEGATIVE, REAL
from proofs_check.instances import orabona2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, D, G, T

a, p, mean, best = sp.symbols("a p E|S| R", nonnegative=True)
x, y = sp.symbols("x y", real=True)
n = sp.Symbol("n", integer=True, positive=True)
s = sp.Symbol("s", integer=True, positive=True)

SYMBOLS = (HORIZON, DIAMETER, GRADIENT_BOUND)
OVER = (
    *SYMBOLS,
    Quantity(n, COUNT, PURE, "half the number of coins"),
    Quantity(s, COUNT, PURE, "|S| after an odd number of coins"),
    *(Quantity(e, NONNEGATIVE, PURE, "E |S_2n|, P(S_2n = 0), E |S_T|") for e in (a, p, mean)),
    *(Quantity(e, REAL, PURE, "the two ends of a diameter, on it") for e in (x, y)),
    Quantity(best, NONNEGATIVE, OBJECTIVE, "E R_T"),
)

LOWER = Claim(
    id="orabona2019.oco_lower",
    says="against every learner some losses make the expected regret at least D G sqrt(T) / (2 sqrt(2))",
    source="Orabona, A Modern Introduction to Online Learning, arXiv 1912.13213, chapter 5, as restated in a "
    "formalised statement (theorem number not checked)",
    kind=Kind.LOWER,
    standing=Standing.RESTATED,
    metric="expected regret of any learner, worst over losses",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=D * G * sp.sqrt(T) / (2 * sp.sqrt(2)),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("nothing to lose on one point", D, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("the better end of the diameter: min(x S, y S) over S = +-|S| has mean -|x - y| |S|/2",
                 (sp.Min(x, y) + sp.Min(-x, -y)) / 2, -sp.Abs(x - y) / 2, OVER),
        Identity("a coin leaves the mean of |S| as it is, unless S = 0, where it becomes 1",
                 (s + 1 + s - 1) / sp.Integer(2), s, OVER),
        Identity("P(S_2n = 0) = binomial(2n, n)/4^n: from n to n + 1", (2 * n + 2) * (2 * n + 1) / ((n + 1) ** 2 * 4),
                 (2 * n + 1) / (2 * n + 2), OVER),
        Induction("so E |S_2n| = 2n P(S_2n = 0)",
                  base=Identity("n = 1: S = -2, 0, 0, 2", sp.Integer(1), 2 * sp.Rational(1, 2)),
                  step=Identity("E |S_2n+2| = E |S_2n| + P(S_2n = 0)", 2 * n * p + p,
                                2 * (n + 1) * p * (2 * n + 1) / (2 * n + 2), OVER)),
        Induction("and E |S_2n| >= sqrt(n)",
                  base=Inequality("n = 1", sp.Integer(1), ">=", sp.Integer(1)),
                  step=Inequality("n to n+1", a * (2 * n + 1) / (2 * n), ">=", sp.sqrt(n + 1), OVER,
                                  (a >= sp.sqrt(n),))),
        Inequality("T = 2n", mean, ">=", sp.sqrt(T / sp.Integer(2)), OVER, (mean >= sp.sqrt(n), sp.Eq(T, 2 * n))),
        Inequality("T = 2n - 1, where E |S_T| = E |S_2n|", mean, ">=", sp.sqrt(T / sp.Integer(2)), OVER,
                   (mean >= sp.sqrt(n), sp.Eq(T, 2 * n - 1))),
        Inequality("so the regret is at least", best, ">=", D * G * sp.sqrt(T) / (2 * sp.sqrt(2)), OVER,
                   (sp.Eq(best, D * G * mean / 2), mean >= sp.sqrt(T / sp.Integer(2)))),
    ),
    experiments=runs.random_signs(),
    broken_by=runs.random_signs_broken(),
)  # fmt: skip
