"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237.

The paper's slope -1 and box [-1, 1] are carried as `s` and `r`, so that units mean something; setting both to 1 prints
the paper's formulas. v_t, m_t are Adam's moments without bias correction and epsilon; alpha_t = alpha / sqrt(t).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import reddi2018 as runs
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    GAMMA,
    HORIZON,
    RADIUS,
    SECOND_MOMENT,
    SLOPE,
    SQUARED_GRADIENT,
    STEP,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    r,
    s,
    t,
    v,
)  # fmt: skip

SOURCE = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237"

k, n = sp.symbols("k n", integer=True, nonnegative=True)
C, d1, d2, d3, q, tau, up = sp.symbols("C d1 d2 d3 q tau U", positive=True)
g2, p, down = sp.symbols("g2 p P", nonnegative=True)
g, m, x, y = sp.symbols("g m x y", real=True)

# ---------------------------------------------------------------------------------------------------- Theorem 1

SYMBOLS_1 = (HORIZON, Quantity(C, POSITIVE, GRADIENT, "the large slope"), SLOPE, RADIUS)
BLOCK = Quantity(k, COUNT0, PURE, "number of finished blocks")
LATER = Quantity(k, sp.Range(1, sp.oo), PURE, "number of finished blocks, not the first")
G2 = Quantity(g2, NONNEGATIVE, SQUARED_GRADIENT, "squared gradient")
MOVES = tuple(Quantity(d, POSITIVE, LENGTH, f"move of step 3k+{i}") for i, d in enumerate((d1, d2, d3), 1))
OVER_1 = (*SYMBOLS_1[1:], ALPHA, BETA2, SECOND_MOMENT, BLOCK)
BETA2_IS = sp.Eq(beta2, s**2 / (s**2 + C**2))

largest_d1 = alpha / sp.sqrt((3 * k + 1) * (1 - beta2))
small_v = beta2 * C**2 + (1 - beta2) * s**2
first_v2, first_v3 = (
    beta2 * (1 - beta2) * C**2 + (1 - beta2) * s**2,
    beta2 * (1 - beta2) * (2 - beta2) * s**2 + (1 - beta2) * s**2,
)
h = 1 / sp.sqrt(2 * (2 - beta2)) + 1 / sp.sqrt(3 * (1 + 2 * beta2 - beta2**2))


def _upward(i: int) -> Inequality:
    """Step 3k+i moves up by at least half the largest d1, if the blocks' count allows."""
    over = (*SYMBOLS_1[1:], ALPHA, BETA2, SECOND_MOMENT, BLOCK if i == 2 else LATER)
    return Inequality(
        f"step 3k+{i} moves up by at least half of that", alpha * s / sp.sqrt((3 * k + i) * v), ">=", largest_d1 / 2,
        over, (v <= 2 * (1 - beta2) * s**2,),
    )  # fmt: skip


