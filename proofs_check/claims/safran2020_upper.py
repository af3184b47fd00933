"""I. Safran, O. Shamir, "How Good is SGD with Random Shuffling?", COLT 2020, arXiv 1908.00045: an upper bound.

Their Theorem 10 has one-dimensional quadratics f_i = a_i x^2/2 - b_i x, and constants and logarithms that are not
computed. Here all curvatures are lam: statement, constants and proof are the lab's. With g_i = f_i'(x*), sum g_i = 0,
|g_i| <= G, q = 1 - u and u = h lam for the step h, an epoch is x <- q^n x - h S from x*, S = sum_i g_i q^(n-i) in a new
random order. T counts epochs, u = log(n T)/(n T).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import safran2020 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA = Units(X=2)
lam, G, R, u, h = sp.symbols("lambda G R u h", positive=True)
c, cov, power = sp.symbols("c C Y", real=True)
w, p, kept, S1, S2, Q, ss2, b, e = sp.symbols("w p kept S1 S2 Q ss2 B e", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
n, m = sp.symbols("n m", integer=True, positive=True)
one, half = sp.Integer(1), sp.Rational(1, 2)
log = sp.log

SYMBOLS = (
    HORIZON,
    Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature of every component"),
    Quantity(G, POSITIVE, GRADIENT, "no |f_i'(x*)| is larger"),
    Quantity(R, POSITIVE, LENGTH, "start, from the minimiser"),
    Quantity(n, sp.Range(2, sp.oo), PURE, "number of components"),
)
OVER = (
    *SYMBOLS,
    Quantity(h, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(u, sp.Interval.open(0, 1), PURE, "h lambda"),
    Quantity(m, COUNT, PURE, "a count"),
    Quantity(k, COUNT0, PURE, "steps or epochs done"),
    Quantity(c, REAL, PURE, "a power of q"),
    Quantity(cov, REAL, SQUARED_GRADIENT, "E g_i g_j of two components of an epoch"),
    Quantity(w, sp.Interval(0, 1), PURE, "1 - q^(n-1): powers of q in an epoch lie in [1 - w, 1]"),
    *(Quantity(s, sp.Interval(0, 1), PURE, "a power of q: q^m or q^n, q^(2nT)") for s in (p, kept)),
    Quantity(power, REAL, PURE, "log of q^(2nT)"),
    *(Quantity(s, NONNEGATIVE, PURE, "sum of the powers of q; of their squares; squared, from the middle")
      for s in (S1, S2, Q)),
    *(Quantity(s, NONNEGATIVE, SQUARED_GRADIENT, "mean of g_i^2; E S^2") for s in (ss2, b)),
    Quantity(e, NONNEGATIVE, AREA, "E (x_k - x*)^2"),
)  # fmt: skip
MIDDLE = 1 - w / 2
STEP = (sp.Eq(h, u / lam),)
CHOSEN = sp.Eq(u, log(n * T) / (n * T))
NOISE = h**2 * b / (n * u / 2)
BOUND = lam * R**2 / (2 * n**2 * T**2) + G**2 * log(n * T) ** 3 / (4 * lam * n * T**3)

UPPER = Claim(
    id="safran2020.rr_safran_upper_1d",
    says="components of one curvature in a new random order every epoch: the step log(n T)/(lambda n T) leaves of the "
    "order 1/(n T^3) of the noise after T epochs",
    source="ratelab, own derivation of constants and proof, for equal curvatures; after Safran, Shamir, COLT 2020, "
    "arXiv 1908.00045, Theorem 10",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(log(n * T) <= T,),
    bound=BOUND,
    rate=Rate(-sp.Integer(2)),
    limits=(
        Limit("x* minimises every component", G, sp.Integer(0), lam * R**2 / (2 * n**2 * T**2)),
        Limit("from x*", R, sp.Integer(0), G**2 * log(n * T) ** 3 / (4 * lam * n * T**3)),
    ),
    steps=(
        Identity("the g_i add up to 0: 0 = n ss2 + n (n-1) E g_i g_j", n * ss2 + n * (n - 1) * cov, sp.Integer(0),
                 OVER, (sp.Eq(cov, -ss2 / (n - 1)),)),
        Identity("so E S = 0 and E S^2 = ss2 S2 + cov (S1^2 - S2)", ss2 * S2 + cov * (S1**2 - S2),
                 ss2 * (n * S2 - S1**2) / (n - 1), OVER, (sp.Eq(cov, -ss2 / (n - 1)),)),
        Inequality("each power of q is within w/2 of the middle 1 - w/2", (c - MIDDLE) ** 2, "<=", w**2 / 4, OVER,
                   (c >= 1 - w, c <= 1)),
        Inequality("and the middle is no better than the mean", n * S2 - S1**2, "<=", n * Q, OVER,
                   (sp.Eq(Q, S2 - 2 * MIDDLE * S1 + n * MIDDLE**2),)),
        Induction("1 - (1 - u)^m <= m u",
                  base=Identity("m = 1", 1 - (1 - u), u, OVER),
                  step=Inequality("m to m+1", 1 - (1 - u) * p, "<=", (m + 1) * u, OVER, (1 - p <= m * u,)),
                  conclusion=(1 - p, "<=", m * u)),
        Chain("so that, with w <= (n - 1) u,", (b, "<=", G**2 * n**2 * w**2 / (4 * (n - 1)), "<=",
                                               G**2 * n**3 * u**2 / 4), OVER,
              (b * (n - 1) <= ss2 * n * Q, ss2 <= G**2, Q <= n * w**2 / 4, w <= (n - 1) * u)),
        Induction("(1 - u)^m (1 + m u) <= 1",
                  base=Inequality("m = 1", (1 - u) * (1 + u), "<=", one, OVER),
                  step=Inequality("m to m+1", (1 - u) * p * (1 + (m + 1) * u), "<=", one, OVER, (
                      p * (1 + m * u) <= 1,)),
                  conclusion=(p * (1 + m * u), "<=", one)),
        Inequality("hence 1 - q^(2n) >= n u/2, as n u <= 1", 1 - p**2, ">=", n * u / 2, OVER, (
            p * (1 + n * u) <= 1, n * u <= 1)),
        Recursion("E x^2 from epoch to epoch", e, p**2 * e + h**2 * b, R**2, k, p ** (2 * k) * R**2
                  + h**2 * b * (1 - p ** (2 * k)) / (1 - p**2), OVER, (p < 1,)),
        Inequality("after T epochs", kept * R**2 + h**2 * b * (1 - kept) / (1 - p**2), "<=", kept * R**2 + NOISE, OVER,
                   (1 - p**2 >= n * u / 2,)),
        Inequality("log(1 - u) <= -u", log(1 - u), "<=", -u, OVER),
        Inequality("so q^(2nT) <= (n T)^-2, in logarithms", power, "<=", -2 * log(n * T), OVER, (
            power <= -2 * n * T * u, CHOSEN)),
        Inequality("the noise", NOISE, "<=", G**2 * n**2 * u**3 / (2 * lam**2), OVER, (b <= G**2 * n**3 * u**2 / 4,
                                                                                     *STEP)),
        Identity("with the step chosen", G**2 * n**2 * u**3 / (2 * lam**2), G**2 * log(n * T) ** 3
                 / (2 * lam**2 * n * T**3), OVER, (CHOSEN,)),
        Inequality("f - f* = lambda (x - x*)^2/2", lam * e / 2, "<=", BOUND, OVER, (
            e <= R**2 / (n * T) ** 2 + G**2 * log(n * T) ** 3 / (2 * lam**2 * n * T**3),)),
    ),
    experiments=runs.reshuffled_short(BOUND.subs(T, T / n)),
    broken_by=runs.reshuffled_shorter(BOUND.subs(T, T / n)),
)  # fmt: skip
