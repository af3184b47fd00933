"""J. Bernstein et al., "signSGD: Compressed Optimisation for Non-Convex Problems", ICML 2018, arXiv 1802.04434.

x <- x - step sign(gbar), gbar a mean of n = T stochastic gradients, step = sqrt(F1 / (L1 T)): T steps need N = T^2
gradients, and sqrt(N) = T. L1 sums the smoothness constants, sig1 the standard deviations; F1 is one unit of
objective and makes the step a length. g is |grad_i f|, p the probability that the sign of coordinate i is wrong.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import normalised as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

CURVATURE = Units(F=1, X=-2)
Delta, L1, sig1, F1, step, g, sg, s, eps = sp.symbols("Delta L1 sigma_1 F_1 delta g_i sigma_i S epsilon", positive=True)
norm, wrong, hit, total, p, dev, mean, h = sp.symbols("||g||_1 W s A p e m h", nonnegative=True)
f0, f1, F0, inner = sp.symbols("f_k f_{k+1} f_0 I", real=True)
n, M, k = sp.symbols("n M k", integer=True, positive=True)

SYMBOLS = (
    HORIZON,
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - f*"),
    Quantity(L1, POSITIVE, CURVATURE, "sum of the coordinates' smoothness constants"),
    Quantity(sig1, POSITIVE, GRADIENT, "sum of the coordinates' standard deviations"),
    Quantity(F1, POSITIVE, OBJECTIVE, "one unit of objective", unit_value=True),
)
WORKERS = Quantity(M, COUNT, PURE, "workers")
OVER = (
    *SYMBOLS,
    WORKERS,
    Quantity(step, POSITIVE, LENGTH, "step"),
    *(Quantity(x, POSITIVE, GRADIENT, "|grad_i f|, or the deviation of the mini-batch's coordinate") for x in (g, sg)),
    *(Quantity(x, NONNEGATIVE, GRADIENT, "a sum of |grad_i f| or of |grad_i f| p_i, or |gbar_i - grad_i f|")
      for x in (norm, wrong, hit, total, dev, mean)),
    Quantity(p, sp.Interval(0, 1), PURE, "probability of a wrong sign"),
    *(Quantity(x, REAL, OBJECTIVE, "E f, or <grad f, sign>") for x in (f0, f1, F0)),
    Quantity(inner, REAL, GRADIENT, "E <grad f, sign gbar>"),
    *(Quantity(x, COUNT, PURE, "batch, or steps done") for x in (n, k)),
    Quantity(s, POSITIVE, PURE, "|grad_i f| / sigma_i, of one worker's mini-batch"),
    Quantity(eps, sp.Interval.Lopen(0, sp.Rational(1, 2)), PURE, "1/2 less the probability of a wrong sign"),
    Quantity(h, NONNEGATIVE, PURE, "the chance that the vote is wrong, times sqrt(M)"),
)  # fmt: skip


EACH = step * norm - 2 * step * hit - step**2 * L1 / 2
SMOOTH = (f1 <= f0 - step * inner + step**2 * L1 / 2, inner >= norm - 2 * wrong, wrong <= hit)
REST = 2 * step * hit + step**2 * L1 / 2
DESCENT = (
    Inequality("the smooth function falls, where sum_i |g_i| p_i is at most s", f1, "<=", f0 - EACH, OVER, SMOOTH),
    Induction("summed over k steps, A = sum of ||g||_1: step A <= f_0 - f_k + k (...)",
              base=Inequality("one", step * norm, "<=", f0 - f1 + REST, OVER, SMOOTH),
              step=Inequality("one more", step * (total + norm), "<=", F0 - f1 + (k + 1) * REST, OVER,
                              (step * total <= F0 - f0 + k * REST, f1 <= f0 - EACH))),
    Inequality("so the mean of T terms, as f_T >= f*", mean, "<=", Delta / (step * T) + step * L1 / 2 + 2 * hit, OVER,
               (mean * T <= total, step * total <= F0 - f1 + T * REST, F0 - f1 <= Delta)),
)  # fmt: skip


def with_the_step(noise: sp.Expr) -> tuple[Identity, Chain]:
    """Return the last steps: n = T and the theorem's step put in, s = noise / sqrt(T), and all squared."""
    mean_is = (sp.sqrt(L1 / F1) * (Delta + F1 / 2) + 2 * noise) / sp.sqrt(T)
    return (
        Identity("with the theorem's step and s", Delta / (step * T) + step * L1 / 2 + 2 * hit, mean_is, OVER,
                 (sp.Eq(step, sp.sqrt(F1 / (L1 * T))), sp.Eq(hit, noise / sp.sqrt(T)))),
        Chain("squared", (mean**2, "<=", mean_is**2, "==", (sp.sqrt(L1 / F1) * (Delta + F1 / 2) + 2 * noise) ** 2 / T),
              OVER, (mean <= mean_is,)),
    )  # fmt: skip


