"""S. Bubeck, N. Cesa-Bianchi, G. Lugosi, "Bandits with heavy tail", IEEE Trans. Inf. Theory 2013, arXiv 1209.1727.

Median of means: n values in k equal blocks of m = n/k, the median of the blocks' means. t is the radius, e = 1 + ep
the order of the bounded moment E |X - mean|^e <= v, in units in which v = u^e, u a length. Truncated mean: that of the
X_i with |X_i| <= B_i = u (i/ell)^(1/e), E |X|^e <= u^e, ell = log(1/delta) and y = ell/n.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import COUNT, FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality, Monotone

sigma, u, t, m, e = sp.symbols("sigma u t m e", positive=True)
n, k = sp.symbols("n k", integer=True, positive=True)
p = sp.Symbol("p", positive=True)

SAMPLE = (
    Quantity(n, COUNT, PURE, "number of values"),
    Quantity(k, COUNT, PURE, "number of blocks"),
)
VARIANCE = (Quantity(sigma, POSITIVE, LENGTH, "standard deviation"), *SAMPLE)
MOMENT = (
    Quantity(u, POSITIVE, LENGTH, "v^(1/e)"),
    Quantity(e, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment"),
    *SAMPLE,
)
OVER = (
    *VARIANCE,
    *MOMENT[:2],
    Quantity(t, POSITIVE, LENGTH, "radius"),
    Quantity(m, POSITIVE, PURE, "values in a block, n/k"),
    Quantity(p, sp.Interval.Lopen(0, sp.Rational(1, 4)), PURE, "probability that a block's mean is off by more than t"),
)
EXPONENT = Inequality(
    "half of the blocks must be off, a quarter more than expected: Hoeffding's exponent is k/8 at least",
    2 * k * (sp.Rational(1, 2) - p) ** 2, ">=", sp.Rational(1, 8) * k, OVER,
)  # fmt: skip
RADIUS = 2 * sigma * sp.sqrt(k / n)
RADIUS_E = 8 ** (1 / e) * u * (k / n) ** ((e - 1) / e)

MEDIAN_OF_MEANS = Claim(
    id="bubeck2013.median_of_means_variance",
    says="median of means under a finite variance: its error, with probability 1 - exp(-k/8)",
    source="ratelab, own derivation of a folklore result; after Bubeck, Cesa-Bianchi, Lugosi, arXiv 1209.1727",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="error of the median of means, with probability 1 - exp(-k/8)",
    metric_units=LENGTH,
    symbols=VARIANCE,
    assumptions=(n >= k,),
    bound=RADIUS,
    limits=(Limit("a constant is estimated exactly", sigma, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("a block's mean has variance sigma^2 k/n", sigma**2 / m, sigma**2 * k / n, OVER, (sp.Eq(m, n / k),)),
        Inequality("Chebyshev: it is off by more than t with a probability of at most 1/4", p, "<=", sp.Rational(1,
                   4), OVER,
                   (p * t**2 <= sigma**2 * k / n, sp.Eq(t, RADIUS))),
        EXPONENT,
        Identity("else the median is within t", 2 * sp.sqrt(sigma**2 * k / n), RADIUS, OVER),
    ),
)  # fmt: skip

MEDIAN_OF_MEANS_MOMENT = Claim(
    id="bubeck2013.median_of_means",
    says="median of means under a moment of order e <= 2: its error, with probability 1 - exp(-k/8)",
    source="ratelab, own derivation (8 for the paper's 12); after Bubeck, Cesa-Bianchi, Lugosi, arXiv 1209.1727",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="error of the median of means, with probability 1 - exp(-k/8)",
    metric_units=LENGTH,
    symbols=MOMENT,
    assumptions=(n >= k,),
    bound=RADIUS_E,
    limits=(Limit("a constant is estimated exactly", u, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("von Bahr and Esseen: E |block's mean|^e <= 2 m (u/m)^e, over u^e, m = n/k",
                 2 * (n / k) * (n / k) ** (-e),
                 2 * (n / k) ** (1 - e), OVER),
        Identity("which is a quarter of (t/u)^e at the radius",
                 (8 ** (1 / e)) ** e * ((k / n) ** ((e - 1) / e)) ** e / 4,
                 2 * (k / n) ** (e - 1), OVER),
        EXPONENT,
        Identity("else the median is within t, (t/u)^e = 8 (k/n)^(e-1)",
                 u * 8 ** (1 / e) * ((k / n) ** (e - 1)) ** (1 / e),
                 RADIUS_E, OVER),
    ),
)  # fmt: skip

delta, ell, y, z, w = sp.symbols("delta ell y z w", positive=True)
bias, noise, error = sp.symbols("b s d", nonnegative=True)
i = sp.Symbol("i", integer=True, positive=True)
TRUNCATED = (*MOMENT[:2], SAMPLE[0], Quantity(delta, FRACTION, PURE, "probability of failure"))
TRUNCATED_OVER = (
    *TRUNCATED,
    Quantity(ell, POSITIVE, PURE, "log(1/delta)"),
    Quantity(y, POSITIVE, PURE, "ell/n"),
    Quantity(z, FRACTION, PURE, "a number below 1"),
    Quantity(w, sp.Interval.Lopen(0, sp.Rational(1, 2)), PURE, "1 - 1/e"),
    Quantity(i, sp.Range(2, sp.oo), PURE, "number of a value"),
    *(Quantity(q, NONNEGATIVE, LENGTH, "bias, noise, and error to one side") for q in (bias, noise, error)),
)
SCALE = u * y ** ((e - 1) / e)
RADIUS_T = 4 * u * (sp.log(1 / delta) / n) ** ((e - 1) / e)

TRUNCATED_MEAN = Claim(
    id="bubeck2013.truncated_mean",
    says="the mean without values beyond u (i/log(1/delta))^(1/e): its error to one side, with probability 1 - delta",
    source="ratelab, own derivation of a recalled bound; after Bubeck, Cesa-Bianchi, Lugosi, arXiv 1209.1727",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="error of the truncated mean to one side, with probability 1 - delta",
    metric_units=LENGTH,
    symbols=TRUNCATED,
    assumptions=(),
    bound=RADIUS_T,
    limits=(Limit("a constant 0 is estimated exactly", u, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Monotone("Bernoulli, 1 - w = 1/e: z^(1-w) - (1-w) z grows to w at z = 1, so z^(1/e) <= 1 - (1 - z)/e",
                 z ** (1 - w) - (1 - w) * z, z, TRUNCATED_OVER),
        Induction("the biases u^e B_i^(1-e) = u (i/ell)^(1/e - 1): the sum of i^(1/e - 1) is at most e n^(1/e)",
                  base=Inequality("the first", sp.Integer(1), "<=", e, TRUNCATED_OVER),
                  step=Inequality("i - 1 to i", i ** (1 / e - 1), "<=", e * (i ** (1 / e) - (i - 1) ** (1 / e)),
                                  TRUNCATED_OVER, ((i - 1) ** (1 / e) <= i ** (1 / e) * (1 - 1 / (e * i)),))),
        Identity("so their mean is at most e times", u * y ** (1 - 1 / e), SCALE, TRUNCATED_OVER),
        Identity("Bernstein, second moments of at most u^e B_n^(2-e) and values of at most B_n: V ell/n is, in u^2,",
                 y * y ** (-(2 - e) / e), (y ** ((e - 1) / e)) ** 2, TRUNCATED_OVER),
        Identity("and B_n ell/n is, in u,", y * y ** (-1 / e), y ** ((e - 1) / e), TRUNCATED_OVER),
        Inequality("together, sqrt(2 V ell/n) + B_n ell/(3 n) and e <= 2", error, "<=", 4 * SCALE, TRUNCATED_OVER,
                   (error <= bias + noise, bias <= e * SCALE, noise <= sp.sqrt(2) * SCALE + SCALE / 3)),
        Identity("which is", 4 * SCALE, RADIUS_T, TRUNCATED_OVER, (sp.Eq(y, sp.log(1 / delta) / n),)),
    ),
)  # fmt: skip
