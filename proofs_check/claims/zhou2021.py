"""Y. Zhou et al., "FastAdaBelief: Improving Convergence Rate for Belief-based Adaptive Optimizers", arXiv 2104.13790.

A logarithmic regret for strongly convex losses is claimed there; its constants were not seen, and those below are the
lab's. As third-party codes have it: s_t = (1 - gamma/t) s_{t-1} + gamma/t (g_t - m_t)^2, x moves by -m_t/A_t with
A_t = (t s_t + delta)/alpha, no root. Without momentum s = 0, so that the step is alpha/delta for ever and the regret
linear: f_t = mu (x - z_t)^2/2 with z_t = r, -r, r, ...; h = alpha mu/delta. With momentum and s_t >= c > 0 it is
logarithmic, if s_t is not replaced by its largest value so far: t times that may grow by any amount in one step. One
coordinate: u = x_t - x*, D_t = u^2; u_0, m_0, s_0, A_0 belong to the step before; |g| <= G.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhou2021 as runs
from proofs_check.orbits import Cycle
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA1, DIAMETER, GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, D, G, T, beta1

CURVATURE = Units(F=1, X=-2)
alpha, mu, delta, r, h = sp.symbols("alpha mu delta r h", positive=True)
x, g, m, y = sp.symbols("x g m y", real=True)
k = sp.Symbol("k", integer=True, positive=True)

SYMBOLS = (
    HORIZON,
    Quantity(mu, POSITIVE, CURVATURE, "strong convexity"),
    Quantity(r, POSITIVE, LENGTH, "size of the targets", unit_value=True),
    Quantity(h, sp.Interval.open(0, 2), PURE, "alpha mu / delta"),
)
OVER = (
    *SYMBOLS,
    Quantity(alpha, POSITIVE, PURE, "step scale, as a multiple of delta/mu"),
    Quantity(k, COUNT, PURE, "step"),
    Quantity(x, REAL, LENGTH, "a fixed point to compare with"),
    *(Quantity(e, REAL, GRADIENT, "gradient and its mean") for e in (g, m)),
    Quantity(delta, POSITIVE, PURE, "delta, as a multiple of itself over mu"),
)
edge = h * r / (2 - h)
PER_STEP = mu * r**2 * h * (4 - h) / (2 * (2 - h) ** 2)

NO_MOMENTUM = Claim(
    id="zhou2021.no_momentum_linear_regret",
    says="without momentum the belief is always 0, the step constant, and on its 2-cycle the regret grows linearly",
    source="ratelab, own observation; on FastAdaBelief, arXiv 2104.13790, as a third-party code has it, beta1 = 0",
    kind=Kind.DIVERGENCE,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(sp.Eq(sp.Mod(T, 2), 0),),
    bound=T * PER_STEP,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("tiny steps lose little", h, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Identity("beta1 = 0: the mean is the gradient, s = 0", (g - (0 * m + g)) ** 2, 0 * g**2, OVER),
        Identity("and the step is (alpha/t)/(delta/t)", alpha / k / (delta / k), alpha / delta, OVER),
        Identity("from -h r/(2-h), z = r leads to h r/(2-h), and so back and forth", -edge - h * (-edge - r), edge,
                 OVER),
        Identity("the mean loss of a fixed x over two steps",
                 mu * ((x - r) ** 2 + (x + r) ** 2) / 4, mu * (x**2 + r**2) / 2, OVER),
        Inequality("is smallest at 0", mu * (x**2 + r**2) / 2, ">=", mu * r**2 / 2, OVER),
        Identity("a step costs more than that by", mu * (-edge - r) ** 2 / 2 - mu * r**2 / 2, PER_STEP, OVER),
        SumBound("over T steps", PER_STEP, T, "==", T * PER_STEP, OVER),
    ),
    certificates=(
        Cycle("h = 1/2: x = -1/3, z = 1 and x = 1/3, z = -1 alternate",
              lambda p: (p[0] - (p[0] - p[1]) / 2, -p[1]),
              ((-sp.Rational(1, 3), sp.Integer(1)), (sp.Rational(1, 3), -sp.Integer(1)))),
    ),
    experiments=runs.cycle(),
    broken_by=runs.cycle_broken(),
)  # fmt: skip

# -------------------------------------------------------------------------------------------------- with momentum

a, A, A0, c, d, t = sp.symbols("alpha A A_0 c d t", positive=True)
s, s0, q, w, dist, later, moves = sp.symbols("s s_0 q w D_t D_{t+1} M", nonnegative=True)
m0, u, u0, regret = sp.symbols("m_0 u u_0 R", real=True)
SCALE = Quantity(a, POSITIVE, Units(F=1), "step scale, at least 4 G^2/mu")
DAMPING = Quantity(delta, POSITIVE, SQUARED_GRADIENT, "delta")
LOG_SYMBOLS = (
    HORIZON,
    DIAMETER,
    GRADIENT_BOUND,
    BETA1,
    SCALE,
    DAMPING,
    Quantity(mu, POSITIVE, CURVATURE, "strong convexity"),
    Quantity(c, POSITIVE, SQUARED_GRADIENT, "lower bound of s_t"),
    Quantity(d, POSITIVE, PURE, "dimension"),
)
LOG_OVER = (
    *LOG_SYMBOLS,
    *(Quantity(e, REAL, GRADIENT, "gradient; moment, now and before") for e in (g, m, m0)),
    *(Quantity(e, REAL, LENGTH, "x - x*, now and before") for e in (u, u0)),
    *(Quantity(e, POSITIVE, CURVATURE, "A_t, now and before") for e in (A, A0)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "s, now and before; (g - m)^2") for e in (s, s0, q)),
    *(Quantity(e, NONNEGATIVE, Units(X=2), "u^2, now and next") for e in (dist, later)),
    Quantity(t, sp.Interval(1, sp.oo), PURE, "step"),
    Quantity(w, sp.Interval(0, 1), PURE, "gamma/t, or gamma"),
    Quantity(moves, NONNEGATIVE, OBJECTIVE, "sum of m_t^2/A_t over steps and coordinates"),
    Quantity(regret, REAL, OBJECTIVE, "regret"),
)
back = beta1 / (1 - beta1)
LOG_BOUND = (
    d * D**2 * delta / (2 * a) + d * back * G * D + d * (1 + beta1) / (2 * (1 - beta1)) * a * G**2 / c * (1 + sp.log(T))
)
steep = 4 * G**2 <= a * mu

LOG_REGRET = Claim(
    id="zhou2021.log_regret",
    says="FastAdaBelief without its running maximum has regret O(log T) on a box, if the belief stays above some c > 0",
    source="ratelab, own derivation; after Zhou et al., arXiv 2104.13790, of which the abstract and codes were read",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=LOG_SYMBOLS,
    assumptions=(steep,),
    bound=LOG_BOUND,
    rate=Rate(sp.Integer(0), sp.Integer(1)),
    limits=(
        Limit("a belief that stays large costs no logarithm", c, sp.oo, d * D**2 * delta / (2 * a) + d * back * G * D),
        Limit("a belief that vanishes: no bound", c, sp.Integer(0), sp.oo),
    ),
    standing=Standing.DERIVED,
    steps=(
        Identity("the gradient from two moments: m u, a difference that telescopes, and a move", g * u,
                 m * u + back * (m * u - m0 * u0) + back * m0 * (u0 - u), LOG_OVER,
                 (sp.Eq(m, beta1 * m0 + (1 - beta1) * g),)),
        Inequality("a step of m/A, put back on the box", m * u, "<=", A * (u**2 - later) / 2 + m**2 / (2 * A), LOG_OVER,
                   (later <= (u - m / A) ** 2,)),
        Inequality("which is no longer than m/A", m0 * (u0 - u), "<=", m0**2 / A0, LOG_OVER,
                   (sp.Abs(u0 - u) <= sp.Abs(m0) / A0,)),
        Inequality("g and its mean are at most 2 G apart", (g - m) ** 2, "<=", 4 * G**2, LOG_OVER,
                   (sp.Abs(g) <= G, sp.Abs(m) <= G)),
        Induction("so s stays at or below 4 G^2",
                  base=Inequality("s_0 = 0", sp.Integer(0), "<=", 4 * G**2, LOG_OVER),
                  step=Inequality("a step keeps it", (1 - w) * s0 + w * q, "<=", 4 * G**2, LOG_OVER,
                                  (s0 <= 4 * G**2, q <= 4 * G**2))),
        Identity("what t s_t gains in a step", t * ((1 - w / t) * s0 + w / t * q) - (t - 1) * s0, (1 - w) * s0 + w * q,
                 LOG_OVER),
        Chain("so A_t gains at most mu", (((1 - w) * s0 + w * q) / a, "<=", 4 * G**2 / a, "<=", mu), LOG_OVER,
              (s0 <= 4 * G**2, q <= 4 * G**2, steep)),
        Induction("strong convexity takes that up: sum A_t (D_t - D_{t+1}) - mu D_t <= D^2 delta/alpha",
                  base=Inequality("T = 1", A * (dist - later) - mu * dist + A * later, "<=", D**2 * delta / a, LOG_OVER,
                                  (dist <= D**2, A <= mu + delta / a)),
                  step=Inequality("T to T+1", A * (dist - later) - mu * dist + A * later - A0 * dist, "<=",
                                  0 * mu * D**2, LOG_OVER, (A - A0 <= mu,))),
        Chain("m_t^2/A_t", (m**2 / ((t * s + delta) / a), "<=", a * G**2 / (t * s), "<=", a * G**2 / (t * c)), LOG_OVER,
              (sp.Abs(m) <= G, s >= c)),
        SumBound("sum of 1/t", 1 / T, T, "<=", 1 + sp.log(T), (HORIZON,)),
        Inequality("what telescopes leaves m_T u_T", m * u, "<=", G * D, LOG_OVER, (sp.Abs(m) <= G, sp.Abs(u) <= D)),
        Inequality("all parts, over d coordinates", regret, "<=", LOG_BOUND, LOG_OVER,
                   (regret <= d * D**2 * delta / a / 2 + moves / 2 + back * (d * G * D + moves),
                    moves <= d * a * G**2 / c * (1 + sp.log(T)))),
    ),
    experiments=runs.log_regret(),
    broken_by=runs.log_regret_broken(),
)  # fmt: skip
