"""After A. Agarwal, P. Bartlett, P. Ravikumar, M. Wainwright, IEEE Trans. Inf. Theory 58(5) (2012), arXiv 1009.0571.

Convex problems behind a coin: a query shows a toss c = +-1, P(c = side) = (1 + d)/2, wherever it is asked, and no
method tells the sides apart from T tosses of a small bias. The reduction to two points is Le Cam's; constants are the
lab's. Used of it: the larger of two expected gaps is at least (1 - TV)/2 times the least sum of gaps, TV^2 <= KL/2
(Pinsker), one toss has KL = d l with l = log((1+d)/(1-d)), one normal observation with mean +-M has 2 M^2/sigma^2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import agarwal2012 as runs
from proofs_check.steps import Chain, Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, T

G, R, mu, sigma, d = sp.symbols("G R mu sigma d", positive=True)
TV, u, m, logs, worst = sp.symbols("TV u M l E", nonnegative=True)
x = sp.Symbol("x", real=True)
n = sp.Symbol("n", integer=True, positive=True)
half, sqrt, log = sp.Rational(1, 2), sp.sqrt, sp.log

SLOPE = Quantity(G, POSITIVE, GRADIENT, "size of the stochastic gradients")
RADIUS = Quantity(R, POSITIVE, LENGTH, "the domain is [-R, R], in each coordinate")
CURVED = Quantity(mu, POSITIVE, Units(F=1, X=-2), "strong convexity")
NOISE = Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of the noise")
DIM = Quantity(n, COUNT, PURE, "dimension")
OVER = (
    HORIZON, SLOPE, RADIUS, CURVED, NOISE, DIM,
    Quantity(d, sp.Interval.Lopen(0, half), PURE, "bias of the coin"),
    Quantity(TV, sp.Interval(0, 1), PURE, "total variation distance of what the two sides show in T rounds"),
    Quantity(u, sp.Interval(0, 1), PURE, "mu M sqrt(T)/sigma"),
    Quantity(m, NONNEGATIVE, LENGTH, "distance of the minimisers from 0"),
    Quantity(logs, NONNEGATIVE, PURE, "log((1+d)/(1-d))"),
    Quantity(worst, NONNEGATIVE, OBJECTIVE, "the larger of the two expected gaps"),
    Quantity(x, REAL, LENGTH, "answer of the method"),
)  # fmt: skip
SOURCE = (
    "ratelab, own derivation of instance and constant; after Agarwal, Bartlett, Ravikumar, Wainwright, arXiv 1009.0571"
)
SHARED = 1 - sqrt(sp.Rational(11, 40))
COIN = (
    Inequality("the logarithm, for d up to 1/4", log(1 + d / 2) - log(1 - d / 2), "<=", sp.Rational(11, 5) * d / 2,
               OVER),
    Inequality("and up to 1/2", log(1 + half / (1 + u)) - log(1 - half / (1 + u)), "<=",
               sp.Rational(11, 5) * half / (1 + u), OVER),
    Inequality("Pinsker: TV of T tosses with d = 1/(2 sqrt(T))", TV, "<=", sqrt(sp.Rational(11, 40)), OVER,
               (TV**2 <= T * d * logs / 2, logs <= sp.Rational(11, 5) * d, 4 * d**2 * T <= 1)),
)  # fmt: skip
CONVEX_BOUND = SHARED * G * R / (2 * sqrt(T))

CONVEX = Claim(
    id="agarwal2012.coin_convex_1d",
    says="every method with T gradients of size G misses by .2378 G R/sqrt(T) on one of two linear functions",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="the larger of E f - f* over the two sides",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SLOPE, RADIUS),
    assumptions=(),
    bound=CONVEX_BOUND,
    rate=Rate(-half),
    limits=(Limit("a point", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("f = -+d G x has the mean slope of the coin", (1 + d) / 2 * G - (1 - d) / 2 * G, d * G, OVER),
        Identity("the two gaps add up to 2 d G R at every x", (d * G * R - d * G * x) + (d * G * R + d * G * x),
                 2 * d * G * R, OVER),
        *COIN,
        Inequality("so the larger gap", worst, ">=", CONVEX_BOUND, OVER,
                   (worst >= (1 - TV) * (2 * d * G * R) / 2, TV <= sqrt(sp.Rational(11, 40)),
                    sp.Eq(d, half / sqrt(T)))),
    ),
    experiments=runs.lipschitz(),
    broken_by=runs.lipschitz_broken(),
)  # fmt: skip

BOX_BOUND = SHARED * G * R * sqrt(n / T) / 2

BOX = Claim(
    id="agarwal2012.coin_ddim",
    says="on the box [-R, R]^n, with a coin for each coordinate and one toss a query, it misses by .2378 G R sqrt(n/T)",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="the largest E f - f* over the 2^n sides",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SLOPE, RADIUS, DIM),
    assumptions=(n <= T,),
    bound=BOX_BOUND,
    rate=Rate(-half),
    limits=(Limit("one dimension", n, sp.Integer(1), CONVEX_BOUND),),
    steps=(
        Identity("a query shows coordinate i with probability 1/n; f = -(d G/n) sum of +-x_i", 1 / n * (
            (1 + d) / 2 * G - (1 - d) / 2 * G), d * G / n, OVER),
        Identity("flipping one side, the two gaps in that coordinate add up to 2 d G R/n", (d * G * R - d * G * x) / n
                 + (d * G * R + d * G * x) / n, 2 * d * G * R / n, OVER),
        *COIN[:2],
        Inequality("the flipped coin is tossed T/n times in the mean: KL = (T/n) d l, with d = sqrt(n/T)/2", TV, "<=",
                   sqrt(sp.Rational(11, 40)), OVER,
                   (TV**2 <= T / n * d * logs / 2, logs <= sp.Rational(11, 5) * d, 4 * d**2 * T <= n)),
        Inequality("over uniform sides (Assouad): n coordinates, each d G R/n times 1 - TV", worst, ">=", BOX_BOUND,
                   OVER,
                   (worst >= n * (d * G * R / n) * (1 - TV), TV <= sqrt(sp.Rational(11, 40)),
                    sp.Eq(d, sqrt(n / T) / 2))),
    ),
    experiments=runs.box(),
    broken_by=runs.box_broken(),
)  # fmt: skip

TWO_PARABOLAS = (
    Chain("f = mu x^2/2 -+ mu M x: the two gaps are mu (x -+ M)^2/2, their sum", (
        mu * (x - m) ** 2 / 2 + mu * (x + m) ** 2 / 2, "==", mu * x**2 + mu * m**2, ">=", mu * m**2), OVER),
)  # fmt: skip
STRONG_BOUND = G**2 / (17 * mu * T)

STRONG = Claim(
    id="agarwal2012.coin_sc_1d",
    says="with strong convexity and gradients mu x -+ G every method misses by G^2/(17 mu T)",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="the larger of E f - f* over the two sides",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SLOPE, CURVED),
    assumptions=(),
    bound=STRONG_BOUND,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("no noise", G, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *TWO_PARABOLAS,
        *COIN,
        Inequality("in numbers", SHARED / 8, ">=", sp.Rational(1, 17)),
        Inequality("M = d G/mu, d = 1/(2 sqrt(T))", worst, ">=", STRONG_BOUND, OVER,
                   (worst >= (1 - TV) * (mu * m**2) / 2, sp.Eq(m, G / (2 * mu * sqrt(T))),
                    TV <= sqrt(sp.Rational(11, 40)))),
    ),
    experiments=runs.strongly_convex(),
    broken_by=runs.strongly_convex_broken(),
)  # fmt: skip

NORMAL_BOUND = 2 * sigma**2 / (27 * mu * T)

NORMAL = Claim(
    id="agarwal2012.coin_sc_1d_normal",
    says="with normal noise of variance sigma^2 every method misses by 2 sigma^2/(27 mu T); SGD has 1/2 for 2/27",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="the larger of E f - f* over the two sides",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, NOISE, CURVED),
    assumptions=(),
    bound=NORMAL_BOUND,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("no noise", sigma, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *TWO_PARABOLAS,
        Inequality("Pinsker: TV <= u for T normal observations with means +-mu M", TV, "<=", u, OVER,
                   (TV**2 <= T * 2 * (mu * m) ** 2 / sigma**2 / 2, sp.Eq(m, u * sigma / (mu * sqrt(T))))),
        Optimum("the worst M is at u = 2/3", u**2 * (1 - u), u, sp.Rational(2, 3), sp.Rational(4, 27), OVER,
                largest=True),
        Inequality("there", worst, ">=", NORMAL_BOUND, OVER,
                   (worst >= (1 - TV) * (mu * m**2) / 2, TV <= sp.Rational(2, 3),
                    sp.Eq(m, sp.Rational(2, 3) * sigma / (mu * sqrt(T))))),
    ),
    experiments=runs.normal(),
    broken_by=runs.normal_broken(),
)  # fmt: skip
