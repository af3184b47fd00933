"""O. Shamir, "Exponential convergence time of gradient descent for one-dimensional deep linear neural networks", COLT
2019, arXiv 1809.08587: F(w) = f(w_1 w_2 ... w_m), m layers of one weight each.

The products of all weights but one are what the gradient is made of: where they are small, nothing moves. a is a bound
on E |w_i|, mu1 = E |w_i|; w_i are independent with mean 0 and variance 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Standing
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import shamir2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality

a, level, big, delta, low = sp.symbols("a r X delta f0", positive=True)
mu1, var, p, v, h, dist, y = sp.symbols("mu1 Var p v h d y", nonnegative=True)
w, x, logs, moved = sp.symbols("w x Lambda M", positive=True)
m = sp.Symbol("m", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
z = sp.Symbol("z", real=True)
one = sp.Integer(1)

DEPTH = Quantity(m, sp.Range(2, sp.oo), PURE, "number of layers")
MEAN = Quantity(a, FRACTION, PURE, "bound on E |w_i|, below 1")
HEIGHT = Quantity(low, POSITIVE, OBJECTIVE, "twice f at the saddle", unit_value=True)
LOGS = Quantity(logs, POSITIVE, PURE, "log of the quotient of the products, after and before")
LEAST = Quantity(delta, POSITIVE, PURE, "least of the weights w_i")
OVER = (
    DEPTH, MEAN, HEIGHT,
    Quantity(k, COUNT0, PURE, "factors so far"),
    Quantity(level, FRACTION, PURE, "a^((m-1)/2)"),
    Quantity(big, POSITIVE, PURE, "E |product of k weights|"),
    *(Quantity(q, NONNEGATIVE, PURE, "E |w_i|; variance of |w_i|; a probability, or v^m") for q in (mu1, var, p)),
    *(Quantity(q, NONNEGATIVE, PURE, "the common weight; step size; v^(m-2); a distance") for q in (v, h, y, dist)),
    *(Quantity(q, POSITIVE, PURE, "a weight before and after; sum of |x_i - w_i|") for q in (w, x, moved)),
    Quantity(z, sp.Interval.open(-1, sp.oo), PURE, "x/w - 1"),
    LOGS, LEAST,
)  # fmt: skip
SOURCE = "O. Shamir, COLT 2019, arXiv 1809.08587, "

SMALL_PRODUCTS = Claim(
    id="shamir2019.shamir_depth_lemma5",
    says="all products of m - 1 weights are below m a^((m-1)/2) in size, but for the probability a^((m-1)/2)",
    source=SOURCE + "Lemma 5",
    kind=Kind.UPPER,
    metric="P(max_j |product of the w_i, i != j| >= m a^((m-1)/2))",
    metric_units=PURE,
    symbols=(DEPTH, MEAN),
    assumptions=(),
    bound=a ** ((m - 1) / 2),
    limits=(Limit("a = 1: nothing is claimed", a, one, one),),
    steps=(
        Induction("independence: E |w_1 ... w_k| <= a^k",
                  base=Identity("no factor", one, a ** sp.Integer(0), OVER),
                  step=Inequality("k to k+1", big * mu1, "<=", a * a**k, OVER, (big <= a**k, mu1 <= a)),
                  conclusion=(big, "<=", a**k)),
        Inequality("Markov, r = a^((m-1)/2): a product of m - 1 reaches m r with the probability r/m at most", p, "<=",
                   level / m, OVER, (p * m * level <= level**2,)),
        Inequality("and one of the m products with m times that", m * p, "<=", a ** ((m - 1) / 2), OVER, (
            p <= level / m, sp.Eq(level, a ** ((m - 1) / 2)))),
    ),
    experiments=runs.products(m * a ** ((m - 1) / 2), a ** ((m - 1) / 2)),
    broken_by=runs.products_broken(m * a ** ((m - 1) / 2), a ** ((m - 1) / 2)),
    errata=(
        Erratum(
            id="shamir2019.E1",
            says="Lemma 1, third bullet: every non-trivial law of mean 0 and variance 1 has E |w| < 1; the signs +-1 "
            "with probability 1/2 have E |w| = 1",
            printed=Inequality("E |w| < 1, from E w^2 = 1 alone", mu1, "<", one, OVER, (mu1**2 <= 1,)),
            repair=(
                Identity("Var |w| = E w^2 - 2 E |w| E |w| + (E |w|)^2, E w^2 = 1", 1 - 2 * mu1 * mu1 + mu1**2,
                         1 - mu1**2, OVER),
                Inequality("so it holds where |w| is not constant", mu1, "<", one, OVER, (
                    sp.Eq(var, 1 - mu1**2), var > 0)),
            ),
            read_in="arXiv 1809.08587, Lemma 1",
            survives="the lemma for every law under which |w| is not constant, the normal and uniform ones among them",
        ),
    ),
)  # fmt: skip

FAR = delta * logs / sp.sqrt(m - 1)

DISTANCE = Claim(
    id="shamir2019.shamir_depth_lemma6",
    says="to multiply the product of m - 1 positive weights by e^Lambda one has to move far: delta Lambda/sqrt(m - 1)",
    source="ratelab, own derivation; after O. Shamir, COLT 2019, arXiv 1809.08587, Lemma 6",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="||x - w||, of m - 1 coordinates",
    metric_units=PURE,
    symbols=(DEPTH, LOGS, LEAST),
    assumptions=(),
    bound=FAR,
    limits=(Limit("two layers: one coordinate", m, sp.Integer(2), delta * logs),),
    steps=(
        Inequality("one coordinate: log x - log w <= (x - w)/w, x/w = 1 + z", sp.log(1 + z), "<=", z, OVER),
        Inequality("which is at most |x - w|/delta, as w >= delta", (x - w) / w, "<=", sp.Abs(x - w) / delta, OVER, (
            w >= delta,)),
        Inequality("added up: the sum M of |x_i - w_i| is at least delta Lambda", moved, ">=", delta * logs, OVER, (
            logs <= moved / delta,)),
        Chain("Cauchy-Schwarz over m - 1 coordinates", (dist, ">=", moved / sp.sqrt(m - 1), ">=", FAR), OVER, (
            moved**2 <= (m - 1) * dist**2, moved >= delta * logs)),
    ),
)  # fmt: skip

SADDLE = Claim(
    id="shamir2019.shamir_depth_saddle",
    says="f = (p + 1)^2/2 and equal positive weights: with a short step they stay equal and positive, and f stays "
    "above 1/2, its value at the saddle 0",
    source="ratelab, own derivation; on the functions of O. Shamir, COLT 2019, arXiv 1809.08587",
    standing=Standing.DERIVED,
    kind=Kind.DIVERGENCE,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(HEIGHT,),
    assumptions=(),
    bound=low / 2,
    steps=(
        Identity("every weight takes the same step, p = v^m and y = v^(m-2)", v - h * (p + 1) * v * y,
                 v * (1 - h * (1 + p) * y), OVER),
        Chain("h (1 + v^m) v^(m-2) <= 1 at the start, and so ever after, as v falls and stays positive",
              (sp.Integer(0), "<=", v * (1 - h * (1 + p) * y), "<=", v), OVER, (h * (1 + p) * y <= 1,)),
        Inequality("so that p >= 0 for ever", low * (p + 1) ** 2 / 2, ">=", low / 2, OVER),
    ),
    experiments=runs.saddle(),
    broken_by=runs.saddle_broken(),
)  # fmt: skip
