"""N. Harvey, C. Liaw, Y. Plan, S. Randhawa, "Tight Analyses for Non-Smooth Stochastic Gradient Descent", COLT 2019.

Lower bounds for the last iterate, arXiv 1812.05217. In the unit ball of R^T, f(x) = max_i <h_i, x> (+ mu ||x||^2 / 2)
with h_i[j] = a_j for j < i, -b_i for j = i, 0 beyond; the oracle shows the first of the largest pieces. From x_1 = 0,
x_{t+1} has t coordinates that differ from 0. Numbers are the paper's, with units: slopes in G, lengths in 1.
n = T + 1 - j counts the coordinates from the last; H is the sum of 1/n, n = 1..T.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import harvey2019 as runs
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

mu, r, G = sp.symbols("mu r G", positive=True)
t, x, xi, a, b, rest, H, n, p, j = sp.symbols("t x x_i a b rest H n p j", nonnegative=True)
f = sp.Symbol("f", real=True)
k, w = sp.symbols("k w", integer=True, positive=True)
i = sp.Symbol("i", integer=True, nonnegative=True)
log, half = sp.log, sp.Rational(1, 2)

STRONG = (
    HORIZON,
    Quantity(mu, POSITIVE, Units(F=1, X=-2), "strong convexity", unit_value=True),
    Quantity(r, POSITIVE, LENGTH, "radius of the ball", unit_value=True),
)
FLAT = (HORIZON, Quantity(G, POSITIVE, Units(F=1, X=-1), "Lipschitz constant", unit_value=True), STRONG[2])
LAST = Quantity(k, COUNT, PURE, "how many of the last iterates are averaged")
PURES = (
    HORIZON,
    LAST,
    Quantity(w, COUNT, PURE, "an index"),
    Quantity(i, COUNT0, PURE, "steps since a coordinate was first moved"),
    Quantity(t, sp.Interval(1, sp.oo), PURE, "step"),
    Quantity(n, sp.Interval(1, sp.oo), PURE, "T + 1 - j"),
    Quantity(j, sp.Interval(1, sp.oo), PURE, "coordinate"),
    *(Quantity(e, NONNEGATIVE, PURE, "a coordinate of x_t, over r") for e in (x, xi)),
    *(Quantity(e, NONNEGATIVE, PURE, "a slope") for e in (a, b)),
    Quantity(rest, NONNEGATIVE, PURE, "sum of a_j x_t[j] over i < j < t"),
    Quantity(p, NONNEGATIVE, PURE, "sum of 1/sqrt(w) over w = j+1..t-1"),
    Quantity(H, NONNEGATIVE, PURE, "1 + 1/2 + ... + 1/T, or its part from k on"),
)
VALUE = Quantity(f, REAL, OBJECTIVE, "f, which is 0 at 0: so f - f* is no less")
FIRST = (
    Inequality("piece t is larger than every earlier one, and later ones are equal: the oracle shows h_t",
               xi * (a + b) + rest, ">", sp.Integer(0), PURES, (xi > 0, b > 0)),
)  # fmt: skip
HARMONIC = (
    Induction("1 + 1/2 + ... + 1/T >= log(T + 1)",
              base=Identity("no term", sp.Integer(0), log(sp.Integer(1))),
              step=Inequality("one more", 1 / (i + 1), ">=", log(i + 2) - log(i + 1), PURES)),
    Inequality("so H >= log(T)", log(T + 1), ">=", log(T), (HORIZON,)),
)  # fmt: skip
PATH = (
    *FIRST,
    Recursion("with steps 1/t: t x_{t+1}[j] starts at 1, and every later step takes a_j off", x, x - a,
              sp.Integer(1), i, 1 - i * a, PURES),
    Inequality("so x_t[j] = (1 - (t-j-1) a_j)/(t-1), a_j = 1/(2 (T+1-j)), lies between 1/(2(t-1)) and 1/(t-1)",
               1 - i / (2 * n), ">=", half, PURES, (i + 1 <= n,)),
    Inequality("and the ball is never left: ||x_t||^2 <= (t-1)/(t-1)^2", t * (1 / t) ** 2, "<=", sp.Integer(1), PURES),
    Chain("a subgradient h_i + x has a norm below 3: (||h_i|| + ||x||)^2, with sum 1/n^2 <= 2",
          ((sp.sqrt(1 + sp.Rational(2, 4)) + 1) ** 2, "<", 9)),
)  # fmt: skip

STRONGLY_CONVEX = Claim(
    id="harvey2019.sgd_last_log_sc",
    says="with steps 1/(mu t) the last of T+1 points can be log(T)/(4T) above the optimum: a log factor is lost",
    source="Harvey, Liaw, Plan, Randhawa, COLT 2019, arXiv 1812.05217, Theorem 3.3, Claims 5.1-5.3",
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=STRONG,
    assumptions=(),
    bound=mu * r**2 * log(T) / (4 * T),
    rate=Rate(-sp.Integer(1), sp.Integer(1)),
    limits=(Limit("one step: nothing is lost", T, sp.Integer(1), sp.Integer(0)),),
    steps=(
        *PATH,
        *HARMONIC,
        Identity("a_j / (2T) = 1/(4 T n), summed over j", 1 / (2 * n) / (2 * T), 1 / (4 * T * n), PURES),
        Inequality("so f(x_{T+1}) >= <h_{T+1}, x_{T+1}> is at least", f, ">=", mu * r**2 * log(T) / (4 * T),
                   (*STRONG, *PURES, VALUE), (f >= mu * r**2 * H / (4 * T), H >= log(T))),
    ),
    experiments=runs.strongly_convex(),
    broken_by=runs.strongly_convex_broken(),
    errata=(
        Erratum(
            id="harvey2019.norm",
            says="the sum that bounds ||h_i||^2 has 1/(T-j)^2, infinite at j = T; here n = T + 1 - j >= 2",
            printed=Identity("a_j^2 as printed", (1 / (2 * n)) ** 2, 1 / (4 * (n - 1) ** 2), PURES, (n >= 2,)),
            repair=(
                Identity("a_j^2, a_j = 1/(2 (T+1-j))", (1 / (2 * n)) ** 2, 1 / (4 * n**2), PURES),
                SumBound("whose sum is at most 2/4", 1 / T**2, T, "<=", 2 - 1 / T, (HORIZON,)),
            ),
            read_in="arXiv 1812.05217, section 5",
            survives="everything: f is 3-Lipschitz, by a wide margin",
        ),
    ),
)  # fmt: skip

SUFFIX = Claim(
    id="harvey2019.sgd_suffix_log_sc",
    says="the average of the last k of T+1 points still loses log(T/k)",
    source="Harvey, Liaw, Plan, Randhawa, COLT 2019, arXiv 1812.05217, section 5 (theorem number not checked)",
    kind=Kind.LOWER,
    metric="f - f* at the average of the last k points",
    metric_units=OBJECTIVE,
    symbols=(*STRONG, LAST),
    assumptions=(k <= T,),
    bound=mu * r**2 * (log(T) - log(k)) / (4 * T),
    limits=(Limit("the last one alone", k, sp.Integer(1), mu * r**2 * log(T) / (4 * T)),),
    steps=(
        *PATH,
        Inequality("coordinates j <= T + 1 - k are at least 1/(2T) in each of them, hence in their average",
                   1 / (2 * t), ">=", 1 / (2 * T), PURES, (t <= T,)),
        Induction("1/k + ... + 1/T >= log(T + 1) - log(k)",
                  base=Identity("no term", sp.Integer(0), log(k) - log(k), PURES),
                  step=Inequality("T - 1 to T", 1 / T, ">=", log(T + 1) - log(T), (HORIZON,))),
        HARMONIC[1],
        Inequality("so f at the average is at least", f, ">=", mu * r**2 * (log(T) - log(k)) / (4 * T),
                   (*STRONG, *PURES, VALUE), (f >= mu * r**2 * H / (4 * T), H >= log(T) - log(k))),
    ),
    experiments=runs.suffix(),
    broken_by=runs.suffix_broken(),
)  # fmt: skip

LIPSCHITZ = Claim(
    id="harvey2019.sgd_last_log_lip",
    says="with steps 1/sqrt(t) the last of T+1 points can be log(T)/(32 sqrt(T)) above the optimum of a Lipschitz f",
    source="ratelab, own derivation of construction and constant; the order is stated in Harvey, Liaw, Plan, Randhawa, "
    "COLT 2019, arXiv 1812.05217, Remark 3.7",
    kind=Kind.LOWER,
    standing=Standing.DERIVED,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=FLAT,
    assumptions=(),
    bound=G * r * log(T) / (32 * sp.sqrt(T)),
    rate=Rate(-half, sp.Integer(1)),
    limits=(Limit("one step: nothing is lost", T, sp.Integer(1), sp.Integer(0)),),
    steps=(
        *FIRST,
        Identity("the first move of coordinate j, b_j = sqrt(j)/(2 sqrt(T))", sp.sqrt(j) / (2 * sp.sqrt(T))
                 / sp.sqrt(j), 1 / (2 * sp.sqrt(T)), PURES),
        Induction("sum of 1/sqrt(w), w = j+1..t-1, is at most 2 (sqrt(t-1) - sqrt(j))",
                  base=Inequality("no step", sp.Integer(0), "<=", 2 * (sp.sqrt(j) - sp.sqrt(j)), PURES),
                  step=Inequality("one more", 1 / sp.sqrt(w + 1), "<=", 2 * (sp.sqrt(w + 1) - sp.sqrt(w)), PURES)),
        Chain("so what the later steps take off, a_j = 1/(8 (T-j+1)), is at most half of that",
              (2 * (sp.sqrt(T) - sp.sqrt(j)) / (8 * (T - j + 1)), "==",
               2 * (T - j) / ((sp.sqrt(T) + sp.sqrt(j)) * 8 * (T - j + 1)), "<=", 1 / (4 * sp.sqrt(T))), PURES,
              (j <= T,)),
        Inequality("hence 1/(4 sqrt(T)) <= x_t[j] <= 1/(2 sqrt(T)), and the ball is never left", T * x**2, "<=",
                   sp.Integer(1), PURES, (x <= 1 / (2 * sp.sqrt(T)),)),
        SumBound("sum of 1/n^2", 1 / T**2, T, "<=", 2 - 1 / T, (HORIZON,)),
        Chain("||h_i||^2 = b_i^2 + sum of a_j^2 is at most 1", (j / (4 * T) + sp.Rational(2, 64), "<=",
              sp.Rational(1, 4) + sp.Rational(2, 64), "<", 1), PURES, (j <= T,)),
        *HARMONIC,
        Identity("a_j / (4 sqrt(T)) = 1/(32 sqrt(T) n), summed over j", 1 / (8 * n) / (4 * sp.sqrt(T)),
                 1 / (32 * sp.sqrt(T) * n), PURES),
        Inequality("so f(x_{T+1}) >= <h_{T+1}, x_{T+1}> is at least", f, ">=", G * r * log(T) / (32 * sp.sqrt(T)),
                   (*FLAT, *PURES, VALUE), (f >= G * r * H / (32 * sp.sqrt(T)), H >= log(T))),
    ),
    experiments=runs.lipschitz(),
    broken_by=runs.lipschitz_broken(),
)  # fmt: skip
