"""What regret proofs for strongly convex losses share, where the root of the second moment is left out.

Per coordinate: x_{t+1} = x_t - g_t/A_t, A_t = (t v_t + delta)/alpha with a constant delta (v_t + delta where v_t is a
sum); u = x_t - x*, D_t = u^2. Losses are mu-strongly convex (with the factor 1/2) and |g| <= G; S is the sum of
squared gradients, c_t = 1 + gamma S/delta. A claim unpacks the steps that its proof takes.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Quantity, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, D, G

STIFFNESS, AREA = Units(F=1, X=-2), Units(X=2)
STEP = Units(F=1)  # of alpha: a gradient over a squared gradient, times alpha, is a length
alpha, delta, mu, d, gam, A, A0, a1, c, c1 = sp.symbols("alpha delta mu d gamma A A_0 a_1 c c_1", positive=True)
v, v0, sum2, dist, later, total, noise = sp.symbols("v v_0 S D_t D_{t+1} ell B", nonnegative=True)
b, w, x = sp.symbols("b_t w x", nonnegative=True)
g, u, y = sp.symbols("g u y", real=True)
t = sp.Symbol("t", integer=True, positive=True)

GAMMA = Quantity(gam, sp.Interval.Lopen(0, 1), PURE, "gamma")
TOTAL = Quantity(total, NONNEGATIVE, PURE, "sum over coordinates of log(1 + gamma ||g||^2/delta)")
CURVED = Quantity(mu, POSITIVE, STIFFNESS, "strong convexity")
SYMBOLS = (
    DIAMETER,
    Quantity(d, POSITIVE, PURE, "dimension"),
    Quantity(delta, POSITIVE, SQUARED_GRADIENT, "added to t v_t"),
    Quantity(alpha, POSITIVE, STEP, "step scale, at least G^2/mu"),
)
OVER = (
    *SYMBOLS,
    GAMMA,
    HORIZON,
    GRADIENT_BOUND,
    CURVED,
    Quantity(t, COUNT, PURE, "step"),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "second moments; sum of squared gradients") for e in (v, v0, sum2)),
    *(Quantity(e, POSITIVE, STIFFNESS, "A_t, one step before, and in step 1") for e in (A, A0, a1)),
    *(Quantity(e, NONNEGATIVE, AREA, "(x_t - x*)^2, now and next") for e in (dist, later)),
    Quantity(g, REAL, GRADIENT, "gradient"),
    Quantity(u, REAL, LENGTH, "x_t - x*"),
    *(Quantity(e, sp.Interval(0, 1), PURE, "weight of the old second moment; t b_t - (t-1)") for e in (b, w)),
    *(Quantity(e, POSITIVE, PURE, "1 + gamma S/delta, now and one step before") for e in (c, c1)),
    Quantity(x, NONNEGATIVE, PURE, "c_t/c_{t-1} - 1"),
    TOTAL,
    Quantity(y, REAL, OBJECTIVE, "regret"),
    Quantity(noise, NONNEGATIVE, OBJECTIVE, "sum of g^2/(2A) over steps and coordinates"),
)
BOUND = d * D**2 * delta / (2 * alpha) + alpha / (2 * gam) * total
STEEP = G**2 <= alpha * mu

STEP_LENGTH = Inequality("a step of size g/A", g * u, "<=", A * (u**2 - later) / 2 + g**2 / (2 * A), OVER,
                         (later <= (u - g / A) ** 2,))  # fmt: skip
GAIN = Induction("strong convexity takes that up: sum A_t (D_t - D_{t+1}) - mu D_t <= D^2 delta/alpha",
                 base=Inequality("T = 1", A * (dist - later) - mu * dist + A * later, "<=", D**2 * delta / alpha, OVER,
                                 (dist <= D**2, A <= mu + delta / alpha)),
                 step=Inequality("T to T+1", A * (dist - later) - mu * dist + A * later - A0 * dist, "<=",
                                 0 * mu * D**2, OVER, (A - A0 <= mu,)))  # fmt: skip
LENGTH_IS_A_RATIO = Inequality("so the length of a step is a ratio of sums", g**2 / (2 * ((t * v + delta) / alpha)),
                               "<=", alpha / (2 * gam) * (gam * g**2 / delta) / (1 + gam * sum2 / delta), OVER,
                               (t * v >= gam * sum2,))  # fmt: skip
LOGARITHM = (
    Inequality("which a logarithm bounds, x = c_t/c_{t-1} - 1", x / (1 + x), "<=", sp.log(1 + x), OVER),
    Induction("sum of 1 - c_{t-1}/c_t, c_0 = 1 (log(1+x) written out)",
              base=Identity("none", 0 * c, sp.log(c), OVER, (sp.Eq(c, 1),)),
              step=Inequality("one more", total + x / (1 + x), "<=", sp.log(c), OVER,
                              (total <= sp.log(c1), x / (1 + x) <= sp.log(c) - sp.log(c1)))),
)  # fmt: skip
BOTH = Inequality("both parts, summed over coordinates", y, "<=", BOUND, OVER,
                  (y <= d * D**2 * delta / alpha / 2 + noise, noise <= alpha / (2 * gam) * total))  # fmt: skip
