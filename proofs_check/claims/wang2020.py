"""G. Wang, S. Lu, W. Tu, L. Zhang, "SAdam: A Variant of Adam for Strongly Convex Functions", ICLR 2020, 1905.02957.

v_t = b_t v_{t-1} + (1-b_t) g_t^2 with 1 - 1/t <= b_t <= 1 - gamma/t, and x_{t+1} = x_t - alpha g_t/(t v_t + delta), no
root; the first moment (beta1) is left out. One coordinate: u = x_t - x*, A_t = (t v_t + delta)/alpha, D_t = u^2; the
losses are mu-strongly convex and |g| <= G. The algorithm was read in the authors' code; the regret is derived here.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import NONNEGATIVE
from proofs_check.instances import strongly_convex_regret as runs
from proofs_check.log_regret import (
    BOTH,
    BOUND,
    CURVED,
    GAIN,
    GAMMA,
    LENGTH_IS_A_RATIO,
    LOGARITHM,
    OVER,
    STEEP,
    STEP_LENGTH,
    SYMBOLS,
    TOTAL,
    alpha,
    b,
    c1,
    d,
    delta,
    g,
    gam,
    mu,
    sum2,
    t,
    total,
    v0,
    w,
    x,
    y,
)  # fmt: skip
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import GRADIENT_BOUND, HORIZON, D, G, T

INCREMENT = w * v0 + (1 - w) * g**2

STEPS = (
    STEP_LENGTH,
    Identity("what t v_t gains in a step", t * (b * v0 + (1 - b) * g**2) - (t - 1) * v0, INCREMENT, OVER,
             (sp.Eq(w, t * b - (t - 1)),)),
    Chain("so A_t gains at most mu", (INCREMENT / alpha, "<=", G**2 / alpha, "<=", mu), OVER,
          (v0 <= G**2, g**2 <= G**2, STEEP)),
    GAIN,
    Induction("t v_t >= gamma times the sum of squares",
              base=Identity("t = 0", 0 * v0, gam * sum2, OVER, (sp.Eq(sum2, 0 * v0),)),
              step=Inequality("t to t+1", (t + w) * v0 + (1 - w) * g**2, ">=", gam * (sum2 + g**2), OVER,
                              (t * v0 >= gam * sum2, 1 - w >= gam))),
    LENGTH_IS_A_RATIO,
    *LOGARITHM,
)  # fmt: skip

SADAM = Claim(
    id="wang2020.sadam_beta1_0",
    says="SAdam without momentum: regret grows with the logarithm of the sum of squared gradients",
    source="ratelab, own derivation; after Wang et al., ICLR 2020, arXiv 1905.02957 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, GAMMA, TOTAL),
    assumptions=(STEEP,),
    bound=BOUND,
    limits=(Limit("without gradients only the start is left", total, sp.Integer(0), d * D**2 * delta / (2 * alpha)),),
    standing=Standing.DERIVED,
    steps=(
        *STEPS,
        BOTH,
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
    symbols=(*SYMBOLS[:3], GAMMA, HORIZON, GRADIENT_BOUND, CURVED),
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