ONE_WORKER = (sp.sqrt(L1 / F1) * (Delta + F1 / 2) + 2 * sig1) / sp.sqrt(T)

THEOREM_1 = Claim(
    id="bernstein2018.thm1",
    says="signSGD with batches as large as the horizon: the mean l1 norm of the gradient, squared, is O(1/sqrt(N))",
    source="Bernstein, Wang, Azizzadenesheli, Anandkumar, ICML 2018, arXiv 1802.04434, Theorem 1, as restated in "
    "secondary literature",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="square of the mean over T steps of E ||grad f||_1",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=ONE_WORKER**2,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("without noise", sig1, sp.Integer(0), L1 / F1 * (Delta + F1 / 2) ** 2 / T),),
    steps=(
        Identity("in expectation a coordinate moves f by -step |g| (1 - 2p)", -step * g * (1 - p) + step * g * p,
                 -step * g + 2 * step * g * p, OVER),
        Inequality("a wrong sign needs a deviation of |g|: Markov, Jensen", g * p, "<=", sg / sp.sqrt(n), OVER,
                   (p <= dev / g, dev**2 <= sg**2 / n)),
        *DESCENT,
        *with_the_step(sig1),
    ),
    experiments=runs.signs(ONE_WORKER),
    broken_by=runs.signs_broken(ONE_WORKER),
)  # fmt: skip

THEOREM_2 = Claim(
    id="bernstein2018.thm2_majority",
    says="with the signs of M workers put to the vote, and unimodal symmetric noise, sigma falls by sqrt(M)",
    source="Bernstein, Wang, Azizzadenesheli, Anandkumar, ICML 2018, arXiv 1802.04434, Theorem 2 (b), as restated in "
    "secondary literature (number not checked)",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="square of the mean over T steps of E ||grad f||_1",
    metric_units=SQUARED_GRADIENT,
    symbols=(*SYMBOLS, WORKERS),
    assumptions=(),
    bound=(sp.sqrt(L1 / F1) * (Delta + F1 / 2) + 2 * sig1 / sp.sqrt(M)) ** 2 / T,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("many workers see no noise", M, sp.oo, L1 / F1 * (Delta + F1 / 2) ** 2 / T),),
    steps=(
        Inequality("Cantelli: 1 / (1 + x^2) <= 1 / (2 x) for the number of right signs, x^2 = M eps^2 / (1/4 - eps^2)",
                   1 / (1 + h**2), "<=", 1 / (2 * h), OVER, (h > 0,)),
        Inequality("Gauss, near the mode: p <= 1/2 - S / (2 sqrt(3))", 1 / (4 * eps**2) - 1, "<=", 4 / s**2, OVER,
                   (eps >= s / (2 * sp.sqrt(3)),)),
        Inequality("Gauss, far from it: p <= 2 / (9 S^2)", 1 / (4 * eps**2) - 1, "<=", 4 / s**2, OVER,
                   (eps >= sp.Rational(1, 2) - 2 / (9 * s**2), s**2 >= sp.Rational(4, 3))),
        Inequality("so the vote is wrong with probability at most 1 / (sqrt(M) S)", h, "<=", 1 / s, OVER,
                   (h**2 <= (1 / (4 * eps**2) - 1) / 4, 1 / (4 * eps**2) - 1 <= 4 / s**2)),
        Inequality("which times |g| is sigma_i / sqrt(n M)", g * p, "<=", sg / sp.sqrt(n * M), OVER,
                   (p <= h / sp.sqrt(M), h <= sg / (sp.sqrt(n) * g))),
        *DESCENT,
        *with_the_step(sig1 / sp.sqrt(M)),
    ),
)  # fmt: skip
