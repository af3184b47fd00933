"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: Theorem 3.

F(x) = delta x, seen through slopes C with probability p and -s else. The drift of the walk without projection is shown
to point uphill once C exceeds an explicit constant. `s` is the paper's 1; gamma = beta1/sqrt(beta2) < 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Erratum, Kind, Quantity
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import reddi2018 as runs
from proofs_check.sequences import SumBound
from proofs_check.steps import Chain, Identity, Inequality, LimitStep
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    GAMMA,
    RADIUS,
    SECOND_MOMENT,
    SLOPE,
    SQUARED_GRADIENT,
    alpha,
    beta1,
    beta2,
    gamma,
    s,
    v,
)  # fmt: skip

C, delta, B, p, mean_v, q, z, y, y0 = sp.symbols("C delta B p Ev q z y y0", positive=True)
up_1, up_2, down, low, high = sp.symbols("e_1 e_2 e_3 u_1 u_2", nonnegative=True)
m = sp.Symbol("m", real=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
decay = sp.Symbol("w", nonnegative=True)

SYMBOLS = (
    Quantity(C, POSITIVE, GRADIENT, "the large slope"),
    Quantity(delta, POSITIVE, GRADIENT, "mean slope"),
    SLOPE,
    ALPHA,
    BETA1,
    BETA2,
)
OVER = (
    *SYMBOLS,
    GAMMA,
    SECOND_MOMENT,
    Quantity(m, REAL, GRADIENT, "first moment"),
    Quantity(mean_v, POSITIVE, SQUARED_GRADIENT, "E v"),
    Quantity(B, POSITIVE, PURE, "bound on the upward pull, over p"),
    Quantity(decay, sp.Interval(0, 1), PURE, "beta1^j"),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "beta2^(j/2)"),
    Quantity(j, COUNT0, PURE, "steps since a large slope"),
    Quantity(z, POSITIVE, PURE, "the push of one small slope"),
    *(Quantity(e, NONNEGATIVE, PURE, "a part of E m/sqrt(v)") for e in (up_1, up_2, down, low, high)),
)
JENSEN = tuple(Quantity(e, POSITIVE, PURE, "value of v") for e in (y, y0))

p_is = (s + delta) / (C + s)
K = 2 * (1 - beta1) / sp.sqrt(beta2 * (1 - beta2))
B_is = 1 / sp.sqrt(1 - beta2) + beta1 * K / (1 - gamma)
from_C0 = C >= 4 * (s + delta) ** 3 * B**2 / (s**2 * (1 - beta1) ** 2)
from_2 = C >= 2 * (s + delta)
push = (1 - beta1) * s / sp.sqrt(s**2 + (s + delta) * C)


def _ratio(mean_square: sp.Expr) -> sp.Expr:
    """Return the push of the small slopes over the pull of the large one, for a bound on E v."""
    return (1 - p_is) * (1 - beta1) * s / sp.sqrt(beta2 * mean_square + (1 - beta2) * s**2) / (p_is * B)


THEOREM_3 = Claim(
    id="reddi2018.thm3",
    says="with a rare large slope Adam's expected step points uphill at every t",
    source="Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 3, without projection, explicit C0",
    kind=Kind.LOWER,
    metric="increment",
    metric_units=LENGTH,
    symbols=(*SYMBOLS, RADIUS),
    assumptions=(
        beta1 < sp.sqrt(beta2),
        from_2,
        from_C0.subs(B, B_is.subs(gamma, beta1 / sp.sqrt(beta2))),
    ),
    bound=sp.Integer(0),
    experiments=runs.thm3(),
    broken_by=runs.thm3_broken(),
    steps=(
        Identity("the mean slope is delta", p_is * C - (1 - p_is) * s, delta, OVER),
        Chain("a large slope moves x down by at most alpha_t / sqrt(1-b2)",
              ((beta1 * m + (1 - beta1) * C) / sp.sqrt(beta2 * v + (1 - beta2) * C**2), "<=",
               C / sp.sqrt(beta2 * v + (1 - beta2) * C**2), "<=", 1 / sp.sqrt(1 - beta2)), OVER, (m <= C,)),
        Chain("a large slope j steps ago still pulls down by at most beta1 K gamma^j",
              (beta1 * (1 - beta1) * decay * C / sp.sqrt(beta2 * v), "<=",
               beta1 * (1 - beta1) * decay / (sp.sqrt(beta2 * (1 - beta2)) * q), "<=", beta1 * K * decay / q), OVER,
              (v >= (1 - beta2) * q**2 * C**2,)),
        SumBound("over all j, each with probability p: a geometric sum", gamma**j, j, "==",
                 (1 - gamma ** (j + 1)) / (1 - gamma), OVER),
        Inequality("which stays below its limit", beta1 * K * (1 - gamma ** (j + 1)) / (1 - gamma), "<=",
                   beta1 * K / (1 - gamma), OVER),
        Inequality("a tangent of 1/sqrt: what Jensen's inequality needs", 1 / sp.sqrt(y), ">=",
                   1 / sp.sqrt(y0) - (y - y0) / (2 * y0 * sp.sqrt(y0)), JENSEN),
        Inequality("E v is small", p_is * C**2 + (1 - p_is) * s**2, "<=", (s + delta) * C + s**2, OVER),
        Inequality("so a small slope pushes up by at least this in expectation",
                   (1 - beta1) * s / sp.sqrt(beta2 * mean_v + (1 - beta2) * s**2), ">=", push, OVER,
                   (mean_v <= (s + delta) * C + s**2,)),
        Inequality("the large slope is rare", p_is, "<=", sp.Rational(1, 2), OVER, (from_2,)),
        Chain("from C0 on the push exceeds the pull",
              (p_is * B, "<=", (1 - beta1) * s / (2 * sp.sqrt((s + delta) * (C + s))), "<=", push / 2, "<=",
               (1 - p_is) * push), OVER, (from_2, from_C0)),
        Inequality("the three parts of the drift together",
                   alpha * ((1 - p) * down - p * up_1 - (1 - p) * up_2), ">=", sp.Integer(0),
                   (*OVER, Quantity(p, sp.Interval.open(0, 1), PURE, "probability of the large slope")),
                   (up_1 <= low, up_2 <= p * high, down >= z, p * (low + high) <= (1 - p) * z)),
    ),
    errata=(
        Erratum(
            id="E3",
            says="E v is bounded with C^2 where C is meant: then no C is large enough",
            printed=LimitStep("push over pull grows with C, E v <= (1+delta) C^2", _ratio((s + delta) * C**2 / s), C,
                              sp.oo, sp.oo, OVER),
            repair=(
                LimitStep("push over pull grows with C, E v <= (1+delta) C", _ratio((s + delta) * C), C, sp.oo, sp.oo,
                          OVER),
                Inequality("and E v - 1 is at most (1+delta) C", p_is * C**2 + (1 - p_is) * s**2 - s**2, "<=",
                           (s + delta) * C, OVER),
            ),
            read_in="as restated in a machine-checked formalisation (Lean) of arXiv 1904.09237",
            survives="the theorem, from an explicit C0 on",
        ),
    ),
)  # fmt: skip
