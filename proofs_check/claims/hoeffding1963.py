"""W. Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 58 (1963); and the DKW band.

X in [0, c] has the mean p c; by convexity E exp(s X/c) <= 1 - p + p e^s, and Lam(s) = log(1 - p + p e^s) - p s is the
logarithm of what is left; w = p e^s/(1 - p + p e^s) in (0, 1). n values, ell = log(2/delta).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import COUNT, FRACTION, POSITIVE, REAL
from proofs_check.instances import hoeffding1963 as runs
from proofs_check.steps import Identity, Inequality, Lemma, Optimum

c, delta, ell, y, e = sp.symbols("c delta ell y e", positive=True)
p, w = sp.symbols("p w", positive=True)
s, curve = sp.symbols("s kappa", real=True)
lam = sp.Symbol("lambda", positive=True)
n = sp.Symbol("n", integer=True, positive=True)

RANGE = Quantity(c, POSITIVE, LENGTH, "width of the range")
COUNTED = (Quantity(n, COUNT, PURE, "number of values"), Quantity(delta, FRACTION, PURE, "probability of failure"))
OVER = (
    RANGE,
    *COUNTED,
    Quantity(p, FRACTION, PURE, "mean over c"),
    Quantity(w, FRACTION, PURE, "p e^s/(1 - p + p e^s)"),
    Quantity(y, POSITIVE, PURE, "e^s"),
    Quantity(s, REAL, PURE, "argument"),
    Quantity(curve, REAL, PURE, "Lam'' somewhere between 0 and s"),
    Quantity(lam, POSITIVE, PURE, "argument, positive"),
    Quantity(e, POSITIVE, PURE, "deviation over c"),
    Quantity(ell, POSITIVE, PURE, "log(2/delta)"),
)
EXPONENT = n * lam**2 / 8 - n * lam * e
RADIUS = c * sp.sqrt(sp.log(2 / delta) / (2 * n))
LAM = sp.log(1 - p + p * sp.exp(s)) - p * s

MEAN = Claim(
    id="hoeffding1963.interval",
    says="the mean of n values in [0, c] is within c sqrt(log(2/delta)/(2n)) of theirs, with prob. 1 - delta",
    source="ratelab, own write-up of Hoeffding, JASA 58 (1963), Theorem 2 and its lemma; number not checked",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="error of the sample mean, with probability 1 - delta",
    metric_units=LENGTH,
    symbols=(RANGE, *COUNTED),
    assumptions=(),
    bound=RADIUS,
    limits=(
        Limit("many values", n, sp.oo, sp.Integer(0)),
        Limit("a constant is known", c, sp.Integer(0), sp.Integer(0)),
    ),
    steps=(
        Identity("Lam(0) = 0", LAM.subs(s, 0), sp.Integer(0), OVER),
        Identity("Lam'(0) = 0", sp.diff(LAM, s).subs(s, 0), sp.Integer(0), OVER),
        Identity("Lam'' = w (1 - w), with y = e^s", sp.diff(LAM, s, 2).subs(sp.exp(s), y), w * (1 - w), OVER,
                 (sp.Eq(w, p * y / (1 - p + p * y)),)),
        Inequality("which is at most 1/4", w * (1 - w), "<=", sp.Rational(1, 4), OVER),
        Inequality("so by Taylor Lam(s) <= s^2/8", curve * s**2 / 2, "<=", s**2 / 8, OVER, (curve <= sp.Rational(1,
                   4),)),
        Optimum("Markov for n values: the exponent of P(mean - p c >= e c) is least at lambda = 4 e", EXPONENT, lam,
                4 * e,
                -2 * n * e**2, OVER),
        Identity("it is -log(2/delta) at this e, one side having delta/2", -2 * n * e**2, -ell, OVER,
                 (sp.Eq(e, sp.sqrt(ell / (2 * n))),)),
        Identity("so the radius is", c * sp.sqrt(ell / (2 * n)), RADIUS, OVER, (sp.Eq(ell, sp.log(2 / delta)),)),
    ),
    experiments=runs.sample_mean(RADIUS),
    broken_by=runs.sample_mean_broken(RADIUS),
)  # fmt: skip

BAND = Claim(
    id="hoeffding1963.dkw_band",
    says="the empirical distribution function is within sqrt(log(2/delta)/(2n)) of the true one, everywhere at once",
    source="ratelab's inversion of the inequality of Dvoretzky, Kiefer, Wolfowitz with Massart's constant (1990)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="largest distance of the two distribution functions, with probability 1 - delta",
    metric_units=PURE,
    symbols=COUNTED,
    assumptions=(),
    bound=sp.sqrt(sp.log(2 / delta) / (2 * n)),
    limits=(Limit("many values", n, sp.oo, sp.Integer(0)),),
    steps=(
        Lemma("P(sup |F_n - F| > e) <= 2 exp(-2 n e^2)",
        "Dvoretzky, Kiefer, Wolfowitz 1956; the constant is Massart's, 1990"),
        Identity("which is delta, its exponent -log(2/delta), at this e", -2 * n * e**2, -ell, OVER,
                 (sp.Eq(e, sp.sqrt(ell / (2 * n))),)),
        Identity("so the band's half width is", sp.sqrt(ell / (2 * n)), sp.sqrt(sp.log(2 / delta) / (2 * n)), OVER,
                 (sp.Eq(ell, sp.log(2 / delta)),)),
    ),
)  # fmt: skip
