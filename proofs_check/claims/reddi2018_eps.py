"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: Theorem 6.

Adam divides by sqrt(v_t + eps). For any eps > 0 the losses 3 s x, -s x, -s x with s >= 10 sqrt(eps) defeat it: beta1 =
0, beta2 = 1/100, box [-r, r], start r. `a1, a2, a3` are the steps alpha_t of a block; all other constants are rational.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import reddi2018_eps as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import (
    BETA2,
    HORIZON,
    RADIUS,
    SECOND_MOMENT,
    SLOPE,
    SQUARED_GRADIENT,
    T,
    beta2,
    r,
    s,
    v,
)  # fmt: skip

FORMAL = "a machine-checked formalisation (Lean) of arXiv 1904.09237"
k = sp.Symbol("k", integer=True, nonnegative=True)
C = sp.Symbol("C", positive=True)
eps, a1, a2, a3, d1, d2, d3, g2 = sp.symbols("eps a1 a2 a3 d1 d2 d3 g2", nonnegative=True)
x, y = sp.symbols("x y", real=True)

SYMBOLS = (HORIZON, SLOPE, RADIUS)
OVER = (
    *SYMBOLS,
    SECOND_MOMENT,
    Quantity(eps, NONNEGATIVE, SQUARED_GRADIENT, "added to v_t under the root"),
    Quantity(g2, NONNEGATIVE, SQUARED_GRADIENT, "squared gradient"),
    *(Quantity(a, NONNEGATIVE, LENGTH, f"alpha_(3k+{i})") for i, a in enumerate((a1, a2, a3), 1)),
    *(Quantity(d, NONNEGATIVE, LENGTH, f"move of step 3k+{i}") for i, d in enumerate((d1, d2, d3), 1)),
    *(Quantity(e, REAL, LENGTH, f"x_(3k+{i})") for i, e in ((2, x), (3, y))),
    Quantity(k, COUNT0, PURE, "number of finished blocks"),
)
OVER_C = (SLOPE, BETA2, OVER[4], Quantity(C, POSITIVE, GRADIENT, "the large slope"))

b = sp.Rational(1, 100)
down, up_2, up_3 = sp.Rational(30, 29), sp.Rational(20, 21), sp.Rational(100, 101)
once = b * v + (1 - b) * s**2  # v after one small gradient
small = eps <= s**2 / 100
left = sp.sqrt((beta2 * C**2 + (1 - beta2) * s**2) / 2)
with_eps = sp.sqrt((beta2 * C**2 + (1 - beta2) * s**2 + eps) / 2)
right = sp.sqrt((1 - beta2) * s**2 + eps * s**2 / C**2)
AS_SCALED = (sp.Eq(eps, s**2), sp.Eq(beta2, 2 * s**4 / ((s**2 + C**2) * C**2)))

THEOREM_6 = Claim(
    id="reddi2018.thm6_eps",
    says="an epsilon under the root does not help: for every eps some losses give Adam linear regret",
    source=f"Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 6, with the losses of {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.DIVERGENCE,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(small, down * a1 <= r, down * a1 <= up_2 * a2 + up_3 * a3),
    bound=2 * s * r * T / 3,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("losses without slope cost nothing", s, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Induction("v_t stays at or below 9 s^2",
                  base=Inequality("v_0 = 0", sp.Integer(0), "<=", 9 * s**2, OVER),
                  step=Inequality("a step keeps it", b * v + (1 - b) * g2, "<=", 9 * s**2, OVER,
                                  (v <= 9 * s**2, g2 <= 9 * s**2))),
        Inequality("the large gradient makes v large: step 3k+1 moves down by at most 30/29 a1",
                   3 * s * a1 / sp.sqrt(b * v + (1 - b) * 9 * s**2 + eps), "<=", down * a1, OVER),
        Inequality("and stays on the box", r - d1, ">=", -r, OVER, (d1 <= down * a1, down * a1 <= r)),
        Inequality("after it step 3k+2 moves up by at least 20/21 a2", s * a2 / sp.sqrt(once + eps), ">=", up_2 * a2,
                   OVER, (v <= 9 * s**2, small)),
        Inequality("and step 3k+3 by at least 100/101 a3", s * a3 / sp.sqrt(b * once + (1 - b) * s**2 + eps), ">=",
                   up_3 * a3, OVER, (v <= 9 * s**2, small)),
        Identity("so the block ends at r again", sp.Min(r, sp.Min(r, r - d1 + d2) + d3), r, OVER,
                 (d1 <= down * a1, d2 >= up_2 * a2, d3 >= up_3 * a3, down * a1 <= up_2 * a2 + up_3 * a3)),
        Inequality("a block costs at least 2 s r against -r", 3 * s * 2 * r - s * (x + r) - s * (y + r), ">=",
                   2 * s * r, OVER, (x <= r, y <= r)),
        Recursion("k blocks cost k times that", x, x + 2 * s * r, sp.Integer(0), k, 2 * s * r * k,
                  (*SYMBOLS, OVER[-1], Quantity(x, REAL, OBJECTIVE, "regret so far"))),
        Inequality("one step into a block: T = 3k + 1", 2 * s * r * k + 6 * s * r, ">=", 2 * s * r * T / 3, OVER,
                   (sp.Eq(k, (T - 1) / sp.Integer(3)),)),
        Inequality("two steps: T = 3k + 2", 2 * s * r * k + 6 * s * r - s * (x + r), ">=", 2 * s * r * T / 3, OVER,
                   (sp.Eq(k, (T - 2) / sp.Integer(3)), x <= r)),
        Inequality("whole blocks: T = 3k", 2 * s * r * k, ">=", 2 * s * r * T / 3, OVER, (3 * k >= T,)),
    ),
    errata=(
        Erratum(
            id="E6",
            says="the identity by which beta2 = 2/((1+C^2) C^2) is chosen lacks an epsilon on the left (eps = 1)",
            printed=Identity("sqrt((b C^2 + 1 - b)/2) = sqrt(1 - b + eps/C^2)", left, right, OVER_C, AS_SCALED),
            repair=(
                Identity("sqrt((b C^2 + 1 - b + eps)/2) = sqrt(1 - b + eps/C^2)", with_eps, right, OVER_C, AS_SCALED),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="the theorem; here with other losses, on which every constant is rational",
        ),
    ),
    experiments=runs.linear_regret(),
    broken_by=runs.linear_regret_broken(),
)  # fmt: skip
