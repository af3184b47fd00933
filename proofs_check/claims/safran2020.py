"""I. Safran, O. Shamir, "How Good is SGD with Random Shuffling?", COLT 2020, arXiv 1908.00045: the exact laws.

Their instance (2), n even: f_i = lam x^2/2 + (G/2) x for one half of the i, lam x^2/2 - (G/2) x for the other; constant
step h, q = 1 - h lam. An epoch is x <- q^n x - (h G/2) S with S = sum_i s_i q^(n-i), the signs s_i = +-1 in the order
of the components. S1 and S2 are the sums of q^i and q^(2i) over i < n, beta = E S^2. The horizon T counts epochs.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT0, POSITIVE, REAL
from proofs_check.instances import safran2020 as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity
from proofs_check.symbols import HORIZON, T

AREA = Units(X=2)
h, lam, G = sp.symbols("h lambda G", positive=True)
x, x0, y, q, p, S, S1, S2, c, z = sp.symbols("x x0 y q p S S1 S2 c z", real=True)
e, b, D = sp.symbols("e beta D", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

STEP = Quantity(h, POSITIVE, Units(F=-1, X=2), "step size, below 2/lambda")
CURVATURE = Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature")
PUSH = Quantity(G, POSITIVE, GRADIENT, "twice the push of a component")
START = Quantity(x0, REAL, LENGTH, "start, from the minimiser")
SHRINK = Quantity(q, sp.Interval.open(-1, 1), PURE, "1 - h lambda")
NUMBER = Quantity(n, sp.Range(2, sp.oo), PURE, "number of components, even")
HALF = Quantity(p, sp.Interval.open(-1, 1), PURE, "q^(n/2)")
SPREAD = Quantity(b, sp.Interval(0, sp.oo), PURE, "beta = E S^2, see rr_quad_spread")
OVER = (
    HORIZON, STEP, CURVATURE, PUSH, START, SHRINK, NUMBER,
    Quantity(k, COUNT0, PURE, "epochs done, or terms of a sum"),
    *(Quantity(s, REAL, LENGTH, "x before an epoch, inside it") for s in (x, y)),
    HALF,
    *(Quantity(s, REAL, PURE, "sum of the signed, of the plain and of the squared powers of q") for s in (S, S1, S2)),
    Quantity(c, REAL, PURE, "E s_i s_j, i != j"),
    Quantity(z, REAL, LENGTH, "contribution of the order to x_k: z <- q^n z + 1"),
    Quantity(e, sp.Interval(0, sp.oo), AREA, "E x_k^2"),
    SPREAD,
    Quantity(D, sp.Interval(0, sp.oo), LENGTH, "G/(2 lambda)"),
)  # fmt: skip
BETA = n * (1 - q ** (2 * n)) / ((n - 1) * (1 - q**2)) - ((1 - q**n) / (1 - q)) ** 2 / (n - 1)
ONE_EPOCH = Identity("one epoch, squared; E S = 0, so that the middle term has the mean 0", (q**n * x - h * G / 2 * S)
                     ** 2, q ** (2 * n) * x**2 - q**n * h * G * x * S + (h * G / 2) ** 2 * S**2, OVER)  # fmt: skip
SOURCE = "ratelab, own derivation on equation (2) of Safran, Shamir, COLT 2020, arXiv 1908.00045"
NO_PUSH = Limit("no pushes", G, sp.Integer(0), q ** (2 * n * T) * x0**2)
RESHUFFLED = q ** (2 * n * T) * x0**2 + (h * G / 2) ** 2 * b * (1 - q ** (2 * n * T)) / (1 - q ** (2 * n))
SHUFFLED = q ** (2 * n * T) * x0**2 + (h * G / 2) ** 2 * b * ((1 - q ** (n * T)) / (1 - q**n)) ** 2

ORDER_SPREAD = Claim(
    id="safran2020.rr_quad_spread",
    says="what a random order of an epoch does: beta = E S^2 in closed form; with replacement it would be S2",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="E S^2 over the orders of an epoch",
    metric_units=PURE,
    symbols=(SHRINK, NUMBER, STEP, PUSH),
    assumptions=(),
    bound=BETA,
    limits=(Limit("two components", n, sp.Integer(2), (1 - q) ** 2),),
    steps=(
        Identity("the signs add up to 0, 0 = E (sum s_i)^2 = n + n (n-1) c, which two correlated by c = -1/(n-1) solve",
                 n + n * (n - 1) * c, sp.Integer(0), OVER, (sp.Eq(c, -1 / (n - 1)),)),
        Identity("E S^2 = S2 + c (S1^2 - S2)", S2 + c * (S1**2 - S2), n * S2 / (n - 1) - S1**2 / (n - 1), OVER,
                 (sp.Eq(c, -1 / (n - 1)),)),
        Recursion("1 + q + ... + q^(k-1)", S, q * S + 1, sp.Integer(0), k, (1 - q**k) / (1 - q), OVER),
        Recursion("and of the squares", S, q**2 * S + 1, sp.Integer(0), k, (1 - q ** (2 * k)) / (1 - q**2), OVER),
        Identity("so beta is", n * S2 / (n - 1) - S1**2 / (n - 1), BETA, OVER, (
            sp.Eq(S1, (1 - q**n) / (1 - q)), sp.Eq(S2, (1 - q ** (2 * n)) / (1 - q**2)))),
    ),
    experiments=runs.spread((h * G / 2) ** 2 * BETA),
    broken_by=runs.spread_broken((h * G / 2) ** 2 * BETA),
)  # fmt: skip

RANDOM_RESHUFFLING = Claim(
    id="safran2020.rr_quad_exact",
    says="E x^2 after T epochs of SGD with random reshuffling on the two-halves quadratic, exactly",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, STEP, PUSH, START, SHRINK, NUMBER, SPREAD),
    assumptions=(),
    bound=RESHUFFLED,
    limits=(NO_PUSH,),
    steps=(
        ONE_EPOCH,
        Recursion("each epoch has an order of its own, independent of x, and E S^2 = beta: E x^2 from epoch to epoch",
                  e, q ** (2 * n) * e + (h * G / 2) ** 2 * b, x0**2, k, RESHUFFLED.subs(T, k), OVER),
        Identity("after T epochs", RESHUFFLED.subs(T, k), RESHUFFLED, OVER, (sp.Eq(k, T),)),
    ),
    experiments=runs.reshuffled(RESHUFFLED.subs(T, T / n)),
    broken_by=runs.replaced(RESHUFFLED.subs(T, T / n)),
)  # fmt: skip

SINGLE_SHUFFLE = Claim(
    id="safran2020.ss_quad_exact",
    says="E x^2 after T epochs that all repeat one random order: the orders' errors add up instead of averaging out",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, STEP, PUSH, START, SHRINK, NUMBER, SPREAD),
    assumptions=(),
    bound=SHUFFLED,
    limits=(NO_PUSH,),
    steps=(
        ONE_EPOCH,
        Recursion("S is the same in all epochs: x_k = q^(n k) x_0 - z_k with z_0 = 0, z_(k+1) = q^n z_k + (h G/2) S", z,
                  q**n * z + h * G / 2 * S, sp.Integer(0), k, h * G / 2 * S * (1 - q ** (n * k)) / (1 - q**n), OVER),
        Identity("squared; the middle term has the mean 0", (q ** (n * k) * x0 - z) ** 2, q ** (2 * n * k) * x0**2
                 - 2 * q ** (n * k) * x0 * z + z**2, OVER),
        Identity("after T epochs, E S^2 = beta", SHUFFLED.subs(T, k), SHUFFLED, OVER, (sp.Eq(k, T),)),
    ),
    experiments=runs.shuffled_once(SHUFFLED.subs(T, T / n)),
    broken_by=runs.replaced(SHUFFLED.subs(T, T / n)),
)  # fmt: skip

INCREMENTAL = p ** (2 * T) * x0 + G / (2 * lam) * (1 - p) / (1 + p) * (1 - p ** (2 * T))

CYCLIC = Claim(
    id="safran2020.ig_quad_exact",
    says="x after T epochs in the fixed order, first all pushes to the left and then all to the right, exactly",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="iterate",
    metric_units=LENGTH,
    symbols=(HORIZON, CURVATURE, PUSH, START, HALF),
    assumptions=(),
    bound=INCREMENTAL,
    limits=(
        Limit("h = 1/lambda: the last component's minimiser", p, sp.Integer(0), G / (2 * lam)),
        Limit("no pushes", G, sp.Integer(0), p ** (2 * T) * x0),
    ),
    steps=(
        Identity("h G/2 = (1 - q) D, D = G/(2 lambda)", h * G / 2, (1 - q) * D, OVER, (
            sp.Eq(q, 1 - h * lam), sp.Eq(D, G / (2 * lam)))),
        Recursion("the first half", y, q * y - (1 - q) * D, x, k, q**k * x - D * (1 - q**k), OVER),
        Recursion("the second half", y, q * y + (1 - q) * D, x, k, q**k * x + D * (1 - q**k), OVER),
        Identity("one epoch, p = q^(n/2)", p * (p * x - D * (1 - p)) + D * (1 - p), p**2 * x + D * (1 - p) ** 2, OVER),
        Recursion("k epochs", x, p**2 * x + D * (1 - p) ** 2, x0, k, p ** (2 * k) * x0 + D * (1 - p) / (1 + p)
                  * (1 - p ** (2 * k)), OVER),
        Identity("T epochs", p ** (2 * k) * x0 + D * (1 - p) / (1 + p) * (1 - p ** (2 * k)), INCREMENTAL, OVER, (
            sp.Eq(k, T), sp.Eq(D, G / (2 * lam)))),
    ),
    experiments=runs.cyclic(INCREMENTAL.subs(T, T / n).subs(n, runs.N)),
    broken_by=runs.cyclic_broken(INCREMENTAL.subs(T, T / n).subs(n, runs.N)),
)  # fmt: skip
