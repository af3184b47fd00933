"""Y. Zhang, C. Chen, N. Shi, R. Sun, Z. Luo, "Adam Can Converge Without Any Modification ...", NeurIPS 2022.

Where Adam without momentum climbs the n-function of arXiv 2208.09632 (see zhang2022.py): below which beta2 it does,
and above which it cannot. The theorem was read in the PhD thesis of one of the authors; the regions are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import COUNT, COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2022 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA2, HORIZON, SQUARED_GRADIENT, T, beta2

a, s, alpha, w, v, v0, rho, p, move = sp.symbols("a s alpha w v v_0 rho sqrt(beta2) M", positive=True)
q, up = sp.symbols("q P", nonnegative=True)
x0, xk = sp.symbols("x_0 x_k", real=True)
n, k = sp.symbols("n k", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)

PARTS = Quantity(n, sp.Range(3, sp.oo), PURE, "number of components")
SIZE = Quantity(a, POSITIVE, PURE, "the small slopes, as a multiple of s")
LARGE = 1 + (n - 1) * a
CLIMB = (
    HORIZON,
    PARTS,
    Quantity(a, sp.Interval.Lopen(0, 1), PURE, "the small slopes, as a multiple of the mean's"),
    Quantity(alpha, POSITIVE, LENGTH, "constant step"),
    BETA2,
)
CLIMB_OVER = (
    *CLIMB,
    Quantity(s, POSITIVE, GRADIENT, "size of the small slopes"),
    Quantity(rho, sp.Interval(3, sp.oo), PURE, "large slope over small slope"),
    Quantity(v, POSITIVE, SQUARED_GRADIENT, "v"),
    Quantity(v0, POSITIVE, SQUARED_GRADIENT, "v one step before"),
    Quantity(k, COUNT, PURE, "periods"),
    *(Quantity(e, REAL, LENGTH, "position") for e in (x0, xk)),
    Quantity(move, POSITIVE, LENGTH, "what a period climbs at least"),
)
CLIMB_BOUND = alpha * T * (n - 2) / (2 * n)
root2, root10 = sp.sqrt(2), sp.sqrt(10)

SMALL_BETA2 = Claim(
    id="zhang2022.thm_div_small_beta2",
    says="with beta1 = 0 and beta2 below the squared ratio of slopes Adam climbs the n-function for ever",
    source="ratelab, own derivation; after Zhang et al., arXiv 2208.09632 (cyclic order, from x_0 >= -r + 2 alpha)",
    kind=Kind.DIVERGENCE,
    metric="x_T - x_0 after whole periods",
    metric_units=LENGTH,
    symbols=CLIMB,
    assumptions=(beta2 <= (a / LARGE) ** 2, sp.Eq(sp.Mod(T, n), 0)),
    bound=CLIMB_BOUND,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("no step, no climb", alpha, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("the large slope is at least n times a small one", LARGE / a, ">=", n, CLIMB_OVER),
        Inequality("so beta2 is at most 1/9", beta2, "<=", sp.Rational(1, 9), CLIMB_OVER, (beta2 * rho**2 <= 1,)),
        Chain("the large slope moves x down by at most 3/sqrt(8) alpha",
              (rho * s / sp.sqrt(v), "<=", 1 / sp.sqrt(1 - beta2), "<=", 3 / (2 * root2)), CLIMB_OVER,
              (v >= (1 - beta2) * (rho * s) ** 2, beta2 <= sp.Rational(1, 9))),
        Inequality("v never exceeds the large slope's square", beta2 * v + (1 - beta2) * (rho * s) ** 2, "<=",
                   (rho * s) ** 2, CLIMB_OVER, (v <= (rho * s) ** 2,)),
        Chain("one step after it v is at most twice the small slope's square",
              (beta2 * v0 + (1 - beta2) * s**2, "<=", beta2 * rho**2 * s**2 + s**2, "<=", 2 * s**2), CLIMB_OVER,
              (v0 <= (rho * s) ** 2, beta2 * rho**2 <= 1)),
        Inequality("the first small slope moves x up by at least alpha/sqrt(2)", s / sp.sqrt(v), ">=", 1 / root2,
                   CLIMB_OVER, (v <= 2 * s**2,)),
        Inequality("later v is at most 10/9 of the small slope's square", beta2 * v0 + (1 - beta2) * s**2, "<=",
                   sp.Rational(10, 9) * s**2, CLIMB_OVER, (v0 <= 2 * s**2, beta2 <= sp.Rational(1, 9))),
        Inequality("and each small slope moves x up by at least 3/sqrt(10) alpha", s / sp.sqrt(v), ">=", 3 / root10,
                   CLIMB_OVER, (v <= sp.Rational(10, 9) * s**2,)),
        Inequality("one period", alpha * (1 / root2 + (n - 2) * 3 / root10 - 3 / (2 * root2)), ">=",
                   alpha * (n - 2) / 2, CLIMB_OVER),
        Recursion("k periods that climb by M each", xk, xk + move, x0 + move, k, x0 + k * move, CLIMB_OVER),
        Inequality("T = k n steps", xk - x0, ">=", CLIMB_BOUND, CLIMB_OVER,
                   (xk - x0 >= k * alpha * (n - 2) / 2, sp.Eq(k, T / n))),
    ),
    experiments=runs.climbs(),
    broken_by=runs.climbs_broken(),
)  # fmt: skip

PHASE = (PARTS, SIZE)
PHASE_OVER = (
    *PHASE,
    BETA2,
    Quantity(s, POSITIVE, GRADIENT, "n times the slope of f", unit_value=True),
    Quantity(rho, sp.Interval(1, sp.oo), PURE, "large slope over small slope"),
    Quantity(w, FRACTION, PURE, "weight of the large slope's square in v_1"),
    Quantity(p, FRACTION, PURE, "sqrt(beta2)"),
    Quantity(q, sp.Interval(0, 1), PURE, "beta2^((n-1)/2)"),
    Quantity(up, NONNEGATIVE, PURE, "sum of the upward pushes"),
    *(Quantity(e, POSITIVE, SQUARED_GRADIENT, "v_n and v_1") for e in (v, v0)),
    Quantity(j, COUNT0, PURE, "small slopes since the large one"),
    Quantity(k, COUNT, PURE, "n - 1"),
)
PHASE_BOUND = (1 - 1 / ((n - 1) * LARGE)) ** 2


def _cycle(phase: sp.Expr, period: sp.Expr) -> sp.Expr:
    """Return v over the small slope's square in the settled cycle."""
    return 1 + (rho**2 - 1) * (1 - beta2) * beta2 ** (phase - 1) / (1 - beta2**period)


