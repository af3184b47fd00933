"""M. C. Mukkamala, M. Hein, "Variants of RMSProp and Adagrad with Logarithmic Regret Bounds", ICML 2017, 1706.05507.

SC-Adagrad: v_t = v_{t-1} + g_t^2 and x_{t+1} = x_t - alpha g_t/(v_t + delta). SC-RMSProp: v_t = b_t v_{t-1} +
(1-b_t) g_t^2 with b_t = 1 - gamma/t, and t v_t for v_t in the step. delta is constant here. In one coordinate
u = x_t - x*, A_t = 1/step, D_t = u^2; losses are mu-strongly convex (with the factor 1/2) and |g| <= G. The algorithms
were read in another text; the regret is derived here.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import strongly_convex_regret as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, D, G

STIFFNESS = Units(F=1, X=-2)
STEP = Units(F=1)  # of alpha: a gradient over a squared gradient, times alpha, is a length
alpha, delta, mu, d, d1, gam, A, A0, a1 = sp.symbols("alpha delta mu d m gamma A A_0 a_1", positive=True)
v, v0, sum2, dist, later, total, noise = sp.symbols("v v_0 S D_t D_{t+1} ell B", nonnegative=True)
g, u, y = sp.symbols("g u y", real=True)
b = sp.Symbol("b_t", nonnegative=True)
t = sp.Symbol("t", integer=True, positive=True)
c, c1 = sp.symbols("c c_1", positive=True)
x = sp.Symbol("x", nonnegative=True)

SYMBOLS = (
    DIAMETER,
    Quantity(d, POSITIVE, PURE, "dimension"),
    Quantity(delta, POSITIVE, SQUARED_GRADIENT, "added to t v_t"),
    Quantity(alpha, POSITIVE, STEP, "step scale, at least G^2/mu"),
    Quantity(gam, sp.Interval.Lopen(0, 1), PURE, "gamma"),
)
OVER = (
    *SYMBOLS,
    HORIZON,
    GRADIENT_BOUND,
    Quantity(mu, POSITIVE, STIFFNESS, "strong convexity"),
    Quantity(t, COUNT, PURE, "step"),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "second moments; sum of squared gradients") for e in (v, v0, sum2)),
    *(Quantity(e, POSITIVE, STIFFNESS, "A_t, one step before, and in step 1") for e in (A, A0, a1)),
    *(Quantity(e, NONNEGATIVE, Units(X=2), "(x_t - x*)^2, now and next") for e in (dist, later)),
    Quantity(g, REAL, Units(F=1, X=-1), "gradient"),
    Quantity(u, REAL, LENGTH, "x_t - x*"),
    Quantity(b, sp.Interval(0, 1), PURE, "weight of the old second moment"),
    *(Quantity(e, POSITIVE, PURE, "1 + gamma S/delta, now and one step before") for e in (c, c1)),
    Quantity(x, NONNEGATIVE, PURE, "c_t/c_{t-1} - 1"),
    Quantity(total, NONNEGATIVE, PURE, "sum over coordinates of log(1 + gamma ||g||^2/delta)"),
    Quantity(y, REAL, OBJECTIVE, "regret"),
    Quantity(noise, NONNEGATIVE, OBJECTIVE, "sum of g^2/(2A) over steps and coordinates"),
)
BOUND = d * D**2 * delta / (2 * alpha) + alpha / (2 * gam) * total
steep = G**2 <= alpha * mu


GAIN = Induction("strong convexity takes that up: sum A_t (D_t - D_{t+1}) - mu D_t <= D^2 delta/alpha",
                 base=Inequality("T = 1", A * (dist - later) - mu * dist + A * later, "<=", D**2 * delta / alpha, OVER,
                                 (dist <= D**2, A <= mu + delta / alpha)),
                 step=Inequality("T to T+1", A * (dist - later) - mu * dist + A * later - A0 * dist, "<=",
                                 0 * mu * D**2, OVER, (A - A0 <= mu,)))  # fmt: skip
STEP_LENGTH = Inequality("a step of size g/A", g * u, "<=", A * (u**2 - later) / 2 + g**2 / (2 * A), OVER,
                         (later <= (u - g / A) ** 2,))  # fmt: skip
LOGARITHM = (
    Inequality("which a logarithm bounds, x = c_t/c_{t-1} - 1", x / (1 + x), "<=", sp.log(1 + x), OVER),
    Induction("sum of 1 - c_{t-1}/c_t, c_0 = 1 (log(1+x) written out)",
              base=Identity("none", 0 * c, sp.log(c), OVER, (sp.Eq(c, 1),)),
              step=Inequality("one more", total + x / (1 + x), "<=", sp.log(c), OVER,
                              (total <= sp.log(c1), x / (1 + x) <= sp.log(c) - sp.log(c1)))),
)  # fmt: skip
RMSPROP = BOUND
ADAGRAD = BOUND.subs(gam, 1)

SC_ADAGRAD = Claim(
    id="mukkamala2017.scadagrad_const_delta",
    says="SC-Adagrad with a constant delta: regret grows with the logarithm of the sum of squared gradients",
    source="ratelab, own derivation; after Mukkamala, Hein, ICML 2017, arXiv 1706.05507 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS[:4], OVER[-3]),
    assumptions=(steep,),
    bound=ADAGRAD,
    limits=(Limit("without gradients only the start is left", total, sp.Integer(0), d * D**2 * delta / (2 * alpha)),),
    standing=Standing.DERIVED,
    steps=(
        STEP_LENGTH,
        Chain("A_t gains at most mu", (g**2 / alpha, "<=", G**2 / alpha, "<=", mu), OVER, (g**2 <= G**2, steep)),
        GAIN,
        Identity("the length of a step is a ratio of sums", g**2 / (2 * ((sum2 + delta) / alpha)),
                 alpha / 2 * (g**2 / delta) / (1 + sum2 / delta), OVER),
        *LOGARITHM,
        Inequality("both parts, summed over coordinates", y, "<=", ADAGRAD, OVER,
                   (y <= d * D**2 * delta / alpha / 2 + noise, noise <= alpha / 2 * total)),
    ),
    experiments=runs.sc_adagrad(),
    broken_by=runs.sc_adagrad_broken(),
)  # fmt: skip

SC_RMSPROP = Claim(
    id="mukkamala2017.scrmsprop_const_delta",
    says="SC-RMSProp with a constant delta: the same with 1/gamma; alpha >= G^2/mu is enough",
    source="ratelab, own derivation; after Mukkamala, Hein, ICML 2017, arXiv 1706.05507 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, OVER[-3]),
    assumptions=(steep,),
    bound=RMSPROP,
    limits=(Limit("gamma = 1: the bound of SC-Adagrad", gam, sp.Integer(1), ADAGRAD),),
    standing=Standing.DERIVED,
    steps=(
        STEP_LENGTH,
        Identity("what t v_t gains in a step", t * (b * v0 + (1 - b) * g**2) - (t - 1) * v0,
                 (1 - gam) * v0 + gam * g**2, OVER, (sp.Eq(b, 1 - gam / t),)),
        Chain("so A_t gains at most mu (the paper is recalled to ask for 2 - gamma times that)",
              (((1 - gam) * v0 + gam * g**2) / alpha, "<=", G**2 / alpha, "<=", mu), OVER,
              (v0 <= G**2, g**2 <= G**2, steep)),
        GAIN,
        Induction("t v_t >= gamma times the sum of squares",
                  base=Identity("t = 0", 0 * v0, gam * sum2, OVER, (sp.Eq(sum2, 0 * v0),)),
                  step=Inequality("t to t+1", t * v0 + (1 - gam) * v0 + gam * g**2, ">=", gam * (sum2 + g**2), OVER,
                                  (t * v0 >= gam * sum2,))),
        Inequality("so the length of a step is a ratio of sums", g**2 / (2 * ((t * v + delta) / alpha)), "<=",
                   alpha / (2 * gam) * (gam * g**2 / delta) / (1 + gam * sum2 / delta), OVER, (t * v >= gam * sum2,)),
        *LOGARITHM,
        Inequality("both parts, summed over coordinates", y, "<=", RMSPROP, OVER,
                   (y <= d * D**2 * delta / alpha / 2 + noise, noise <= alpha / (2 * gam) * total)),
    ),
    experiments=runs.sc_rmsprop(),
    broken_by=runs.sc_rmsprop_broken(),
)  # fmt: skip
