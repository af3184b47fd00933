"""A. Wilson, R. Roelofs, M. Stern, N. Srebro, B. Recht, "The Marginal Value of Adaptive Gradient Methods", 1705.08292.

min ||X w - y||^2 from w = 0 with full gradients. Lemma 3.1: where X sign(X^T y) = c y, every w_k is lambda_k s with s
= sign(X^T y). q is a coordinate of X^T y, mu = lambda c - 1, and the preconditioner of coordinate q is nu |q|. The
construction: x_i = (y_i, 1, 1, a private block of 1 + 2 (1 - y_i) ones); P and M samples have y = 1 and y = -1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import PURE, Claim, Erratum, Kind, Limit, Quantity, Standing
from proofs_check.goal import FRACTION, FRACTION0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import wilson2017 as runs
from proofs_check.steps import Chain, Identity, Inequality

c, nu, alpha = sp.symbols("c nu alpha", positive=True)
lam, mu, q, row, yj, m, w1, w2, y = sp.symbols("lambda mu q x_j y_j m w_1 w_2 y", real=True)
squares, beta = sp.symbols("Q beta", nonnegative=True)
p = sp.Symbol("p", positive=True)
P, M = sp.symbols("P M", integer=True, positive=True)

SCALE = Quantity(c, POSITIVE, PURE, "X sign(X^T y) = c y")
COUNTS = tuple(Quantity(n, sp.Naturals, PURE, f"samples with y = {v}") for n, v in ((P, 1), (M, -1)))
LABEL = Quantity(y, sp.Interval(-1, 1), PURE, "label, 1 or -1")
OVER = (
    SCALE,
    LABEL,
    *COUNTS,
    *(Quantity(x, POSITIVE, PURE, "scale of the preconditioner, or the step") for x in (nu, alpha)),
    *(Quantity(x, REAL, PURE, "a number") for x in (lam, mu, q, row, yj, m, w1, w2)),
    Quantity(squares, NONNEGATIVE, PURE, "weighted sum of mu_j^2"),
    Quantity(beta, FRACTION0, PURE, "momentum"),
    Quantity(p, FRACTION, PURE, "probability of the label 1"),
)
DT = 8 * P * M + 15 * P + 3 * M + 5
PLUS, MINUS = (4 * M + 5) / DT, -(4 * P + 1) / DT

LEMMA_31 = Claim(
    id="wilson2017.lemma31",
    says="where X sign(X^T y) = c y, AdaGrad, RMSProp and Adam from 0 can only converge to sign(X^T y) / c",
    source="Wilson et al., NIPS 2017, arXiv 1705.08292, Lemma 3.1, as restated in secondary literature",
    standing=Standing.RESTATED,
    kind=Kind.EXACT,
    metric="coordinate of the limit times sign(X^T y)",
    metric_units=PURE,
    symbols=(SCALE,),
    assumptions=(),
    bound=1 / c,
    limits=(Limit("features of size one", c, sp.Integer(1), sp.Integer(1)),),
    steps=(
        Identity("at w = lambda s the residual is mu y, so the gradient is mu X^T y", row * (lam * c * yj - yj),
                 mu * (row * yj), OVER, (sp.Eq(mu, lam * c - 1),)),
        Identity("the preconditioner is a multiple of |X^T y|", sp.sqrt(squares * q**2), sp.sqrt(squares) * sp.Abs(q),
                 OVER),
        Identity("a preconditioned gradient is a multiple of sign(q): the same in size for every coordinate",
                 (alpha * mu * q / (nu * sp.Abs(q))) ** 2, (alpha * mu / nu) ** 2, OVER, (q > 0,)),
        Identity("and momentum of multiples of X^T y is one", beta * (m * q) + (1 - beta) * mu * q,
                 (beta * m + (1 - beta) * mu) * q, OVER),
        Identity("the one multiple of s that solves X w = y has mu = 0", lam, 1 / c, OVER,
                 (sp.Eq(lam, (1 + mu) / c), sp.Eq(mu, 0))),
    ),
    experiments=runs.limits(1 / c),
    broken_by=runs.limits_broken(1 / c),
)  # fmt: skip

ALIGNED = Claim(
    id="wilson2017.construction_c",
    says="in the construction sign(X^T y) separates the samples, with <sign(X^T y), x_i> = 4 y_i for every one",
    source="Wilson et al., NIPS 2017, arXiv 1705.08292, the construction of section 3.3, as restated in secondary "
    "literature; the identity: ratelab, own derivation",
    standing=Standing.RESTATED,
    kind=Kind.EXACT,
    metric="<sign(X^T y), x_i> y_i",
    metric_units=PURE,
    symbols=(LABEL,),
    assumptions=(sp.Eq(y**2, 1),),
    bound=sp.Integer(4),
    steps=(
        Identity("a private block has 1 + 2 (1 - y) ones: one for y = 1, five for y = -1; in short 3 - 2 y",
                 1 + 2 * (1 - y), 3 - 2 * y, OVER),
        Identity("score (y from the label, 2 from the constants, y for each private one) times label",
                 y * (y + 2 + y * (1 + 2 * (1 - y))), 4 + 2 * (y - 2) * (1 - y**2), OVER),
        Identity("where y^2 = 1", 4 + 2 * (y - 2) * m, sp.Integer(4), OVER, (sp.Eq(m, 0),)),
    ),
    experiments=runs.scores(sp.Integer(4)),
    broken_by=runs.scores_broken(sp.Integer(4)),
)  # fmt: skip

ADAPTIVE = Claim(
    id="wilson2017.adaptive_test_error",
    says="the adaptive methods' solution sign(X^T y) / 4 calls every new sample positive, whatever its label feature",
    source="Wilson et al., NIPS 2017, arXiv 1705.08292, section 3.3, as restated in secondary literature",
    standing=Standing.RESTATED,
    kind=Kind.EXACT,
    metric="test error",
    metric_units=PURE,
    symbols=(Quantity(p, FRACTION, PURE, "probability of the label 1"),),
    assumptions=(),
    bound=1 - p,
    limits=(Limit("a coin's error on balanced labels", p, sp.Rational(1, 2), sp.Rational(1, 2)),),
    steps=(
        Identity("a new sample has a private block of its own, which no weight has seen: its score is (y + 2)/4",
                 y * sp.Rational(1, 4) + sp.Rational(1, 4) + sp.Rational(1, 4), (y + 2) / 4, OVER),
        Chain("which is positive whatever the label", ((y + 2) / 4, ">=", sp.Rational(1, 4), ">", sp.Integer(0)), OVER),
        Identity("so it errs on the label -1, and on no other", p * 0 + (1 - p) * 1, 1 - p, OVER),
    ),
    experiments=runs.fresh_errors(),
    broken_by=runs.fresh_errors_broken(),
)  # fmt: skip

MIN_NORM = Claim(
    id="wilson2017.min_norm_margin",
    says="the least-norm solution, which gradient descent finds, labels every new sample right, by this margin",
    source="ratelab, own derivation; after Wilson et al., NIPS 2017, arXiv 1705.08292, section 3.3",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="margin y <w, x> at a new sample",
    metric_units=PURE,
    symbols=COUNTS,
    assumptions=(),
    bound=3 * (P + M) / DT,
    steps=(
        Identity("w = X^T a: a positive sample's equation (Gram 4 with itself, 3 and 1 with the others)",
                 4 * PLUS + 3 * (P - 1) * PLUS + M * MINUS, sp.Integer(1), OVER),
        Identity("a negative one's (8 with itself)", 8 * MINUS + 3 * (M - 1) * MINUS + P * PLUS, -sp.Integer(1), OVER),
        Identity("the weight of the label feature", P * PLUS - M * MINUS, (8 * P * M + 5 * P + M) / DT, OVER),
        Identity("and of each of the two constants", P * PLUS + M * MINUS, (5 * P - M) / DT, OVER),
        Inequality("the margin y (w_1 y + 2 w_2) is at least w_1 - 2 |w_2|: first 5 P >= M",
                   8 * P * M + 5 * P + M - 2 * (5 * P - M), ">=", 3 * (P + M), OVER, (5 * P >= M,)),
        Inequality("then 5 P < M", 8 * P * M + 5 * P + M + 2 * (5 * P - M), ">=", 3 * (P + M), OVER, (5 * P < M,)),
        Inequality("so for either label", w1 + 2 * y * w2, ">=", 3 * (P + M) / DT, OVER,
                   (w1 - 2 * w2 >= 3 * (P + M) / DT, w1 + 2 * w2 >= 3 * (P + M) / DT)),
    ),
    errata=(
        Erratum(
            id="E11",
            says="the recalled coefficients solve another system, with 6 in place of 8 on the diagonal",
            printed=Identity("a negative sample's equation with (4M+3, -(4P+1)) / (9P + 3M + 8PM + 3)",
                             (-(8 + 3 * (M - 1)) * (4 * P + 1) + P * (4 * M + 3)) / (9 * P + 3 * M + 8 * P * M + 3),
                             -sp.Integer(1), OVER),
            repair=(
                Identity("with (4M+5, -(4P+1)) / (8PM + 15P + 3M + 5)",
                         (-(8 + 3 * (M - 1)) * (4 * P + 1) + P * (4 * M + 5)) / DT, -sp.Integer(1), OVER),
            ),
            survives="that gradient descent's solution has no test error",
        ),
    ),
    experiments=runs.margins(3 * (P + M) / DT),
    broken_by=runs.margins_broken(3 * (P + M) / DT),
)  # fmt: skip
