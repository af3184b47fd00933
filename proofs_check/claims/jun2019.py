"""K.-S. Jun, F. Orabona, "Parameter-free online convex optimization with sub-exponential noise", COLT 2019, Theorem 9.

They restate the lower bound of Agarwal et al. (2012), whose proof takes a packing of the cube's corners and Fano's
inequality where `agarwal2012.coin_ddim` takes one coordinate at a time. Here that proof is carried out with constants
for linear functions on the box [-R, R]^n: f = -(d G/n) <a, x>, a a corner of {-1, 1}^n; a query tosses the coin of one
coordinate, drawn uniformly, with P(c = a_i) = (1 + d)/2. Used: Hoeffding's inequality for the packing, Fano's
inequality, and that the information of T answers is at most T times the divergence of one.

None of the paper's constants is used. Its last step, as a summary has it, is P(wrong) >= 1 - (216 T d^2 + log 2)/(n
log(2/sqrt(e))); with v >= n/2 log(2/sqrt(e)) and I <= 108 T d^2, Fano's 1 - (I + log 2)/v has 2 log 2 there.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import agarwal2012 as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

G, R, d = sp.symbols("G R d", positive=True)
size, info, wrong, logs, worst, u, h = sp.symbols("v I P l E u h", nonnegative=True)
share = sp.Symbol("s", real=True)
n = sp.Symbol("n", integer=True, positive=True)
F = sp.Rational

SYMBOLS = (
    HORIZON,
    Quantity(G, POSITIVE, GRADIENT, "size of the stochastic gradients"),
    Quantity(R, POSITIVE, LENGTH, "the domain is [-R, R], in each coordinate"),
    Quantity(n, sp.Range(23, sp.oo), PURE, "dimension"),
)
OVER = (
    *SYMBOLS,
    Quantity(d, sp.Interval.Lopen(0, F(1, 2)), PURE, "bias of the coins"),
    Quantity(u, sp.Interval(0, 1), PURE, "a number"),
    Quantity(h, sp.Interval(F(1, 4), 1), PURE, "share of the coordinates in which two corners differ"),
    Quantity(size, NONNEGATIVE, PURE, "log of the number of corners in the packing"),
    Quantity(share, REAL, PURE, "log of the share of all corners near a given one"),
    Quantity(info, NONNEGATIVE, PURE, "information about the corner in T answers"),
    Quantity(wrong, sp.Interval(0, 1), PURE, "probability that the nearest corner is the wrong one"),
    Quantity(logs, NONNEGATIVE, PURE, "log((1+d)/(1-d))"),
    Quantity(worst, NONNEGATIVE, OBJECTIVE, "the mean gap over uniform corners of the packing"),
)
BIAS = sp.Eq(d, sp.sqrt(5 * n / (352 * T)))
BOUND = G * R * sp.sqrt(5 * n / (352 * T)) / 8

FANO = Claim(
    id="jun2019.coin_ddim_fano",
    says="on the box [-R, R]^n, one toss a query, by a packing and Fano's inequality: it misses by .0148 G R sqrt(n/T)",
    source="ratelab, own derivation of instance and constant; after Jun, Orabona, COLT 2019, Theorem 9, and Agarwal, "
    "Bartlett, Ravikumar, Wainwright, arXiv 1009.0571",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="the largest E f - f* over the 2^n corners",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(n <= T,),
    bound=BOUND,
    rate=Rate(-F(1, 2)),
    limits=(Limit("a point", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("Hoeffding: a share exp(-2 n (1/2 - 1/4)^2) of all corners differs in n/4 coordinates or fewer from a "
                 "given one", 2 * n * (F(1, 2) - F(1, 4)) ** 2, n / 8, OVER),
        Inequality("each corner chosen rules out that share of all; they can be chosen until none is left: exp(n/8), "
                   "any two of which differ in more", size, ">=", n / 8, OVER,
                   (size + share >= 0, share <= -2 * n * (F(1, 2) - F(1, 4)) ** 2)),
        Identity("two corners that differ in h n coordinates: their gaps add up, at every x, to that of the sides",
                 h * n * (2 * d * G * R / n), 2 * h * d * G * R, OVER),
        Inequality("which is d G R/2 at least, so that only one corner has a gap below d G R/4", 2 * h * d * G * R,
                   ">=", d * G * R / 2, OVER),
        Inequality("the logarithm l, for d up to 1/4", sp.log(1 + d / 2) - sp.log(1 - d / 2), "<=", F(11, 5) * d / 2,
                   OVER),
        Inequality("and up to 1/2", sp.log(1 + F(1, 2) / (1 + u)) - sp.log(1 - F(1, 2) / (1 + u)), "<=",
                   F(11, 5) * F(1, 2) / (1 + u), OVER),
        Inequality("an answer tells two corners apart by a divergence of d l at most: T of them have", info, "<=",
                   F(11, 5) * T * d**2, OVER, (info <= T * d * logs, logs <= F(11, 5) * d)),
        Inequality("with d^2 = 5 n/(352 T), d <= 1/2", d, "<=", F(1, 2), OVER, (BIAS, n <= T)),
        Inequality("8 log(2) <= n/4", 8 * sp.log(2), "<=", n / 4, OVER),
        Inequality("Fano: the corner is named wrongly with probability 1/2 at least", wrong, ">=", F(1, 2), OVER,
                   (wrong * size >= size - info - sp.log(2), size >= n / 8, info <= F(11, 5) * T * d**2,
                    352 * T * d**2 <= 5 * n, 32 * sp.log(2) <= n)),
        Inequality("so the mean gap is", worst, ">=", BOUND, OVER, (worst >= wrong * d * G * R / 4, wrong >= F(1, 2),
                                                                    BIAS)),
    ),
    experiments=runs.packed(),
    broken_by=runs.packed_broken(),
)  # fmt: skip
