"""J. Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients", NeurIPS 2020.

arXiv 2010.07468, on smooth functions: by the theorem of Chen et al. (chen2019.thm31), where s_t does not fall. C1 to C4
are its constants. Statement as restated in another text.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhuang2020 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import ALPHA, HORIZON, SQUARED_GRADIENT, STEP, T, alpha, t

AREA = Units(X=2)
c, s, d = sp.symbols("c s d", positive=True)
g = sp.Symbol("g", real=True)
H, low, high, first, sigma = sp.symbols("H A_t A_{t-1} A_1 sigma", nonnegative=True)
C1, C2, C3, C4, F1, F2, F3, size, total = sp.symbols("C1 C2 C3 C4 F1 F2 F3 M Sigma", nonnegative=True)
EFFECTIVE = Units(F=-1, X=2)  # of alpha_t/sqrt(s_t)
SMOOTH = (
    HORIZON,
    ALPHA,
    Quantity(c, POSITIVE, SQUARED_GRADIENT, "lower bound of s_t"),
    Quantity(H, NONNEGATIVE, GRADIENT, "bound on the gradients and on sqrt(s_t)"),
    Quantity(sigma, NONNEGATIVE, GRADIENT, "size of the noise"),
    Quantity(d, sp.Interval(1, sp.oo), PURE, "dimension"),
    Quantity(C1, NONNEGATIVE, Units(F=1, X=-2), "constant of Chen et al.: of the squared steps"),
    Quantity(C2, NONNEGATIVE, Units(F=2, X=-2), "of the changes of alpha_t/sqrt(s_t)"),
    Quantity(C3, NONNEGATIVE, Units(F=3, X=-4), "of their squares"),
    Quantity(C4, NONNEGATIVE, OBJECTIVE, "of the start"),
)
SMOOTH_OVER = (
    *SMOOTH,
    STEP,
    Quantity(s, POSITIVE, SQUARED_GRADIENT, "s_t"),
    Quantity(g, REAL, GRADIENT, "gradient"),
    *(Quantity(e, NONNEGATIVE, EFFECTIVE, "alpha_t/sqrt(s_t) now, before, first; sum of its changes")
      for e in (low, high, first, F2)),
    Quantity(F1, NONNEGATIVE, AREA, "sum of the squared steps"),
    Quantity(F3, NONNEGATIVE, Units(F=-2, X=4), "sum of the squared changes"),
    Quantity(size, NONNEGATIVE, SQUARED_GRADIENT, "smallest E ||grad f||^2"),
    Quantity(total, NONNEGATIVE, OBJECTIVE, "the right side of Chen et al."),
)  # fmt: skip
RIGHT = (
    C1 * alpha**2 * (H**2 + sigma**2) * (1 + sp.log(T)) / c + C2 * d * alpha / sp.sqrt(c) + C3 * d * alpha**2 / c + C4
)

NONCONVEX = Claim(
    id="zhuang2020.nonconvex",
    says="AdaBelief on a smooth function: min E ||grad f||^2 = O(log(T)/sqrt(T)), if s_t never falls",
    source="Zhuang et al., NeurIPS 2020, arXiv 2010.07468 (number not checked), as restated in another text",
    kind=Kind.UPPER,
    metric="smallest E ||grad f||^2 over T steps",
    metric_units=SQUARED_GRADIENT,
    symbols=SMOOTH,
    assumptions=(),
    bound=H / (sp.sqrt(T) * alpha) * RIGHT,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("without gradients", H, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.RESTATED,
    steps=(
        Inequality("sqrt(s_t) <= H: effective steps are at least", alpha / sp.sqrt(t * s), ">=",
                   alpha / (H * sp.sqrt(t)), SMOOTH_OVER, (s <= H**2, H > 0)),
        SumBound("sum of 1/sqrt(t)", 1 / sp.sqrt(T), T, ">=", sp.sqrt(T), (HORIZON,)),
        Inequality("squared steps", alpha**2 * g**2 / (t * s), "<=", alpha**2 * (H**2 + sigma**2) / (c * t),
                   SMOOTH_OVER, (s >= c, g**2 <= H**2 + sigma**2)),
        SumBound("sum of 1/t", 1 / T, T, "<=", 1 + sp.log(T), (HORIZON,)),
        Induction("effective steps fall: their changes telescope",
                  base=Inequality("the first", 0 * low + low, "<=", alpha / sp.sqrt(c), SMOOTH_OVER,
                                  (low <= alpha / sp.sqrt(t * s), s >= c, t >= 1)),
                  step=Inequality("one more", F2 + (high - low) + low, "<=", alpha / sp.sqrt(c), SMOOTH_OVER,
                                  (F2 <= first - high, first <= alpha / sp.sqrt(c)))),
        Inequality("and so do their squares", (high - low) ** 2, "<=", alpha / sp.sqrt(c) * (high - low), SMOOTH_OVER,
                   (high >= low, high <= alpha / sp.sqrt(c))),
        Inequality("theorem of Chen et al., divided by the sum of the effective steps", size, "<=",
                   H / (sp.sqrt(T) * alpha) * total, SMOOTH_OVER, (alpha / H * sp.sqrt(T) * size <= total, H > 0)),
        Identity("in full", H / (sp.sqrt(T) * alpha) * total, H / (sp.sqrt(T) * alpha) * RIGHT, SMOOTH_OVER,
                 (sp.Eq(total, RIGHT),)),
    ),
    experiments=runs.smooth(),
    broken_by=runs.smooth_broken(),
)  # fmt: skip
