"""I. Safran, O. Shamir, "How Good is SGD with Random Shuffling?", COLT 2020, arXiv 1908.00045: the bias of an epoch.

Their instance of Proposition 13: f_i = lam x^2/2 + (G/2) x for n/2 = m components, -(G/2) x for the others, in a new
random order in each epoch, so that f = lam x^2/4; start at -R. A push of a flat component is shrunk by the quadratic
ones that come after it, 0 to m of them, a push of a quadratic one by 0 to m - 1: the mean is driven to one side.

u = h lam <= 1 for the constant step h, q = 1 - u, p = q^m, D = G/(2 lam), y = -E x; T counts epochs. The paper has
h <= 1/(100 lam n^2) and a universal constant; constant and proof here are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import safran2020 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

lam, G, R, D, u, w = sp.symbols("lambda G R D u w", positive=True)
S, q = sp.symbols("S q", real=True)
p, kept, y, W, x2 = sp.symbols("p kept y W x2", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m, n = sp.symbols("m n", integer=True, positive=True)
half, one, zero = sp.Rational(1, 2), sp.Integer(1), sp.Integer(0)

SYMBOLS = (
    HORIZON,
    Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature of a component, twice that of f"),
    Quantity(G, POSITIVE, GRADIENT, "twice the push of a component"),
    Quantity(R, POSITIVE, LENGTH, "start, from the minimiser; the paper's is 1"),
    Quantity(n, sp.Range(2, sp.oo), PURE, "number of components, even"),
)
OVER = (
    *SYMBOLS,
    Quantity(k, COUNT0, PURE, "terms of a sum, or epochs done"),
    Quantity(m, COUNT, PURE, "n/2"),
    Quantity(u, sp.Interval.Lopen(0, 1), PURE, "h lambda"),
    Quantity(w, POSITIVE, PURE, "m u"),
    Quantity(q, sp.Interval.Ropen(0, 1), PURE, "1 - u"),
    Quantity(p, sp.Interval.Ropen(0, 1), PURE, "q^m"),
    Quantity(kept, sp.Interval(0, 1), PURE, "p^k"),
    Quantity(S, REAL, PURE, "E of the sum of the signed pushes, shrunk by what comes after them"),
    *(Quantity(s, NONNEGATIVE, LENGTH, "- E x_k, where it goes") for s in (y, W)),
    Quantity(x2, NONNEGATIVE, Units(X=2), "E x_T^2"),
    Quantity(D, POSITIVE, LENGTH, "G/(2 lambda)"),
)  # fmt: skip
GROWN = 1 + m * u + m * (m + 1) * u**2 / 2
DRIFT = D * (1 - p * (1 + m * u)) / (m + 1)
REST = DRIFT / (1 - p)
BOUND = G**2 / (10816 * lam * n**2 * T**2)

ONE_SIDED = Claim(
    id="safran2020.rr_safran_lower_bias",
    says="random reshuffling: no constant step up to 1/lambda beats G^2/(lambda (n T)^2) after T epochs, however "
    "many, because the mean itself is off",
    source="ratelab, own derivation of constants and proof; after Safran, Shamir, COLT 2020, arXiv 1908.00045, "
    "Theorem 5, its term 1/(n k)^2 (Proposition 13)",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(G <= 26 * lam * R * n * T,),
    bound=BOUND,
    rate=Rate(-sp.Integer(2)),
    limits=(Limit("no pushes: nothing is claimed", G, zero, zero),),
    steps=(
        Recursion("1 + q + ... + q^(k-1): the quadratic components have 0, ..., m - 1 others after them", S, q * S + 1,
                  zero, k, (1 - q**k) / (1 - q), OVER),
        Identity("a flat one has any number from 0 to m with the same probability: the difference is", (1 - p) / u
                 - m * (1 - (1 - u) * p) / ((m + 1) * u), (1 - p * (1 + m * u)) / ((m + 1) * u), OVER),
        Recursion("so y = -E x has y' = p y + u D S", y, p * y + DRIFT, R, k, p**k * R + (1 - p**k) * REST, OVER),
        Induction("(1 - u)^m (1 + m u + m (m+1) u^2/2) <= 1",
                  base=Inequality("m = 1", (1 - u) * (1 + u + u**2), "<=", one, OVER),
                  step=Inequality("m to m+1", (1 - u) * p * GROWN.subs(m, m + 1), "<=", one, OVER, (p * GROWN <= 1,)),
                  conclusion=(p * GROWN, "<=", one)),
        Induction("1 - (1 - u)^m <= m u",
                  base=Identity("m = 1", 1 - (1 - u), u, OVER),
                  step=Inequality("m to m+1", 1 - (1 - u) * p, "<=", (m + 1) * u, OVER, (1 - p <= m * u,)),
                  conclusion=(1 - p, "<=", m * u)),
        Induction("p^k >= 1 - k (1 - p)",
                  base=Inequality("k = 0", one, ">=", 1 - 0 * p, OVER),
                  step=Inequality("k to k+1", p * kept, ">=", 1 - (k + 1) * (1 - p), OVER, (kept >= 1 - k * (1 - p),)),
                  conclusion=(kept, ">=", 1 - k * (1 - p))),
        Inequality("so a step that leaves less than half of R is not tiny", m * u, ">=", 1 / (2 * T), OVER, (
            kept >= 1 - T * (1 - p), kept <= half, 1 - p <= m * u)),
        Inequality("p >= 1/2: the mean goes to D u/4 at least", D * (1 - p * (1 + m * u)), ">=", D * u / 4 * (m + 1)
                   * (1 - p), OVER, (p * GROWN <= 1, p >= half, 1 - p <= m * u)),
        Inequality("which is", D * u / 4, ">=", D / (4 * n * T), OVER, (m * u >= 1 / (2 * T), sp.Eq(n, 2 * m))),
        Inequality("p <= 1/2: then w = m u >= 1/2, and", 1 - p * (1 + w), ">=", sp.Rational(1, 13), OVER, (
            p * (1 + w + w**2 / 2) <= 1, w >= half)),
        Inequality("so that it goes to D/(13 n) at least", D / 13 / (m + 1) / (1 - p), ">=", D / (13 * n), OVER, (
            sp.Eq(n, 2 * m),)),
        Inequality("in either case, also where half of R is left", y, ">=", D / (26 * n * T), OVER, (
            y >= sp.Min(R / 2, W / 2), W >= sp.Min(D / (4 * n * T), D / (13 * n)), D <= 13 * R * n * T)),
        Chain("f = lambda x^2/4, and Jensen", (lam * x2 / 4, ">=", lam * y**2 / 4, ">=", BOUND), OVER, (
            x2 >= y**2, y >= D / (26 * n * T), sp.Eq(D, G / (2 * lam)))),
    ),
    experiments=runs.no_step_one_sided(BOUND.subs(T, T / n)),
    broken_by=runs.from_the_minimiser(runs.no_step_one_sided(BOUND.subs(T, T / n))[0]),
)  # fmt: skip
