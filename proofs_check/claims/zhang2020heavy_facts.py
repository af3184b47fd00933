"""J. Zhang et al., "Why are adaptive methods good for attention models?", arXiv 1912.03194: what is said around them.

SGD's mean square under noise without a second moment; what clipping each coordinate saves; when ACClip never clips.
Bernoulli's tangent y^p >= 1 + p (y - 1), for exponents p = 1 + w in [1, 2], is shown first where it is used.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import acclip as runs, zhang2020heavy_lemmas as lemmas
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity, Inequality, Monotone
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA, CURVATURE = Units(X=2), Units(F=1, X=-2)
SHARE = sp.Interval.Lopen(0, 1)
lam, V, start = sp.symbols("lambda V h", positive=True)
r, x, xi = sp.symbols("r x xi", real=True)
e, m = sp.symbols("e m", nonnegative=True)
part = sp.Symbol("h_k", positive=True)
k = sp.Symbol("k", integer=True, positive=True)

DRIFT = (
    HORIZON,
    Quantity(lam, POSITIVE, CURVATURE, "curvature: f = lambda ||x||^2 / 2; 1 in the paper"),
    Quantity(V, POSITIVE, SQUARED_GRADIENT, "any V <= E ||xi||^2: any number at all where that is infinite"),
    Quantity(start, SHARE, PURE, "min(1, (lambda eta_0)^2) > 0"),
)
WALK = (
    *DRIFT,
    Quantity(r, REAL, PURE, "lambda eta_k, any schedule"),
    Quantity(x, REAL, Units(X=1), "a coordinate of x_k"),
    Quantity(xi, REAL, GRADIENT, "its noise"),
    Quantity(e, NONNEGATIVE, PURE, "E ||x_k||^2 in units of V / lambda^2"),
    Quantity(m, NONNEGATIVE, AREA, "E ||x_T||^2"),
    Quantity(part, SHARE, PURE, "h 2^(1-k)"),
    Quantity(k, COUNT, PURE, "steps done"),
)

DIVERGES = Claim(
    id="zhang2020heavy.sgd_diverges",
    says="noise of infinite variance: E ||x_T||^2 is infinite for every T >= 1 and every schedule with eta_0 > 0",
    source="ratelab, own derivation; after a remark of Zhang et al., arXiv 1912.03194, as quoted in an author's talk",
    kind=Kind.DIVERGENCE,
    metric="distance_sq",
    metric_units=AREA,
    symbols=DRIFT,
    assumptions=(),
    bound=start * 2 ** (1 - T) * V / lam**2,
    limits=(Limit("V may be any number, so that the mean square is infinite", V, sp.oo, sp.oo),),
    standing=Standing.DERIVED,
    steps=(
        Identity("one step, squared; the cross term has mean 0 given x", (x - r / lam * (lam * x + xi)) ** 2,
                 (1 - r) ** 2 * x**2 - 2 * (1 - r) * r / lam * x * xi + r**2 / lam**2 * xi**2, WALK),
        Inequality("so the first step leaves at least h = min(1, r_0^2)", (1 - r) ** 2 * e + r**2, ">=", start, WALK,
                   (start <= r**2,)),
        Inequality("and a later step, however chosen, at least this part of it", (1 - r) ** 2 * e + r**2, ">=",
                   part * ((1 - r) ** 2 + r**2), WALK, (e >= part,)),
        Inequality("which is more than half", (1 - r) ** 2 + r**2, ">=", sp.Rational(1, 2), WALK),
        Recursion("halved from k = 1 on", part, part / 2, start, k, start * 2 ** (1 - k), WALK),
        Inequality("at k = T", m, ">=", start * 2 ** (1 - T) * V / lam**2, WALK,
                   (m >= e * V / lam**2, e >= start * 2 ** (1 - T))),
    ),
    experiments=lemmas.walks(),
    broken_by=lemmas.walks_broken(),
)  # fmt: skip

alpha, w, y, d, mu_a, ratio, S2, A2, beta, tau = sp.symbols("alpha w y d m_alpha ratio S2 A2 beta tau", positive=True)
now, then, P, Q, z, Z, M = sp.symbols("a b P Q r Z M", nonnegative=True)
ORDER = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "order of the moment that is bounded")
DIM = Quantity(d, sp.Interval(1, sp.oo), PURE, "dimension")
THRESHOLD = Quantity(tau, POSITIVE, GRADIENT, "threshold tau_k of one coordinate")
OVER = (
    ORDER,
    DIM,
    THRESHOLD,
    Quantity(w, SHARE, PURE, "p - 1"),
    Quantity(y, FRACTION, PURE, "a number below 1"),
    *(Quantity(s, POSITIVE, SQUARED_GRADIENT, "||sigma||_2^2, ||sigma||_alpha^2, (mean sigma_i^alpha)^(2/alpha)")
      for s in (S2, A2, mu_a)),
    Quantity(ratio, POSITIVE, PURE, "mean over i of y_i^p"),
    Quantity(M, NONNEGATIVE, PURE, "mean of y_i"),
    Quantity(beta, FRACTION, PURE, "beta1 = beta2"),
    *(Quantity(s, NONNEGATIVE, PURE, "|m| or |g|, in units of |m_k|") for s in (now, then)),
    *(Quantity(s, NONNEGATIVE, PURE, "their powers of order alpha") for s in (P, Q)),
    Quantity(z, NONNEGATIVE, PURE, "|m_k| / tau_k"),
    Quantity(Z, NONNEGATIVE, PURE, "its power of order alpha"),
)  # fmt: skip
IS_W = sp.Eq(alpha, 1 + w)
TANGENT = (
    Monotone("Bernoulli, y < 1: y^p - p y falls to 1 - p at y = 1, p = 1 + w", y ** (1 + w) - (1 + w) * y, y, OVER,
             falls=True),
    Monotone("and y > 1: so does y^-p - p/y, in 1/y; so y^p >= 1 + p (y - 1) for every y > 0",
             y ** (-1 - w) - (1 + w) / y, y, OVER, falls=True),
)  # fmt: skip

DIMENSION = Claim(
    id="zhang2020heavy.cclip_dimension",
    says="clipping coordinates turns ||sigma||_alpha^2 into ||sigma||_2^2: up to d^(2/alpha - 1) is saved",
    source="ratelab, own derivation; after the comparison of GClip with CClip in Zhang et al., arXiv 1912.03194",
    kind=Kind.TIGHT,
    metric="||sigma||_alpha^2 / ||sigma||_2^2",
    metric_units=PURE,
    symbols=(ORDER, DIM),
    assumptions=(),
    bound=d ** (2 / alpha - 1),
    limits=(
        Limit("finite variance: nothing to save", alpha, sp.Integer(2), sp.Integer(1)),
        Limit("nearly order 1: the whole dimension", alpha, sp.Integer(1), d),
    ),
    standing=Standing.DERIVED,
    steps=(
        *TANGENT,
        Inequality("y_i = sigma_i^alpha over their mean, p = 2/alpha: the mean of y_i^p is at least 1", ratio, ">=",
                   sp.Integer(1), OVER, (ratio >= 1 + (1 + w) * (M - 1), M >= 1)),
        Identity("with equality where all sigma_i are alike", d ** (2 / alpha) * mu_a / (d * mu_a),
                 d ** (2 / alpha - 1), OVER),
        Inequality("m = mean sigma^alpha: ||sigma||_2^2 = d m^p mean(y_i^p), ||sigma||_alpha^2 = (d m)^p",
                   A2 / S2, "<=", d ** (2 / alpha - 1), OVER,
                   (ratio >= 1, S2 >= d * mu_a * ratio, A2 <= d ** (2 / alpha) * mu_a)),
    ),
)  # fmt: skip

ACCLIP = Claim(
    id="zhang2020heavy.acclip_never_clips",
    says="ACClip with beta1 = beta2, both started at 0, has |m_k| <= tau_k in every coordinate: it never clips",
    source="ratelab, own derivation, on ACClip as specified by Zhang et al., arXiv 1912.03194, any alpha in (1, 2]",
    kind=Kind.UPPER,
    metric="|m_k|",
    metric_units=GRADIENT,
    symbols=(HORIZON, THRESHOLD),
    assumptions=(),
    bound=tau,
    limits=(Limit("no threshold, no momentum", tau, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        *TANGENT,
        Inequality("|m_k| <= beta |m| + (1 - beta)|g|: the same weights of the powers are at least |m_k|^alpha",
                   beta * P + (1 - beta) * Q, ">=", sp.Integer(1), OVER,
                   (P >= 1 + alpha * (now - 1), Q >= 1 + alpha * (then - 1), beta * now + (1 - beta) * then >= 1)),
        Inequality("so |m| <= tau gives |m_k|^alpha <= beta tau^alpha + (1 - beta)|g|^alpha = tau_k^alpha",
                   sp.Integer(1), "<=", beta * Z + (1 - beta) * Q, OVER,
                   (P <= Z, beta * P + (1 - beta) * Q >= 1)),
        Inequality("and r = |m_k|/tau_k, r^alpha <= 1, is at most 1", z * tau, "<=", tau, OVER,
                   (Z <= 1, Z >= 1 + alpha * (z - 1))),
    ),
    experiments=lemmas.never_clips(T),
    broken_by=lemmas.never_clips_broken(T),
)  # fmt: skip

eta, size, b1, b2, root = sp.symbols("eta R beta_1 beta_2 c", positive=True)
old, held, raised, moved = sp.symbols("m_{k-1} m_k tau_k z", nonnegative=True)
grown = sp.Symbol("l", real=True)
OUTLIER = (
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(size, POSITIVE, GRADIENT, "size of one gradient, all before being of its sign"),
    *(Quantity(s, FRACTION, PURE, "weight of the old momentum, and of the old threshold") for s in (b1, b2)),
    ORDER,
)
STRUCK = (
    *OUTLIER,
    Quantity(root, POSITIVE, PURE, "(1 - beta_2)^(1/alpha)"),
    *(
        Quantity(s, NONNEGATIVE, GRADIENT, "|m|, before and after, and the threshold after")
        for s in (old, held, raised)
    ),
    Quantity(grown, REAL, PURE, "log(tau_k/R)"),
    Quantity(moved, NONNEGATIVE, Units(X=1), "length of the step"),
)
SHARE_OF_R = sp.Min((1 - b2) ** (1 / alpha), 1 - b1)

INFLUENCE = Claim(
    id="zhang2020heavy.acclip_influence",
    says="one gradient of size R moves ACClip by a fixed share of R: its threshold grows with the outlier",
    source="ratelab, own derivation, on ACClip as specified by Zhang et al., arXiv 1912.03194, any alpha in (1, 2]",
    kind=Kind.LOWER,
    metric="|x_k - x_(k-1)|",
    metric_units=Units(X=1),
    symbols=OUTLIER,
    assumptions=(),
    bound=eta * size * SHARE_OF_R,
    limits=(Limit("no outlier", size, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("the outlier's part of the momentum", held, ">=", (1 - b1) * size, STRUCK,
                   (held >= b1 * old + (1 - b1) * size,)),
        Inequality("the power tau_k^alpha is at least (1 - beta_2) R^alpha: the logarithm of tau_k/R", grown, ">=",
                   sp.log(1 - b2) / alpha, STRUCK, (alpha * grown >= sp.log(1 - b2),)),
        Inequality("the smaller of the two is the step", moved, ">=", eta * size * sp.Min(root, 1 - b1), STRUCK,
                   (moved >= eta * sp.Min(held, raised), held >= (1 - b1) * size, raised >= root * size)),
        Identity("which is", eta * size * sp.Min(root, 1 - b1), eta * size * SHARE_OF_R, STRUCK,
                 (sp.Eq(root, (1 - b2) ** (1 / alpha)),)),
    ),
    experiments=runs.outlier(eta * size * SHARE_OF_R),
    broken_by=runs.outlier_broken(eta * size * SHARE_OF_R),
)  # fmt: skip