PHASE_THRESHOLD = Claim(
    id="zhang2022.phase_derived",
    says="Adam without momentum, small steps, cyclic order: up to which beta2 it can climb the n-function; 1 - O(n^-2)",
    source="ratelab, own derivation; after the n-function of Zhang et al., arXiv 2208.09632",
    kind=Kind.UPPER,
    metric="any beta2 with which a period does not move x downhill",
    metric_units=PURE,
    symbols=PHASE,
    assumptions=(),
    bound=PHASE_BOUND,
    limits=(Limit("slopes that all but cancel want beta2 = 1", a, sp.oo, sp.Integer(1)),),
    standing=Standing.DERIVED,
    steps=(
        Identity("v in its cycle: from phase j+1 to j+2", beta2 * _cycle(j + 1, n) + 1 - beta2, _cycle(j + 2, n),
                 PHASE_OVER),
        Identity("from phase n = k+1 to 1", beta2 * _cycle(k + 1, k + 1) + (1 - beta2) * rho**2, _cycle(1, k + 1),
                 PHASE_OVER),
        Inequality("v falls from phase 1 to n", 1 + (rho**2 - 1) * w * beta2 ** (j + 1), "<=",
                   1 + (rho**2 - 1) * w * beta2**j, PHASE_OVER),
        Inequality("but v_n >= q^2 v_1", 1 + (rho**2 - 1) * w * q**2, ">=", q**2 * (1 + (rho**2 - 1) * w), PHASE_OVER),
        Inequality("the pull of the large slope less the n-1 pushes", rho * s / sp.sqrt(v0) - up, ">=",
                   (rho * q - (n - 1)) * s / sp.sqrt(v), PHASE_OVER,
                   (v >= q**2 * v0, up <= (n - 1) * s / sp.sqrt(v))),
        Induction("Bernoulli: p^k >= 1 - k (1-p)",
                  base=Inequality("k = 1", p, ">=", 1 - (1 - p), PHASE_OVER),
                  step=Inequality("k to k+1", p * q, ">=", 1 - (k + 1) * (1 - p), PHASE_OVER,
                                  (q >= 1 - k * (1 - p),))),
        Inequality("where the pull does not win beta2 is at most", beta2, "<=", PHASE_BOUND, PHASE_OVER,
                   (sp.Eq(beta2, p**2), q >= 1 - (n - 1) * (1 - p), LARGE / a * q <= n - 1)),
    ),
    experiments=runs.comes_down(),
    broken_by=runs.comes_down_broken(),
)  # fmt: skip
