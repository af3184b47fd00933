"""SGD on a quadratic under symmetric alpha-stable noise: the exact law of its iterates, without a second moment.

f = lam x^2/2 in one eigendirection, x+ = x - h (lam x + s xi), xi stable of scale 1: sum of c_i xi_i has the scale
(sum |c_i|^alpha)^(1/alpha). P = scale^alpha of the noise in x_k, in units of (h s)^alpha or (s/lam)^alpha; r = 1 - h
lam.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import stable_law as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity, Inequality, LimitStep
from proofs_check.symbols import HORIZON, T

alpha, h, lam, s, r, q, c = sp.symbols("alpha h lambda s r q c", positive=True)
P = sp.Symbol("P", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True, positive=True)
x, xi, mean = sp.symbols("x xi mean", real=True)

INDEX = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "index of the stable law")
NOISE = Quantity(s, POSITIVE, GRADIENT, "scale of the noise")
CURVATURE = Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature")
SHRINK = Quantity(r, FRACTION, PURE, "1 - h lambda")
STEP = Quantity(h, POSITIVE, Units(F=-1, X=2), "step size, below 1/lambda")
OVER = (
    HORIZON,
    INDEX,
    NOISE,
    CURVATURE,
    SHRINK,
    STEP,
    Quantity(q, FRACTION, PURE, "r^alpha"),
    Quantity(c, FRACTION, PURE, "1 - q"),
    Quantity(P, NONNEGATIVE, PURE, "alpha-th power of the scale"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(j, COUNT, PURE, "steps done"),
    *(Quantity(e, REAL, GRADIENT, "noise, its running mean") for e in (xi, mean)),
    Quantity(x, REAL, LENGTH, "x_k, in one eigendirection"),
)
SOURCE = "ratelab, own derivation from the sum rule of stable laws"
FINITE = h * s * ((1 - r ** (alpha * T)) / (1 - r**alpha)) ** (1 / alpha)
STATIONARY = h * s / (1 - r**alpha) ** (1 / alpha)

SGD_STABLE_SCALE = Claim(
    id="lab.sgd_stable_scale",
    says="x_T = r^T x_0 + scale Z with Z symmetric stable: the scale of constant-step SGD, for every T",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="scale of the law of x_T",
    metric_units=LENGTH,
    symbols=(HORIZON, INDEX, NOISE, SHRINK, STEP),
    assumptions=(),
    bound=FINITE,
    limits=(
        Limit("after one step", T, sp.Integer(1), h * s),
        Limit("without noise", s, sp.Integer(0), sp.Integer(0)),
    ),
    steps=(
        Identity("one step keeps r = 1 - h lambda of x", x - h * (lam * x + xi), r * x - h * xi, OVER,
                 (sp.Eq(r, 1 - h * lam),)),
        Recursion("so by the sum rule P+ = r^alpha P + 1, in units of (h s)^alpha", P, q * P + 1, sp.Integer(0), k,
                  (1 - q**k) / (1 - q), OVER),
        Identity("and the scale, its root, is", h * s * ((1 - (r**alpha) ** T) / (1 - r**alpha)) ** (1 / alpha),
                 FINITE, OVER),
    ),
    experiments=runs.scale(FINITE),
    broken_by=runs.shorter(runs.scale(FINITE, h=0.2)),
)  # fmt: skip

SGD_STABLE_STATIONARY = Claim(
    id="lab.sgd_stable_stationary",
    says="the scale at which constant-step SGD under stable noise settles: of the order h^(1 - 1/alpha), not sqrt(h)",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="scale of the law at rest",
    metric_units=LENGTH,
    symbols=(INDEX, NOISE, SHRINK, STEP),
    assumptions=(),
    bound=STATIONARY,
    limits=(
        Limit("h lambda = 1: one step's noise", r, sp.Integer(0), h * s),
    ),
    steps=(
        Identity("the fixed point of P+ = q P + 1, q = r^alpha", q / (1 - q) + 1, 1 / (1 - q), OVER),
        Recursion("the distance to it shrinks by q", P, q * P + 1, sp.Integer(0), k, 1 / (1 - q) - q**k / (1 - q),
                  OVER),
        Inequality("Bernoulli: q^k (1 + k (1-q)) <= 1, from k to k + 1", q * (1 + (k + 1) * (1 - q)), "<=",
                   1 + k * (1 - q), OVER),
        LimitStep("so q^k <= 1/(1 + k (1-q)) tends to 0", 1 / (1 + k * (1 - q)), k, sp.oo, sp.Integer(0), OVER),
        LimitStep("1 - (1 - c)^alpha ~ alpha c, c = h lambda: the scale is s h^(1-1/alpha)/(alpha lambda)^(1/alpha)",
                  (1 - (1 - c) ** alpha) / c, c, sp.Integer(0), alpha, (INDEX, Quantity(c, FRACTION, PURE,
                  "h lambda"))),
        Identity("the scale, its root, is", h * s * (1 / c) ** (1 / alpha), STATIONARY, OVER, (sp.Eq(c,
                 1 - r**alpha),)),
    ),
    experiments=runs.at_rest(STATIONARY),
    broken_by=runs.shorter(runs.at_rest(STATIONARY, h=0.2)),
)  # fmt: skip

MEAN_RULE = s / lam * T ** (1 / alpha - 1)

SGD_STABLE_MEAN = Claim(
    id="lab.sgd_stable_mean",
    says="with steps 1/(lambda k) the iterate is minus the noise's mean: it converges like T^(1/alpha - 1), unclipped",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="scale of the law of x_T",
    metric_units=LENGTH,
    symbols=(HORIZON, INDEX, NOISE, CURVATURE),
    assumptions=(),
    bound=MEAN_RULE,
    rate=Rate(1 / alpha - 1),
    limits=(Limit("one step leaves one noise", T, sp.Integer(1), s / lam),),
    steps=(
        Identity("a step 1/(lambda (k+1)) from x = -mean/lambda", x - (lam * x + xi) / (lam * (k + 1)),
                 -(k * mean + xi) / (lam * (k + 1)), OVER, (sp.Eq(x, -mean / lam),)),
        Recursion("so by the sum rule P+ = (P j^alpha + 1)/(j+1)^alpha, P = scale^alpha in units of (s/lambda)^alpha",
                  P,
                  (P * j**alpha + 1) / (j + 1) ** alpha, sp.Integer(1), j, j / j**alpha, OVER),
        Identity("and the scale, its root, is", s / lam * T ** (1 / alpha) * T ** (-1), MEAN_RULE, OVER),
    ),
    experiments=runs.mean(MEAN_RULE),
    broken_by=runs.shorter(runs.mean(MEAN_RULE, lr=0.2)),
)  # fmt: skip
