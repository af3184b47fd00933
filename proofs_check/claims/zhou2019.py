"""Z. Zhou et al., "AdaShift: Decorrelation and Convergence of Adaptive Learning Rate Methods", ICLR 2019, 1810.00143.

The net update factor k(g) is what is eventually stepped along a gradient g: the sum over j of (1-beta1) beta1^j times
alpha/sqrt(v) j steps later. Its claims were read in words, in a report on the paper. C and -s are the two slopes of the
examples, s being the paper's 1; c_i = 1/sqrt(v_i) is the factor of phase i in a settled cycle of n slopes, C the first.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhou2019 as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    HORIZON,
    SECOND_MOMENT,
    SLOPE,
    SQUARED_GRADIENT,
    T,
    alpha,
    beta1,
    beta2,
    s,
    v,
)  # fmt: skip

FACTOR = Units(F=-1, X=1)  # of 1/sqrt(v)
C, delta, p, y, kC, k1, c, c_next, rate = sp.symbols("C delta p y k(C) k(-s) c_i c_{i+1} kappa", positive=True)
k_here, k_next, k_last = sp.symbols("k_i k_{i+1} k_n", positive=True)
rest, w = sp.symbols("V w", nonnegative=True)
step, later, x0, xk, move = sp.symbols("d_i d_{i+1} x_0 x_k M", real=True)
u1, u2, w1, w2 = sp.symbols("c_1 c_2 q_1 q_2", nonnegative=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, positive=True)

SLOPES = (
    Quantity(C, POSITIVE, GRADIENT, "the large slope"),
    SLOPE,
    Quantity(delta, POSITIVE, GRADIENT, "mean slope"),
)
CYCLE = (
    BETA1,
    *(Quantity(e, POSITIVE, FACTOR, "net update factor of the large slope, of slope i, i + 1 and n")
      for e in (kC, k_here, k_next, k_last)),
    *(Quantity(e, POSITIVE, FACTOR, "1/sqrt(v) in phases i and i + 1") for e in (c, c_next)),
    *(Quantity(e, REAL, FACTOR, "k_{i+1} - k_i, and the same one phase later") for e in (step, later)),
    Quantity(w, sp.Interval(0, 1), PURE, "weight of C^2 in v"),
    BETA2,
    *SLOPES[:2],
)  # fmt: skip

SEQUENTIAL = Claim(
    id="zhou2019.nuf_sequential",
    says="in a settled cycle with one large slope no gradient of the period has a smaller factor than the large one",
    source="Zhou et al., ICLR 2019, arXiv 1810.00143, Theorem 1, as restated in a reproducibility report",
    kind=Kind.LOWER,
    metric="net update factor of any gradient of the period",
    metric_units=FACTOR,
    symbols=(CYCLE[1],),
    assumptions=(),
    bound=kC,
    standing=Standing.RESTATED,
    steps=(
        Inequality("from the large slope on v falls and 1/sqrt(v) grows, i = 1 .. n",
                   1 / sp.sqrt(s**2 + (C**2 - s**2) * w), "<=", 1 / sp.sqrt(s**2 + (C**2 - s**2) * w * beta2), CYCLE,
                   (C >= s,)),
        Identity("k_i = (1-b1) c_i + b1 k_{i+1}: differences", (1 - beta1) * c_next + beta1 * (k_next + later)
                 - (1 - beta1) * c - beta1 * k_next, (1 - beta1) * (c_next - c) + beta1 * later, CYCLE),
        Inequality("so where the factors grow after phase i+1 they grow after phase i: they rise, then fall", step,
                   ">=", sp.Integer(0), CYCLE,
                   (sp.Eq(step, (1 - beta1) * (c_next - c) + beta1 * later), c_next >= c, later >= 0)),
        Inequality("k_1 <= k_2: the first is an average of the smallest c and of k_2, which averages c's",
                   (1 - beta1) * c + beta1 * k_next, "<=", k_next, CYCLE, (c <= k_next,)),
        Inequality("k_n >= k_1: the last averages the largest c and k_1", (1 - beta1) * c + beta1 * kC, ">=", kC, CYCLE,
                   (c >= kC,)),
        Inequality("what rises from k_1 and falls to k_n stays above the smaller of them", k_here, ">=", kC, CYCLE,
                   (k_here >= sp.Min(kC, k_last), k_last >= kC)),
    ),
    experiments=runs.cycle(), broken_by=runs.cycle_broken(),
)  # fmt: skip

DRAWN = (
    *SLOPES,
    ALPHA,
    BETA2,
    Quantity(rest, NONNEGATIVE, SQUARED_GRADIENT, "what the other gradients leave in v"),
    BETA1,
    Quantity(j, COUNT0, PURE, "steps since the gradient came"),
    Quantity(w, sp.Interval(0, 1), PURE, "beta1^j"),
)


def _share(slope: sp.Expr) -> sp.Expr:
    """Return what j steps after it came is stepped along a slope."""
    return (1 - beta1) * beta1**j * alpha / sp.sqrt(rest + (1 - beta2) * beta2**j * slope**2)


STOCHASTIC = Claim(
    id="zhou2019.nuf_stochastic",
    says="with independent gradients a large slope is stepped along less than a small one, at every lag, whatever else",
    source="Zhou et al., ICLR 2019, arXiv 1810.00143, Theorem 2, as restated in a reproducibility report",
    kind=Kind.UPPER,
    metric="share of the large slope in the step j iterations later, given all other gradients",
    metric_units=Units(F=-1, X=2),
    symbols=DRAWN[:2] + DRAWN[3:8],
    assumptions=(C >= s,),
    bound=_share(s),
    limits=(Limit("no step, no share", alpha, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.RESTATED,
    steps=(
        Inequality("a larger square, a larger v", rest + (1 - beta2) * beta2**j * C**2, ">=",
                   rest + (1 - beta2) * beta2**j * s**2, DRAWN, (C >= s,)),
        Inequality("so every share is smaller, and with it their sum and its expectation", _share(C), "<=", _share(s),
                   DRAWN, (C >= s,)),
    ),
    experiments=runs.drawn(), broken_by=runs.drawn_broken(),
)  # fmt: skip

MIXED = (
    *DRAWN[:5],
    SECOND_MOMENT,
    *CYCLE[1:2],
    *(Quantity(e, POSITIVE, FACTOR, "factor of a small slope, and E 1/sqrt(v)") for e in (k1, rate)),
    *(Quantity(e, NONNEGATIVE, FACTOR, "values of 1/sqrt(v)") for e in (u1, u2)),
    *(Quantity(e, sp.Interval(0, 1), PURE, "their probabilities") for e in (w1, w2)),
    Quantity(p, sp.Interval.open(0, 1), PURE, "probability of the large slope"),
)
LARGE = (s + delta) / (C + s)

DECORRELATED = Claim(
    id="zhou2019.decorrelation",
    says="where v does not depend on the gradient, the expected step is that of SGD, rescaled by E 1/sqrt(v)",
    source="Zhou et al., ICLR 2019, arXiv 1810.00143, as restated in a reproducibility report",
    kind=Kind.EXACT,
    metric="expected move of x in a step",
    metric_units=LENGTH,
    symbols=(MIXED[2], ALPHA, Quantity(rate, POSITIVE, FACTOR, "E 1/sqrt(v)")),
    assumptions=(),
    bound=-alpha * rate * delta,
    limits=(Limit("no slope, no drift", delta, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.RESTATED,
    steps=(
        Identity("the mean slope is delta", LARGE * C - (1 - LARGE) * s, delta, MIXED),
        Identity("independent: the mean of a product is the product of means (two values of each)",
                 p * C * (w1 * u1 + w2 * u2) - (1 - p) * s * (w1 * u1 + w2 * u2),
                 (p * C - (1 - p) * s) * (w1 * u1 + w2 * u2), MIXED),
        Identity("so both slopes have the factor E 1/sqrt(v)", -alpha * (LARGE * C * rate - (1 - LARGE) * s * rate),
                 -alpha * rate * delta, MIXED),
    ),
    experiments=runs.decorrelated(),
    broken_by=runs.decorrelated_broken(),
)  # fmt: skip

few = (1 - beta2) * C**2 <= 2 * s * delta
NOT_SUFFICIENT = Claim(
    id="zhou2019.nuf_not_sufficient",
    says="k(C) < k(-s) alone does not make Adam diverge: for (1-beta2) C^2 <= 2 s delta it still drifts downhill",
    source="ratelab, own derivation; after the two-slope example of Zhou et al., arXiv 1810.00143 (beta1 = 0)",
    kind=Kind.LOWER,
    metric="E g k(g), over k(-s), given the second moment before",
    metric_units=GRADIENT,
    symbols=(*SLOPES, BETA2),
    assumptions=(few, delta < C, C >= s),
    bound=delta * s / (C + s),
    limits=(Limit("no mean slope, no drift", delta, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("the two second moments are close: all squares are at least s^2",
                   (beta2 * v + (1 - beta2) * s**2) * (s + delta) ** 2, ">=",
                   s**2 * (beta2 * v + (1 - beta2) * C**2), MIXED, (v >= s**2, few)),
        Inequality("so the factors are", (s + delta) / sp.sqrt(beta2 * v + (1 - beta2) * C**2), ">=",
                   s / sp.sqrt(beta2 * v + (1 - beta2) * s**2), MIXED,
                   ((beta2 * v + (1 - beta2) * s**2) * (s + delta) ** 2 >= s**2 * (beta2 * v + (1 - beta2) * C**2),)),
        Inequality("and the pull of the large slope wins", (LARGE * C * kC - (1 - LARGE) * s * k1) / k1, ">=",
                   delta * s / (C + s), MIXED, ((s + delta) * kC >= s * k1,)),
    ),
    experiments=runs.comes_down(),
    broken_by=runs.comes_down_broken(),
)  # fmt: skip

PHASED = (
    HORIZON,
    ALPHA,
    Quantity(s, POSITIVE, GRADIENT, "size of the small slopes; the large one is 10 times that"),
    Quantity(k, COUNT, PURE, "periods"),
    *(Quantity(e, REAL, LENGTH, "position, or what a period moves it by") for e in (x0, xk, move)),
    Quantity(j, COUNT0, PURE, "small slopes since the large one"),
    Quantity(y, POSITIVE, PURE, "v over s^2"),
)
NINE = sp.Rational(9, 10)


def _settled(phase: sp.Expr) -> sp.Expr:
    """Return v over s^2 in phase 1 (the large slope) to 10 of the settled cycle, beta2 = 9/10."""
    return 1 + sp.Rational(99, 10) * NINE ** (phase - 1) / (1 - NINE**10)


def _tangent(total: sp.Expr, terms: int) -> sp.Expr:
    """Return a lower bound of the sum of 1/sqrt(y_i), for `terms` numbers y_i that sum to `total`."""
    at = sp.Rational(16, 5)
    return terms / at - (total - terms * at**2) / (2 * at**3)


IN_PHASE = Claim(
    id="zhou2019.adashift_inphase",
    says="on cyclic losses a shift of whole periods undoes AdaShift: slopes 10, -1, ..., -1 drive it uphill, as Adam",
    source="ratelab, own observation; the claims of Zhou et al., arXiv 1810.00143, are on independent gradients",
    kind=Kind.DIVERGENCE,
    metric="x_T - x_0 after whole periods of 10",
    metric_units=LENGTH,
    symbols=PHASED[:2],
    assumptions=(sp.Eq(sp.Mod(T, 10), 0),),
    bound=3 * alpha * T / 100,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("no step, no climb", alpha, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Identity("g_{t-10} = g_t: v goes from phase j+1 to j+2", NINE * _settled(j + 1) + 1 - NINE, _settled(j + 2),
                 PHASED),
        Identity("and from phase 10 to 1", NINE * _settled(sp.Integer(10)) + (1 - NINE) * 100, _settled(sp.Integer(1)),
                 PHASED),
        Identity("the ten sum to", sp.Add(*(_settled(sp.Integer(i)) for i in range(1, 11))), sp.Integer(109)),
        Inequality("a tangent of 1/sqrt(y), at 3.2^2", 1 / sp.sqrt(y), ">=", _tangent(y, 1), PHASED),
        Inequality("so a period (beta1 = 0, beta2 = 9/10) climbs at least",
                   alpha * (_tangent(109 - _settled(sp.Integer(1)), 9) - 10 / sp.sqrt(_settled(sp.Integer(1)))), ">=",
                   3 * alpha / 10, PHASED),
        Recursion("k periods that climb by M each", xk, xk + move, x0 + move, k, x0 + k * move, PHASED),
        Inequality("T = 10 k steps", xk - x0, ">=", 3 * alpha * T / 100, PHASED,
                   (xk - x0 >= 3 * k * alpha / 10, sp.Eq(k, T / 10))),
    ),
    experiments=runs.in_phase(),
    broken_by=runs.in_phase_broken(),
)  # fmt: skip
