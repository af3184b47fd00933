"""G. Wang, S. Lu, W. Tu, L. Zhang, "SAdam: A Variant of Adam for Strongly Convex Functions", ICLR 2020, 1905.02957.

v_t = b_t v_{t-1} + (1-b_t) g_t^2 with 1 - 1/t <= b_t <= 1 - gamma/t, and x_{t+1} = x_t - alpha g_t/(t v_t + delta), no
root; the first moment (beta1) is left out. One coordinate: u = x_t - x*, A_t = (t v_t + delta)/alpha, D_t = u^2; the
losses are mu-strongly convex and |g| <= G. The algorithm was read in the authors' code; the regret is derived here.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import strongly_convex_regret as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, D, G, T

STIFFNESS = Units(F=1, X=-2)
STEP = Units(F=1)  # of alpha: a gradient over a squared gradient, times alpha, is a length
alpha, delta, mu, d, d1, gam, A, A0, a1 = sp.symbols("alpha delta mu d m gamma A A_0 a_1", positive=True)
v, v0, sum2, dist, later, total, noise = sp.symbols("v v_0 S D_t D_{t+1} ell B", nonnegative=True)
g, u, y = sp.symbols("g u y", real=True)
b, w = sp.symbols("b_t w", nonnegative=True)
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
    *(Quantity(e, sp.Interval(0, 1), PURE, "weight of the old second moment; t b_t - (t-1)") for e in (b, w)),
    *(Quantity(e, POSITIVE, PURE, "1 + gamma S/delta, now and one step before") for e in (c, c1)),
    Quantity(x, NONNEGATIVE, PURE, "c_t/c_{t-1} - 1"),
    Quantity(total, NONNEGATIVE, PURE, "sum over coordinates of log(1 + gamma ||g||^2/delta)"),
    Quantity(y, REAL, OBJECTIVE, "regret"),
    Quantity(noise, NONNEGATIVE, OBJECTIVE, "sum of g^2/(2A) over steps and coordinates"),
)
BOUND = d * D**2 * delta / (2 * alpha) + alpha / (2 * gam) * total
steep = G**2 <= alpha * mu
INCREMENT = w * v0 + (1 - w) * g**2

STEPS = (
    Inequality("a step of size g/A", g * u, "<=", A * (u**2 - later) / 2 + g**2 / (2 * A), OVER,
               (later <= (u - g / A) ** 2,)),
    Identity("what t v_t gains in a step", t * (b * v0 + (1 - b) * g**2) - (t - 1) * v0, INCREMENT, OVER,
             (sp.Eq(w, t * b - (t - 1)),)),
    Chain("so A_t gains at most mu", (INCREMENT / alpha, "<=", G**2 / alpha, "<=", mu), OVER,
          (v0 <= G**2, g**2 <= G**2, steep)),
    Induction("strong convexity takes that up: sum A_t (D_t - D_{t+1}) - mu D_t <= D^2 delta/alpha",
              base=Inequality("T = 1", A * (dist - later) - mu * dist + A * later, "<=", D**2 * delta / alpha, OVER,
                              (dist <= D**2, A <= mu + delta / alpha)),
              step=Inequality("T to T+1", A * (dist - later) - mu * dist + A * later - A0 * dist, "<=", 0 * mu * D**2,
                              OVER, (A - A0 <= mu,))),
    Induction("t v_t >= gamma times the sum of squares",
              base=Identity("t = 0", 0 * v0, gam * sum2, OVER, (sp.Eq(sum2, 0 * v0),)),
              step=Inequality("t to t+1", (t + w) * v0 + (1 - w) * g**2, ">=", gam * (sum2 + g**2), OVER,
                              (t * v0 >= gam * sum2, 1 - w >= gam))),
    Inequality("so the length of a step is a ratio of sums", g**2 / (2 * ((t * v + delta) / alpha)), "<=",
               alpha / (2 * gam) * (gam * g**2 / delta) / (1 + gam * sum2 / delta), OVER, (t * v >= gam * sum2,)),
    Inequality("which a logarithm bounds, x = c_t/c_{t-1} - 1", x / (1 + x), "<=", sp.log(1 + x), OVER),
    Induction("sum of 1 - c_{t-1}/c_t, c_0 = 1 (log(1+x) written out)",
              base=Identity("none", 0 * c, sp.log(c), OVER, (sp.Eq(c, 1),)),
              step=Inequality("one more", total + x / (1 + x), "<=", sp.log(c), OVER,
                              (total <= sp.log(c1), x / (1 + x) <= sp.log(c) - sp.log(c1)))),
)  # fmt: skip

SADAM = Claim(
    id="wang2020.sadam_beta1_0",
    says="SAdam without momentum: regret grows with the logarithm of the sum of squared gradients",
    source="ratelab, own derivation; after Wang et al., ICLR 2020, arXiv 1905.02957 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, OVER[-3]),
    assumptions=(steep,),
    bound=BOUND,
    limits=(Limit("without gradients only the start is left", total, sp.Integer(0), d * D**2 * delta / (2 * alpha)),),
    standing=Standing.DERIVED,
    steps=(
        *STEPS,
        Inequality("both parts, summed over coordinates", y, "<=", BOUND, OVER,
                   (y <= d * D**2 * delta / alpha / 2 + noise, noise <= alpha / (2 * gam) * total)),
    ),
    experiments=runs.sadam(),
    broken_by=runs.sadam_broken(),
)  # fmt: skip

ell = sp.Symbol("ell", nonnegative=True)
FORM = d * D**2 * delta * mu / (2 * G**2) + d * G**2 / (2 * gam * mu) * ell
LOG = sp.log(1 + gam * G**2 * T / delta)
LOG_OVER = (*OVER, Quantity(ell, NONNEGATIVE, PURE, "log(1 + gamma G^2 T/delta)"))

SADAM_LOG = Claim(
    id="wang2020.sadam_log",
    says="with alpha = G^2/mu SAdam without momentum has regret O(d G^2/mu log T)",
    source="ratelab, own derivation; after Wang et al., ICLR 2020, arXiv 1905.02957 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS[:3], SYMBOLS[4], HORIZON, GRADIENT_BOUND, OVER[7]),
    assumptions=(),
    bound=FORM.subs(ell, LOG),
    rate=Rate(sp.Integer(0), sp.Integer(1)),
    limits=(Limit("no distance: only the steps' lengths", D, sp.Integer(0), d * G**2 / (2 * gam * mu) * LOG),),
    standing=Standing.DERIVED,
    steps=(
        *STEPS,
        Inequality("sum of squares", sum2 + g**2, "<=", (t + 1) * G**2, OVER, (sum2 <= t * G**2, g**2 <= G**2)),
        Inequality("logarithms grow", sp.log(c1), "<=", sp.log(c1 + x), OVER),
        Inequality("both parts, summed over coordinates", y, "<=", BOUND.subs(total, d * ell), LOG_OVER,
                   (y <= d * D**2 * delta / alpha / 2 + alpha / (2 * gam) * total, total <= d * ell)),
        Identity("with alpha = G^2/mu", BOUND.subs(total, d * ell), FORM, LOG_OVER, (sp.Eq(alpha, G**2 / mu),)),
        Identity("and the logarithm", FORM, FORM.subs(ell, LOG), LOG_OVER, (sp.Eq(ell, LOG),)),
    ),
    experiments=runs.sadam_log(),
    broken_by=runs.sadam_log_broken(),
)  # fmt: skip