THEOREM_1 = Claim(
    id="reddi2018.thm1",
    says="Adam's average regret on C x, -x, -x does not vanish: after every block it is back at x = 1, the worst point",
    source=f"{SOURCE}, Theorem 1 (the first block's gap repaired)",
    kind=Kind.DIVERGENCE,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS_1, ALPHA, BETA2),
    assumptions=(C > 2 * s, alpha**2 < r**2 * (1 - beta2), BETA2_IS, sp.Eq(sp.Mod(T, 3), 0)),
    bound=T * (2 * C - 4 * s) * r / 3,
    rate=Rate(sp.Integer(1)),
    limits=(
        Limit("nothing is claimed at C = 2", C, 2 * s, sp.Integer(0)),
        Limit("it grows with C without end", C, sp.oo, sp.oo),
    ),
    experiments=runs.thm1(),
    broken_by=runs.thm1_broken(),
    steps=(
        Induction(
            "v_t stays at or below C^2",
            base=Inequality("v_0 = 0", sp.Integer(0), "<=", C**2, OVER_1),
            step=Inequality("a step keeps it", beta2 * v + (1 - beta2) * g2, "<=", C**2, (*OVER_1, G2),
                            (v <= C**2, g2 <= C**2)),
        ),
        Inequality("the large gradient makes v large", beta2 * v + (1 - beta2) * C**2, ">=", (1 - beta2) * C**2,
                   OVER_1),
        Inequality("so step 3k+1 moves down by at most alpha / sqrt((3k+1)(1-b))", alpha * C / sp.sqrt((3 * k + 1) * v),
                   "<=", largest_d1, OVER_1, (v >= (1 - beta2) * C**2,)),
        Inequality("which is less than the half width: x stays above the centre", largest_d1, "<", r, OVER_1,
                   (alpha**2 < r**2 * (1 - beta2),)),
        Inequality("small gradients make v small", beta2 * v + (1 - beta2) * s**2, "<=", small_v, OVER_1, (v <= C**2,)),
        Identity("beta2 is chosen so that the two scales meet", small_v, 2 * (1 - beta2) * s**2, OVER_1, (BETA2_IS,)),
        _upward(2),
        _upward(3),
        Identity("first block: v_2", first_v2, (1 - beta2) * (2 - beta2) * s**2, OVER_1, (BETA2_IS,)),
        Identity("first block: v_3", first_v3, (1 - beta2) * (1 + 2 * beta2 - beta2**2) * s**2, OVER_1),
        Identity("first block: its two ups over its down, alpha / sqrt(1-b)",
                 alpha * s / sp.sqrt(2 * (1 - beta2) * (2 - beta2) * s**2)
                 + alpha * s / sp.sqrt(3 * (1 - beta2) * (1 + 2 * beta2 - beta2**2) * s**2),
                 alpha * h / sp.sqrt(1 - beta2), OVER_1),
        Inequality("is at least 1", h, ">=", sp.Integer(1), (BETA2,)),
        Identity("where ups exceed the down, the box stops x at its edge", sp.Min(r, sp.Min(r, r - d1 + d2) + d3), r,
                 (RADIUS, *MOVES), (d2 + d3 >= d1,)),
        Inequality("a block started at r costs at least this against -r", 2 * C * r - s * (x + r) - s * (y + r), ">=",
                   (2 * C - 4 * s) * r, (*SYMBOLS_1[1:], Quantity(x, REAL, LENGTH, "x_{3k+2}"),
                                         Quantity(y, REAL, LENGTH, "x_{3k+3}")), (x <= r, y <= r)),
        Recursion("and T / 3 blocks cost T / 3 times that", x, x + (2 * C - 4 * s) * r, sp.Integer(0), k,
                  k * (2 * C - 4 * s) * r, (*SYMBOLS_1[1:], BLOCK, Quantity(x, REAL, OBJECTIVE, "regret so far"))),
        Identity("with T = 3 k", k * (2 * C - 4 * s) * r, T * (2 * C - 4 * s) * r / 3, (*SYMBOLS_1, BLOCK),
                 (sp.Eq(k, T / 3),)),
    ),
    errata=(
        Erratum(
            id="E1",
            says="3k+3 <= 2(3k+1) is used for every block, but fails for the first",
            printed=Inequality("3k+3 <= 2(3k+1) for k >= 0", 3 * k + 3, "<=", 2 * (3 * k + 1), (BLOCK,)),
            repair=(
                Inequality("3k+2 <= 2(3k+1) for k >= 0", 3 * k + 2, "<=", 2 * (3 * k + 1), (BLOCK,)),
                Inequality("3k+3 <= 2(3k+1) for k >= 1", 3 * k + 3, "<=", 2 * (3 * k + 1), (LATER,)),
                Inequality("the first block by its exact moments", h, ">=", sp.Integer(1), (BETA2,)),
            ),
            read_in="as restated in a machine-checked formalisation (Lean) of arXiv 1904.09237",
            survives="the theorem: only the first block needs another argument",
        ),
    ),
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------- Theorem 2

period = sp.Symbol("C", integer=True, positive=True)

PERIOD = Quantity(period, sp.Range(2, sp.oo), PURE, "period, even; C s is the large slope")
SMALLS = Quantity(n, COUNT0, PURE, "number of small gradients since the large one")
M = Quantity(m, REAL, GRADIENT, "first moment")
P = Quantity(p, sp.Interval(0, 1), PURE, "beta1^n")
Q = Quantity(q, sp.Interval.Lopen(0, 1), PURE, "beta2^(n/2)")
TAU = Quantity(tau, POSITIVE, PURE, "step inside the block")
SYMBOLS_2 = (HORIZON, PERIOD, SLOPE, RADIUS)
OVER_2 = (PERIOD, SLOPE, RADIUS, ALPHA, BETA1, BETA2, GAMMA, SECOND_MOMENT, M, P, Q, STEP, TAU, SMALLS)
large = period * s
left = beta2 ** (period / 2)
forgets = left * period**2 <= 1
outweighs = period / 2 * sp.sqrt(1 - beta2) * (1 - gamma) >= 4

