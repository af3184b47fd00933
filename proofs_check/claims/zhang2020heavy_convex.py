"""J. Zhang et al., "Why are adaptive methods good for attention models?", NeurIPS 2020: strongly convex problems.

Projected SGD with clipping, eta_k = 4 / (mu (k+1)) and tau_k = G k^(1/alpha), under E ||g||^alpha <= G^alpha, and what
no method can beat. D_k = E ||x_k - x*||^2, delta_k = E f(x_(k-1)) - f*, p = k^(1/alpha); w is an exponent less 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2020heavy as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Algebra, Chain, Identity, Inequality, Monotone, Optimum
from proofs_check.symbols import GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, G, T

AREA, CURVATURE, STEP_UNITS = Units(X=2), Units(F=1, X=-2), Units(F=-1, X=2)
SHARE, HALF = sp.Interval.Lopen(0, 1), sp.Rational(1, 2)
alpha, w, y, mu, eta, p = sp.symbols("alpha w y mu eta p", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
rho, dist, later, bias, second, delta = sp.symbols("rho D_{k-1} D_k b V delta_k", nonnegative=True)
part, whole, inner, total, weights, gap, cost = sp.symbols("b_i B_i inner A S gap b_rho", real=True)

ORDER = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "order of the moment that is bounded")
MU = Quantity(mu, POSITIVE, CURVATURE, "strong convexity")
SYMBOLS = (HORIZON, ORDER, GRADIENT_BOUND, MU)
OVER = (
    *SYMBOLS,
    Quantity(w, SHARE, PURE, "an exponent less 1"),
    Quantity(y, FRACTION, PURE, "a number below 1"),
    Quantity(eta, POSITIVE, STEP_UNITS, "step size"),
    Quantity(k, COUNT, PURE, "step"),
    Quantity(p, sp.Interval(1, sp.oo), PURE, "k^(1/alpha): the threshold over G"),
    Quantity(rho, NONNEGATIVE, Units(X=1), "||x_(k-1) - x*||"),
    *(Quantity(s, NONNEGATIVE, AREA, "E ||x - x*||^2, before and after") for s in (dist, later)),
    Quantity(bias, NONNEGATIVE, GRADIENT, "bias of the clipped gradient"),
    *(Quantity(s, REAL, GRADIENT, "bias and moment bound of one coordinate") for s in (part, whole)),
    Quantity(second, NONNEGATIVE, SQUARED_GRADIENT, "its second moment"),
    Quantity(delta, NONNEGATIVE, OBJECTIVE, "E f(x_(k-1)) - f*"),
    *(
        Quantity(s, REAL, OBJECTIVE, "E <clip g, x - x*>, its bias, f(average) - f*, sum of k delta_k")
        for s in (inner, cost, gap, total)
    ),
    Quantity(weights, REAL, PURE, "sum of k^(2/alpha - 1)"),
)


def bound(size: sp.Symbol) -> sp.Expr:
    """Return the bound on the suboptimality of the average."""
    return 6 * alpha * size**2 / (mu * (T + 1) ** (2 * (alpha - 1) / alpha))


def proof(size: sp.Symbol, over: tuple[Quantity, ...] = OVER) -> tuple[Algebra, ...]:
    """Return the steps from the clip lemma to the bound, for a moment bound G or, by coordinates, ||B||_2."""
    return (
        Inequality("what the bias costs", bias * rho, "<=", mu * rho**2 / 4 + bias**2 / mu, over),
        Inequality("one step; projection on a convex set brings x no further from x*", later, "<=",
                   (1 - eta * mu / 2) * rho**2 - 2 * eta * delta + 2 * eta * bias**2 / mu + eta**2 * second, over,
                   (later <= rho**2 - 2 * eta * inner + eta**2 * second, inner >= delta + mu * rho**2 / 2 - cost,
                    cost <= mu * rho**2 / 4 + bias**2 / mu)),
        Inequality("eta_k = 4/(mu (k+1)), times k/(2 eta): the distances telescope", k * delta, "<=",
                   mu * k * (k - 1) / 8 * dist - mu * k * (k + 1) / 8 * later
                   + k * (bias**2 / mu + 2 * second / (mu * (k + 1))), over,
                   (later <= (1 - 2 / (k + 1)) * dist - 8 * delta / (mu * (k + 1)) + 8 * bias**2 / (mu**2 * (k + 1))
                    + 16 * second / (mu * (k + 1)) ** 2,)),
        Inequality("clip lemma at tau_k: bias at most G p/k, second moment at most G^2 p^2/k",
                   k * (bias**2 / mu + 2 * second / (mu * (k + 1))), "<=", 3 * size**2 / mu * p**2 / k, over,
                   (bias <= size * p / k, second <= size**2 * p**2 / k)),
        Monotone("Bernoulli: y^-q - q/y falls to 1 - q at y = 1; so (1 + 1/k)^q >= 1 + q/k, here for q = 2/alpha",
                 y ** (-1 - w) - (1 + w) / y, y, over, falls=True),
        Induction("sum of p^2/k = k^(2/alpha - 1) up to T: at most alpha/2 (T+1)^(2/alpha)",
                  base=Inequality("no term", sp.Integer(0), "<=", alpha / 2, over),
                  step=Inequality("k - 1 to k", k ** (2 / alpha - 1), "<=",
                                  alpha / 2 * ((k + 1) ** (2 / alpha) - k ** (2 / alpha)), over,
                                  ((k + 1) ** (2 / alpha) >= k ** (2 / alpha) * (1 + 2 / (alpha * k)),))),
        Chain("the average with weights k, by convexity",
              (gap, "<=", 6 * size**2 / (mu * T * (T + 1)) * weights, "<=",
               3 * alpha * size**2 * (T + 1) ** (2 / alpha) / (mu * T * (T + 1)), "<=", bound(size)), over,
              (gap <= 2 * total / (T * (T + 1)), total <= 3 * size**2 / mu * weights,
               weights <= alpha / 2 * (T + 1) ** (2 / alpha))),
    )  # fmt: skip


UPPER = Claim(
    id="zhang2020heavy.thm_sc_upper",
    says="strongly convex: clipped SGD's weighted average is within 6 alpha G^2/mu (T+1)^-2(alpha-1)/alpha of f*",
    source="ratelab, own derivation and constant; after Zhang et al., arXiv 1912.03194, the strongly convex theorem",
    kind=Kind.UPPER,
    metric="E f(average) - f*",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=bound(G),
    rate=Rate(-2 * (alpha - 1) / alpha),
    limits=(Limit("finite variance: 1/T", alpha, sp.Integer(2), 12 * G**2 / (mu * (T + 1))),),
    standing=Standing.DERIVED,
    steps=proof(G),
    experiments=runs.upper(),
    broken_by=runs.upper_broken(),
)

B2 = sp.Symbol("B", positive=True)
COORDINATE = Quantity(B2, POSITIVE, GRADIENT, "||B||_2, where E |g_i|^alpha <= B_i^alpha")
CCLIP = Claim(
    id="zhang2020heavy.thm_sc_upper_cclip",
    says="clipping each coordinate at B_i k^(1/alpha): the same with ||B||_2, whatever the dimension",
    source="ratelab, own derivation; after Zhang et al., arXiv 1912.03194, the coordinatewise version",
    kind=Kind.UPPER,
    metric="E f(average) - f*",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, ORDER, MU, COORDINATE),
    assumptions=(),
    bound=bound(B2),
    rate=Rate(-2 * (alpha - 1) / alpha),
    limits=(Limit("finite variance: 1/T", alpha, sp.Integer(2), 12 * B2**2 / (mu * (T + 1))),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("clip lemma in one coordinate more: bias^2 <= ||B||^2 p^2/k^2", bias**2 + part**2, "<=",
                   (B2**2 + whole**2) * p**2 / k**2, (*OVER, COORDINATE),
                   (bias <= B2 * p / k, sp.Abs(part) <= whole * p / k)),
        *proof(B2, (*OVER, COORDINATE)),
    ),
    experiments=runs.coordinates(),
    broken_by=runs.coordinates_broken(),
)  # fmt: skip

RUNS = Quantity(T, sp.Range(2, sp.oo), PURE, "oracle calls")
q, z, h, r, stay, bk = sp.symbols("q z h r s b", positive=True)
a, e0, e1, worst = sp.symbols("a e_0 e_1 worst", nonnegative=True)
out = sp.Symbol("x", real=True)
GAME = (RUNS, ORDER, GRADIENT_BOUND, MU)
LOWER = (
    *GAME,
    Quantity(w, SHARE, PURE, "alpha - 1"),
    Quantity(z, SHARE, PURE, "2 b: the minimiser, in units of the half width"),
    Quantity(h, sp.Interval.Lopen(0, HALF), PURE, "width of the domain, in units of G/mu"),
    Quantity(y, FRACTION, PURE, "a number below 1"),
    Quantity(r, POSITIVE, PURE, "an exponent"),
    Quantity(a, NONNEGATIVE, PURE, "|x|^alpha"),
    Quantity(stay, POSITIVE, PURE, "(1 - 1/T)^(T/2)"),
    Quantity(q, POSITIVE, PURE, "weight of the second problem"),
    Quantity(bk, POSITIVE, Units(X=1), "its minimiser b"),
    Quantity(out, REAL, Units(X=1), "output where the oracle showed nothing"),
    *(Quantity(s, NONNEGATIVE, OBJECTIVE, "E f - f* of the two problems, and the larger") for s in (e0, e1, worst)),
)
IS_W = sp.Eq(alpha, 1 + w)
LB_SC = Claim(
    id="zhang2020heavy.lb_sc",
    says="no method beats G^2/mu T^(-2(alpha-1)/alpha) / 80 on both of two mu-strongly convex problems on an interval",
    source="ratelab, own derivation and constant; after the lower bound of Zhang et al., arXiv 1912.03194",
    kind=Kind.LOWER,
    metric="larger expected suboptimality of two problems",
    metric_units=OBJECTIVE,
    symbols=GAME,
    assumptions=(),
    bound=G**2 / (80 * mu) * T ** (-2 * (alpha - 1) / alpha),
    rate=Rate(-2 * (alpha - 1) / alpha),
    limits=(Limit("finite variance: 1/T", alpha, sp.Integer(2), G**2 / (80 * mu * T)),),
    standing=Standing.DERIVED,
    steps=(
        Identity("g = mu x - G chi with chi = h z^(-1/(alpha-1)), with probability z^(alpha/(alpha-1)): mean h z = b",
                 h * z ** (-1 / (alpha - 1)) * z ** (alpha / (alpha - 1)), h * z, LOWER, (IS_W,)),
        Inequality("chi >= h, so |x - chi| <= chi; here r = 1/(alpha-1)", h * z**-r, ">=", h, LOWER),
        Inequality("E |g|^alpha <= G^alpha: chi^alpha with its probability is h^alpha, and |x|^alpha <= h^alpha",
                   h**alpha + a, "<=", sp.Integer(1), LOWER, (IS_W, a <= h ** (1 + w))),
        Monotone("Bernoulli for exponents above 1: y^q - q y falls to 1 - q, q = 1 + r",
                 y ** (1 + r) - (1 + r) * y, y, LOWER,
                 falls=True),
        Inequality("with probability 1/T a call, (1 - 1/T)^T >= 1/4: nothing is seen in T calls", stay**2, ">=",
                   sp.Rational(1, 4), LOWER, (stay >= 1 + T / 2 * (-1 / T),)),
        Optimum("one output against both problems", out**2 + q * (out - bk) ** 2, out, q * bk / (1 + q),
                q * bk**2 / (1 + q), LOWER),
        Inequality("so their mean error is at least mu b^2/20", worst, ">=", mu * bk**2 / 20, LOWER,
                   (worst >= (e0 + e1) / 2, e0 >= mu * out**2 / 2, e1 >= mu * (out - bk) ** 2 / 8,
                    out**2 + (out - bk) ** 2 / 4 >= bk**2 / 5)),
        Inequality("b = G/(2 mu) T^(-(alpha-1)/alpha), for which z^(alpha/(alpha-1)) = 1/T", worst, ">=",
                   G**2 / (80 * mu) * T ** (-2 * (alpha - 1) / alpha), LOWER,
                   (worst >= mu * bk**2 / 20, sp.Eq(bk, G / (2 * mu) * T ** (-(alpha - 1) / alpha)))),
    ),
    experiments=runs.lower(),
    broken_by=runs.lower_broken(),
    attained=runs.attained(),
)  # fmt: skip
