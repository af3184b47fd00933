"""J. Zhang et al., "Why are adaptive methods good for attention models?", NeurIPS 2020: problems that are not convex.

f is L-smooth, E ||g - grad f||^alpha <= sigma^alpha, x <- x - eta clip(g) at tau = c sigma. The paper's own constants
were not at hand: these are the laboratory's, for c >= 80 and eta L <= 1/10. g = ||grad f(x)||; one step is looked at
where g <= tau/2 and where g > tau/2. D = f(x) - E f(x+); w = alpha - 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import chains, zhang2020heavy_nonconvex as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Algebra, Identity, Inequality, Lemma
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

CURVATURE, STEP_UNITS = Units(F=1, X=-2), Units(F=-1, X=2)
R = sp.Rational
alpha, w, sigma, c, L, eta, g, n, Delta = sp.symbols("alpha w sigma c L eta g n Delta", positive=True)
bias, second, prob, less, noise, m, floor = sp.symbols("b V p r N m F", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
inner, D, total, mean, y, start, cost = sp.symbols("inner D S M y Delta_k C", real=True)
exponent, ratio = sp.symbols("e Q", positive=True)

ORDER = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "order of the moment that is bounded")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
SMOOTH = Quantity(L, POSITIVE, CURVATURE, "smoothness")
NOISE = Quantity(sigma, POSITIVE, GRADIENT, "(E ||noise||^alpha)^(1/alpha) <= sigma")
STEP = Quantity(eta, POSITIVE, STEP_UNITS, "step size")
RATIO = Quantity(c, sp.Interval(80, sp.oo), PURE, "clipping threshold over sigma")
SYMBOLS = (HORIZON, ORDER, GAP, SMOOTH, NOISE, STEP, RATIO)
OVER = (
    *SYMBOLS,
    Quantity(w, sp.Interval.Lopen(0, 1), PURE, "alpha - 1"),
    Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||, or of one coordinate"),
    Quantity(n, POSITIVE, GRADIENT, "||stochastic gradient||"),
    Quantity(bias, NONNEGATIVE, GRADIENT, "bias of the clipped gradient"),
    *(Quantity(s, NONNEGATIVE, SQUARED_GRADIENT, "E ||clip g||^2, E ||clip g - grad f||^2, min(g^2/4, tau g/8), floor")
      for s in (second, noise, m, floor)),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(prob, sp.Interval(0, 1), PURE, "probability of noise above g/4"),
    Quantity(less, sp.Interval(0, R(1, 10)), PURE, "4 sigma / g"),
    Quantity(inner, REAL, SQUARED_GRADIENT, "<grad f, E clip g>"),
    *(Quantity(s, REAL, OBJECTIVE, "E f - inf f, what a step lowers it by, and loses to curvature")
      for s in (start, D, cost)),
    *(Quantity(s, REAL, SQUARED_GRADIENT, "sum and mean of E min(g^2/4, tau g/8); sigma^2 c^(2-2 alpha)")
      for s in (total, mean, y)),
    Quantity(exponent, sp.Interval.Ropen(R(1, 4), 1), PURE, "1/(3 alpha - 2)"),
    Quantity(ratio, POSITIVE, PURE, "sigma^2 T / (L Delta)"),
)  # fmt: skip
SHORT = eta * L <= R(1, 10)
FLOOR = sigma**2 * c ** (2 - 2 * alpha) / 2 + R(3, 2) * L * eta * sigma**2 * c ** (2 - alpha)
BOUND = Delta / (eta * T) + FLOOR


def one_step(over: tuple[Quantity, ...] = OVER) -> tuple[Algebra, ...]:
    """Return the steps that bound what one step gains, for the norm or for one coordinate."""
    return (
        Inequality("g <= tau/2: <grad f, E clip g> >= g^2/2 - b^2/2", inner, ">=", g**2 / 2 - bias**2 / 2, over,
                   (inner >= g**2 - g * bias,)),
        Inequality("curvature costs at most eta g^2/10 + L eta^2 E ||clip g - grad f||^2",
                   L * eta**2 * second / 2, "<=",
                   eta * g**2 / 10 + L * eta**2 * noise, over, (SHORT, second <= 2 * g**2 + 2 * noise)),
        Inequality("so the gain is at least this", D, ">=", eta * (g**2 / 4 - bias**2 / 2 - L * eta * noise), over,
                   (D >= eta * inner - cost, cost <= eta * g**2 / 10 + L * eta**2 * noise,
                    inner >= g**2 / 2 - bias**2 / 2)),
        Inequality("clip lemma: b <= sigma c^(1-alpha), E ||clip g - grad f||^2 <= 3/2 sigma^2 c^(2-alpha)",
                   bias**2 / 2 + L * eta * noise, "<=", FLOOR, over,
                   (bias**2 <= sigma**2 * c ** (2 - 2 * alpha), noise <= R(3, 2) * sigma**2 * c ** (2 - alpha))),
        Inequality("g > tau/2: noise below g/4 leaves the angle small, <grad f, g> >= 0.968 g n", inner, ">=",
                   R(121, 125) * g * n, over, (n**2 - 2 * inner + g**2 <= g**2 / 16,)),
        Inequality("and the clipped gradient at least 3/8 tau long",
                   sp.Min(n, c * sigma), ">=", R(3, 8) * c * sigma, over,
                   (n >= g - g / 4, g >= c * sigma / 2)),
        Inequality("noise above g/4 has probability at most r^alpha <= 1/10, r = 4 sigma/g", less ** (1 + w), "<=",
                   R(1, 10), over),
        Inequality("together", (1 - prob) * R(121, 125) * R(3, 8) * c * sigma * g - prob * c * sigma * g, ">=",
                   R(9, 40) * c * sigma * g, over, (prob <= R(1, 10),)),
        Inequality("here curvature costs at most eta tau g/10", L * eta**2 * (c * sigma) ** 2 / 2, "<=",
                   eta * c * sigma * g / 10, over, (SHORT, g >= c * sigma / 2)),
        Inequality("so the gain is at least eta tau g/8", D, ">=", eta * c * sigma * g / 8, over,
                   (D >= eta * inner - cost, inner >= R(9, 40) * c * sigma * g, cost <= eta * c * sigma * g / 10)),
    )  # fmt: skip


NC_UPPER = Claim(
    id="zhang2020heavy.thm_nc_upper",
    says="smooth f: the mean of E min(g^2/4, tau g/8) under clipped SGD, tau = c sigma, c >= 80, short steps",
    source="ratelab, own derivation and constants; after Zhang et al., arXiv 1912.03194, the nonconvex theorem",
    kind=Kind.UPPER,
    metric="mean over k of E min(||grad f||^2/4, tau ||grad f||/8)",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(SHORT,),
    bound=BOUND,
    limits=(
        Limit("finite variance", alpha, sp.Integer(2),
              Delta / (eta * T) + sigma**2 / (2 * c**2) + R(3, 2) * L * eta * sigma**2),
    ),
    standing=Standing.DERIVED,
    steps=(
        *one_step(),
        Induction("summed over k, with f >= inf f at the end",
                  base=Inequality("no step", start, "<=", Delta, OVER, (sp.Eq(start, Delta),)),
                  step=Inequality("k to k + 1",
                                  eta * (total + m) + start - D, "<=", Delta + (k + 1) * eta * floor, OVER,
                                  (eta * total + start <= Delta + k * eta * floor, D >= eta * (m - floor)))),
        Inequality("after T steps, over eta T", mean, "<=", Delta / (eta * T) + floor, OVER,
                   (mean <= total / T, eta * total <= Delta + T * eta * floor)),
        Inequality("with the floor of the clip lemma", mean, "<=", BOUND, OVER,
                   (mean <= Delta / (eta * T) + floor, floor <= FLOOR)),
    ),
    experiments=runs.given(4 * BOUND), broken_by=runs.given_broken(4 * BOUND),
)  # fmt: skip

TUNED = (HORIZON, ORDER, GAP, SMOOTH, NOISE)
SCALE = sigma**2 * T / (L * Delta)
RATE = R(213, 20) * sigma**2 / SCALE ** ((2 * alpha - 2) / (3 * alpha - 2))
CHOICE = (sp.Eq(Delta, sigma**2 * T / (L * ratio)), sp.Eq(alpha, (1 + 2 * exponent) / (3 * exponent)),
          sp.Eq(c, ratio**exponent), sp.Eq(eta, ratio ** (-alpha * exponent) / (10 * L)))  # fmt: skip

NC_RATE = Claim(
    id="zhang2020heavy.thm_nc_upper_rate",
    says="the same, tuned: c^(3 alpha - 2) = sigma^2 T/(L Delta) and eta = c^-alpha/(10 L)",
    source="ratelab, own derivation and constant; the exponent as in Zhang et al., arXiv 1912.03194, and later papers",
    kind=Kind.UPPER,
    metric="mean over k of E min(||grad f||^2/4, tau ||grad f||/8)",
    metric_units=SQUARED_GRADIENT,
    symbols=TUNED,
    assumptions=(SCALE ** (1 / (3 * alpha - 2)) >= 80,),
    bound=RATE,
    rate=Rate(-(2 * alpha - 2) / (3 * alpha - 2)),
    standing=Standing.DERIVED,
    steps=(
        Identity("finite variance: 1/sqrt(T)", RATE.subs(alpha, 2), R(213, 20) * sigma * sp.sqrt(L * Delta / T), TUNED),
        Inequality("eta L <= 1/10, since c >= 1", c**-alpha / 10, "<=", R(1, 10), OVER, (c**alpha >= 1,)),
        Identity("Q = sigma^2 T/(L Delta), e = 1/(3 alpha - 2), c = Q^e: both parts scale alike", Delta / (eta * T),
                 10 * sigma**2 * c ** (2 - 2 * alpha), OVER, CHOICE),
        Identity("and the third is 3/20 of sigma^2 c^(2 - 2 alpha)", R(3, 2) * L * eta * sigma**2 * c ** (2 - alpha),
                 R(3, 20) * sigma**2 * c ** (2 - 2 * alpha), OVER, (sp.Eq(eta, c**-alpha / (10 * L)),)),
        Identity("in T", R(213, 20) * sigma**2 * c ** (2 - 2 * alpha), RATE, OVER, CHOICE[:3]),
        Inequality("thm_nc_upper with these", mean, "<=", RATE, OVER,
                   (mean <= 10 * y + y / 2 + R(3, 20) * y, R(213, 20) * y <= RATE)),
    ),
    experiments=runs.tuned(4 * RATE), broken_by=runs.tuned_broken(4 * RATE),
)  # fmt: skip

size2 = sp.Symbol("N2", positive=True)
SUM_OF_SQUARES = Quantity(size2, POSITIVE, SQUARED_GRADIENT, "||sigma||_2^2, where E |noise_i|^alpha <= sigma_i^alpha")
CCLIP_BOUND = 10 * L * Delta * c**alpha / T + R(13, 20) * size2 * c ** (2 - 2 * alpha)
OVER_C = (*OVER, SUM_OF_SQUARES)

CCLIP = Claim(
    id="zhang2020heavy.cclip_nc",
    says="each coordinate clipped at c sigma_i, eta = c^-alpha/(10 L): the same with ||sigma||_2, for any c >= 80",
    source="ratelab, own derivation and constants; after Zhang et al., arXiv 1912.03194, the coordinatewise version",
    kind=Kind.UPPER,
    metric="mean over k of the sum over i of E min(g_i^2/4, tau_i |g_i|/8)",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, ORDER, GAP, SMOOTH, SUM_OF_SQUARES, RATIO),
    assumptions=(),
    bound=CCLIP_BOUND,
    limits=(Limit("finite variance", alpha, sp.Integer(2), 10 * L * Delta * c**2 / T + R(13, 20) * size2 / c**2),),
    standing=Standing.DERIVED,
    steps=(
        *one_step(),
        Inequality("one coordinate more: D is a sum over coordinates, so are the two sides", D + cost, ">=",
                   eta * (total + m) - eta * (size2 + sigma**2) * floor / sigma**2, OVER_C,
                   (D >= eta * (total - size2 * floor / sigma**2), cost >= eta * (m - floor))),
        Inequality("after T steps, over eta T, F the floors of all coordinates",
                   mean, "<=", Delta / (eta * T) + floor, OVER,
                   (mean <= total / T, eta * total <= Delta + T * eta * floor)),
        Inequality("at eta = c^-alpha/(10 L)", mean, "<=", CCLIP_BOUND, OVER_C,
                   (sp.Eq(eta, c**-alpha / (10 * L)), mean <= Delta / (eta * T) + floor,
                    floor <= size2 * (c ** (2 - 2 * alpha) / 2 + R(3, 2) * L * eta * c ** (2 - alpha)))),
    ),
    experiments=runs.coordinates(4 * CCLIP_BOUND), broken_by=runs.coordinates_broken(4 * CCLIP_BOUND),
)  # fmt: skip

eps, lam, z, q, calls, length, norm = sp.symbols("eps lambda z q t d E", positive=True)
a = sp.Symbol("a", nonnegative=True)
CALLS = Quantity(calls, POSITIVE, PURE, "oracle calls")
ACCURACY = Quantity(eps, POSITIVE, GRADIENT, "accuracy: E ||grad f|| <= eps")
CHAIN = (ORDER, GAP, SMOOTH, NOISE, ACCURACY)
OVER_L = (
    *CHAIN,
    CALLS,
    Quantity(w, sp.Interval.Lopen(0, 1), PURE, "alpha - 1"),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "probability that a call shows the next coordinate"),
    Quantity(a, sp.Interval(0, 1), PURE, "(1 - q)^alpha"),
    Quantity(lam, POSITIVE, Units(X=1), "scale of the chain, 304 eps/L"),
    Quantity(length, POSITIVE, PURE, "links of the chain, floor(Delta L/(7296 eps^2))"),
    Quantity(z, POSITIVE, PURE, "46 eps / sigma"),
    Quantity(prob, sp.Interval(0, 1), PURE, "probability that the chain is run through"),
    Quantity(norm, POSITIVE, GRADIENT, "E ||grad f(x_t)||"),
)
SEEN = 2 ** (1 / (alpha - 1)) * (46 * eps / sigma) ** (alpha / (alpha - 1))
LB_BOUND = (Delta * L / (7296 * eps**2) - 1) / (2 * SEEN)

LB_NC = Claim(
    id="zhang2020heavy.lb_nc",
    says="zero-respecting methods need an order of Delta L sigma^(alpha/(alpha-1)) eps^-(3 alpha-2)/(alpha-1) calls",
    source="ratelab, own derivation and constants, from the chain of Arjevani et al., arXiv 1912.02365, with noise of "
    "order alpha; after Zhang et al., arXiv 1912.03194",
    kind=Kind.LOWER,
    metric="oracle calls until E ||grad f|| <= eps",
    metric_units=PURE,
    symbols=CHAIN,
    assumptions=(SEEN <= 1, Delta * L >= 7296 * eps**2),
    bound=LB_BOUND,
    standing=Standing.DERIVED,
    steps=(
        Identity("finite variance: of the order eps^-4", LB_BOUND.subs(alpha, 2),
                 (Delta * L / (7296 * eps**2) - 1) * sigma**2 / (8464 * eps**2), CHAIN),
        Lemma("the chain F of d links: F(0) - inf F <= 12 d, 152-smooth, |grad F|_inf <= 23, and ||grad F|| > 1 until "
              "coordinate d has been seen", "properties of a given function, in Arjevani et al., Lemma 2 (recalled); "
              "sampled at d = 20: 215 <= 240, 133.8 <= 152, 21.4 <= 23, 1.34 > 1"),
        Identity("f = L lam^2/152 F(x/lam) is L-smooth", L * lam**2 / 152 * 152 / lam**2, L, OVER_L),
        Inequality("and has f(0) - inf f <= Delta", L * lam**2 / 152 * 12 * length, "<=", Delta, OVER_L,
                   (sp.Eq(lam, 304 * eps / L), length <= Delta * L / (7296 * eps**2))),
        Identity("its gradient is above 2 eps, and each coordinate of it at most 46 eps = 23 * 2 eps",
                 23 * L * lam / 152, 46 * eps, OVER_L, (sp.Eq(lam, 304 * eps / L),)),
        Inequality("the next coordinate is shown with probability q, over q: E |z/q - 1|^alpha <= 2 q^(1-alpha)",
                   a * q**-w + 1 - q, "<=", 2 * q**-w, OVER_L),
        Inequality("so the noise is within sigma, q^(alpha-1) = 2 (46 eps/sigma)^alpha",
                   z**alpha * 2 * q ** (1 - alpha),
                   "<=", sp.Integer(1), OVER_L, (q ** (alpha - 1) >= 2 * z**alpha,)),
        Inequality("t calls show q t coordinates in the mean (Markov); until d are seen the gradient is above 2 eps",
                   norm, ">=", eps, OVER_L,
                   (norm >= (1 - prob) * 2 * eps, prob * length <= q * calls, 2 * q * calls <= length)),
        Inequality("so more than d/(2 q) calls are needed", calls, ">=", LB_BOUND, OVER_L,
                   (2 * q * calls >= length, length >= Delta * L / (7296 * eps**2) - 1, q <= SEEN)),
    ),
    experiments=chains.heavy(eps**2),
    broken_by=chains.from_afar(chains.heavy(eps**2)),
)  # fmt: skip