THEOREM_2 = Claim(
    id="reddi2018.thm2",
    says="for any betas with beta1 < sqrt(beta2) some period C makes Adam's average regret stay above 1/C",
    source=f"{SOURCE}, Theorem 2, in its machine-checked form: C even, the first C losses are 0",
    kind=Kind.DIVERGENCE,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_2,
    assumptions=(forgets, outweighs.subs(gamma, beta1 / sp.sqrt(beta2)), beta1 < sp.sqrt(beta2), T >= 4 * period),
    bound=T * s * r / period,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("a rare large gradient hides for long", period, sp.oo, sp.Integer(0)),),
    experiments=runs.thm2(),
    broken_by=runs.thm2_broken(),
    steps=(
        Inequality("m_t stays at or above -s", beta1 * m + (1 - beta1) * g, ">=", -s,
                   (*OVER_2, Quantity(g, REAL, GRADIENT, "gradient")), (m >= -s, g >= -s)),
        Inequality("so m falls while gradients are small: a block goes down first, then up",
                   beta1 * m - (1 - beta1) * s, "<=", m, OVER_2, (m >= -s,)),
        Recursion("the largest possible m after n small gradients", m, beta1 * m - (1 - beta1) * s, large, n,
                  -s + (period + 1) * s * beta1**n, OVER_2),
        Inequality("in short", -s + (period + 1) * s * p, "<=", -s + 2 * large * p, OVER_2),
        Induction("v after n small gradients is at least (1-b2) b2^n (C s)^2",
                  base=Inequality("n = 0", beta2 * v + (1 - beta2) * large**2, ">=", (1 - beta2) * large**2, OVER_2),
                  step=Inequality("n to n+1", beta2 * v + (1 - beta2) * s**2, ">=",
                                  (1 - beta2) * beta2 * q**2 * large**2, OVER_2,
                                  (v >= (1 - beta2) * q**2 * large**2,))),
        Chain("hence -m/sqrt(v) >= s/sqrt(v) - 2 gamma^n / sqrt(1-b2)",
              (-m / sp.sqrt(v), ">=", s / sp.sqrt(v) - 2 * large * p / sp.sqrt(v), ">=",
               s / sp.sqrt(v) - 2 * p / (q * sp.sqrt(1 - beta2))), OVER_2,
              (m <= -s + 2 * large * p, v >= (1 - beta2) * q**2 * large**2)),
        SumBound("geometric sum", gamma**n, n, "==", (1 - gamma ** (n + 1)) / (1 - gamma), OVER_2),
        Chain("all pulls down add up to at most 2 alpha / (sqrt(t) sqrt(1-b2) (1-gamma))",
              (2 * alpha / sp.sqrt(tau * (1 - beta2)) * (1 - gamma ** (n + 1)) / (1 - gamma), "<=",
               2 * alpha / (sp.sqrt(tau * (1 - beta2)) * (1 - gamma)), "<=",
               2 * alpha / (sp.sqrt(t) * sp.sqrt(1 - beta2) * (1 - gamma))), OVER_2, (tau >= t,)),
        Chain("after C/2 small gradients v is small", (left * v + (1 - left) * s**2, "<=", left * large**2 + s**2,
              "<=", 2 * s**2), OVER_2, (v <= large**2, forgets)),
        Inequality("so each of the last C/2 steps gains at least alpha / (2 sqrt(t))",
                   alpha * s / sp.sqrt(tau * v), ">=", alpha / (2 * sp.sqrt(t)), OVER_2,
                   (v <= 2 * s**2, tau <= 2 * t)),
        Inequality("and together they outweigh every pull down", period / 2 * alpha / (2 * sp.sqrt(t)), ">=",
                   2 * alpha / (sp.sqrt(t) * sp.sqrt(1 - beta2) * (1 - gamma)), OVER_2, (outweighs,)),
        Identity("down by P, then up by U >= P: the block ends at r again", sp.Min(r, sp.Max(-r, r - down) + up), r,
                 (RADIUS, Quantity(down, NONNEGATIVE, LENGTH, "down"), Quantity(up, POSITIVE, LENGTH, "up")),
                 (up >= down,)),
        Inequality("an unfinished block costs at least 0 against -r", large * 2 * r - n * s * 2 * r, ">=",
                   sp.Integer(0), OVER_2, (n <= period - 1,)),
        Identity("a finished one costs at least 2 s r", large * 2 * r - (period - 1) * s * 2 * r, 2 * s * r, OVER_2),
        Inequality("there are more than T/C - 2 of them", k * 2 * s * r, ">=", T * s * r / period,
                   (*SYMBOLS_2, BLOCK), (k >= T / period - 2, T >= 4 * period)),
    ),
)  # fmt: skip
