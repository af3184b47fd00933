"""J. Zhang et al., "Why are adaptive methods good for attention models?", NeurIPS 2020, arXiv 1912.03194: the lemmas.

X has a moment of order alpha in (1, 2] only; clip(X) = X min(1, tau/||X||). Thresholds are written as multiples of the
moment bound, tau = c G (or c sigma), so that powers with the exponent alpha are taken of pure numbers only. All of it
rests on one tangent: y^alpha >= 1 + alpha (y - 1) for y > 0 (Bernoulli), which is shown first. w = alpha - 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import FRACTION0, NONNEGATIVE, POSITIVE
from proofs_check.instances import zhang2020heavy_lemmas as runs
from proofs_check.steps import Identity, Inequality, Monotone
from proofs_check.symbols import SQUARED_GRADIENT

SHARE, HALF = sp.Interval.Lopen(0, 1), sp.Rational(1, 2)
alpha, w, G, sigma, c, y, u, v, a, b = sp.symbols("alpha w G sigma c y u v a b", positive=True)
mean, bias, second, size, centre, q = sp.symbols("M bias m2 n x q", nonnegative=True)

ORDER = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "order of the moment that is bounded")
RAW = Quantity(G, POSITIVE, GRADIENT, "(E ||X||^alpha)^(1/alpha) <= G")
CENTRAL = Quantity(sigma, POSITIVE, GRADIENT, "(E ||X - x||^alpha)^(1/alpha) <= sigma, x = E X")
RATIO = Quantity(c, POSITIVE, PURE, "clipping threshold, in units of the moment bound")
OVER = (
    ORDER,
    RAW,
    CENTRAL,
    RATIO,
    Quantity(w, SHARE, PURE, "alpha - 1"),
    Quantity(y, sp.Interval.open(0, 1), PURE, "a number below 1"),
    Quantity(q, FRACTION0, PURE, "2 - alpha"),
    *(Quantity(s, POSITIVE, PURE, "||X|| / tau and ||X - x|| / tau") for s in (u, v)),
    *(Quantity(s, SHARE, PURE, "a share") for s in (a, b)),
    *(Quantity(s, NONNEGATIVE, PURE, "a norm or an expectation, in units of tau") for s in (mean, bias, second)),
    *(Quantity(s, NONNEGATIVE, PURE, "a norm, over tau") for s in (size, centre)),
)
IS_W = sp.Eq(alpha, 1 + w)
TANGENT = (
    Monotone("Bernoulli, y < 1: y^alpha - alpha y falls to 1 - alpha at y = 1", y**alpha - alpha * y, y, OVER, (IS_W,),
             falls=True),
    Monotone("and y > 1: so does y^-alpha - alpha/y, in 1/y; so y^alpha >= 1 + alpha (y - 1) for every y > 0",
             y**-alpha - alpha / y, y, OVER, (IS_W,), falls=True),
)  # fmt: skip
PEAK = (alpha - 1) ** (alpha - 1) / alpha**alpha  # the largest (u - 1)/u^alpha
OWN = "ratelab, own derivation; "
AFTER = OWN + "after Zhang et al., arXiv 1912.03194 (the papers use the constant 1)"
POSTER = OWN + "after Sadiev et al., arXiv 2302.00999, Lemma 1 as on its ICML 2023 poster, which has "

SECOND_MOMENT = Claim(
    id="zhang2020heavy.clip_moment_lemma_raw_second",
    says="clipped at tau = c G, X has E ||clip X||^2 <= G^alpha tau^(2 - alpha)",
    source=OWN + "after Zhang et al., arXiv 1912.03194",
    kind=Kind.UPPER,
    metric="E ||clip(X)||^2",
    metric_units=SQUARED_GRADIENT,
    symbols=(ORDER, RAW, RATIO),
    assumptions=(),
    bound=G**2 * c ** (2 - alpha),
    limits=(Limit("finite variance needs no clipping", alpha, sp.Integer(2), G**2),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("where nothing is cut, u < 1: u^2 <= u^alpha", y**2, "<=", y**alpha, OVER,
                   (sp.Eq(alpha, 2 - q),)),
        Inequality("where it is cut, u = 1/y > 1: 1 <= u^alpha", sp.Integer(1), "<=", y**-alpha, OVER, (IS_W,)),
        Inequality("so E min(u, 1)^2 <= E u^alpha, which is at most (G/tau)^alpha", (c * G) ** 2 * second, "<=",
                   G**2 * c ** (2 - alpha), OVER, (second <= mean, mean <= c**-alpha)),
    ),
    experiments=runs.second_moment(),
    broken_by=runs.second_moment_broken(),
)  # fmt: skip

BIAS = Claim(
    id="zhang2020heavy.clip_moment_lemma_raw_bias",
    says="clipped at tau = c G, the mean moves by at most (alpha-1)^(alpha-1)/alpha^alpha G^alpha tau^(1 - alpha)",
    source=AFTER,
    kind=Kind.TIGHT,
    metric="||E clip(X) - E X||",
    metric_units=GRADIENT,
    symbols=(ORDER, RAW, RATIO),
    assumptions=(),
    bound=PEAK * G * c ** (1 - alpha),
    limits=(Limit("finite variance: G^2 / (4 tau)", alpha, sp.Integer(2), G / (4 * c)),),
    standing=Standing.DERIVED,
    steps=(
        *TANGENT,
        Inequality("at y = u (alpha-1)/alpha: what is cut off is u - 1 <= PEAK u^alpha", u - 1, "<=", PEAK * u**alpha,
                   OVER,
                   (IS_W, w ** (1 + w) * u ** (1 + w) / (1 + w) ** (1 + w) >= 1 + (1 + w) * (u * w / (1 + w) - 1))),
        Identity("with equality at u = alpha/(alpha-1): X = tau u with a small probability, else 0",
                 PEAK * alpha**alpha / (alpha - 1) ** alpha, alpha / (alpha - 1) - 1, OVER),
        Inequality("in expectation, E u^alpha <= (G/tau)^alpha", c * G * bias, "<=", PEAK * G * c ** (1 - alpha), OVER,
                   (bias <= PEAK * mean, mean <= c**-alpha)),
    ),
    experiments=runs.bias(),
    broken_by=runs.bias_broken(),
)  # fmt: skip

CENTRAL_BIAS = Claim(
    id="zhang2020heavy.clip_moment_lemma_central_bias",
    says="with ||x|| <= tau/2, tau = c sigma, clipping moves the mean by at most b sigma^alpha tau^(1 - alpha)",
    source=POSTER + "2^alpha for b = 2^(alpha-1) (alpha-1)^(alpha-1)/alpha^alpha < 1",
    kind=Kind.UPPER,
    metric="||E clip(X) - E X||",
    metric_units=GRADIENT,
    symbols=(ORDER, CENTRAL, RATIO),
    assumptions=(),
    bound=2 ** (alpha - 1) * PEAK * sigma * c ** (1 - alpha),
    limits=(Limit("finite variance: sigma^2 / (2 tau)", alpha, sp.Integer(2), sigma / (2 * c)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("what is cut off, ||X|| - tau over tau, is at most v - 1/2, v = ||X - x||/tau", size - 1, "<=",
                   v - HALF, OVER, (size <= centre + v, centre <= HALF)),
        *TANGENT,
        Inequality("at y = 2 v (alpha-1)/alpha: v - 1/2 <= 2^(alpha-1) PEAK v^alpha", v - HALF, "<=",
                   2 ** (alpha - 1) * PEAK * v**alpha, OVER,
                   (IS_W, 2 ** (1 + w) * w ** (1 + w) * v ** (1 + w) / (1 + w) ** (1 + w)
                    >= 1 + (1 + w) * (2 * v * w / (1 + w) - 1))),
        Inequality("in expectation, E v^alpha <= (sigma/tau)^alpha", c * sigma * bias, "<=",
                   2 ** (alpha - 1) * PEAK * sigma * c ** (1 - alpha), OVER,
                   (bias <= 2 ** (alpha - 1) * PEAK * mean, mean <= c**-alpha)),
    ),
    experiments=runs.central_bias(),
    broken_by=runs.central_bias_broken(),
)  # fmt: skip

CENTRAL_SECOND = Claim(
    id="zhang2020heavy.clip_moment_lemma_central_second",
    says="with ||x|| <= tau/2, tau = c sigma, E ||clip X - x||^2 <= (3/2)^(2-alpha) sigma^alpha tau^(2-alpha)",
    source=POSTER + "18 for (3/2)^(2-alpha)",
    kind=Kind.UPPER,
    metric="E ||clip(X) - x||^2",
    metric_units=SQUARED_GRADIENT,
    symbols=(ORDER, CENTRAL, RATIO),
    assumptions=(),
    bound=sp.Rational(3, 2) ** (2 - alpha) * sigma**2 * c ** (2 - alpha),
    limits=(Limit("finite variance", alpha, sp.Integer(2), sigma**2),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("||clip X - x|| is b 3/2 tau with b <= 1; and a v tau with a <= 1, as clip is a projection",
                   size, "<=", sp.Rational(3, 2), OVER, (size <= v + centre, v <= 1, centre <= HALF)),
        Inequality("a^alpha b^q <= 1 for q = 2 - alpha", a**alpha * b**q, "<=", sp.Integer(1), OVER),
        Inequality("so ||clip X - x||^2/tau^2 = (a v)^alpha (3/2 b)^(2-alpha) <= (3/2)^(2-alpha) v^alpha",
                   a**alpha * v**alpha * sp.Rational(3, 2) ** (2 - alpha) * b ** (2 - alpha), "<=",
                   sp.Rational(3, 2) ** (2 - alpha) * v**alpha, OVER, (a**alpha * b ** (2 - alpha) <= 1,)),
        Inequality("in expectation, E v^alpha <= (sigma/tau)^alpha", (c * sigma) ** 2 * second, "<=",
                   sp.Rational(3, 2) ** (2 - alpha) * sigma**2 * c ** (2 - alpha), OVER,
                   (second <= sp.Rational(3, 2) ** (2 - alpha) * mean, mean <= c**-alpha)),
    ),
    experiments=runs.central_second(),
    broken_by=runs.central_second_broken(),
)  # fmt: skip
