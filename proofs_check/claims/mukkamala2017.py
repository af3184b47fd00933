"""M. C. Mukkamala, M. Hein, "Variants of RMSProp and Adagrad with Logarithmic Regret Bounds", ICML 2017, 1706.05507.

SC-Adagrad: v_t = v_{t-1} + g_t^2 and x_{t+1} = x_t - alpha g_t/(v_t + delta). SC-RMSProp: v_t = b_t v_{t-1} +
(1-b_t) g_t^2 with b_t = 1 - gamma/t, and t v_t for v_t in the step. delta is constant here. In one coordinate
u = x_t - x*, A_t = 1/step, D_t = u^2; losses are mu-strongly convex (with the factor 1/2) and |g| <= G. The algorithms
were read in another text; the regret is derived here.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, Claim, Kind, Limit, Standing
from proofs_check.instances import strongly_convex_regret as runs
from proofs_check.log_regret import (
    BOTH,
    BOUND,
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
    d,
    delta,
    g,
    gam,
    mu,
    noise,
    sum2,
    t,
    total,
    v0,
    y,
)  # fmt: skip
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import D, G

ADAGRAD = BOUND.subs(gam, 1)

SC_ADAGRAD = Claim(
    id="mukkamala2017.scadagrad_const_delta",
    says="SC-Adagrad with a constant delta: regret grows with the logarithm of the sum of squared gradients",
    source="ratelab, own derivation; after Mukkamala, Hein, ICML 2017, arXiv 1706.05507 (theorem number not checked)",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, TOTAL),
    assumptions=(STEEP,),
    bound=ADAGRAD,
    limits=(Limit("without gradients only the start is left", total, sp.Integer(0), d * D**2 * delta / (2 * alpha)),),
    standing=Standing.DERIVED,
    steps=(
        STEP_LENGTH,
        Chain("A_t gains at most mu", (g**2 / alpha, "<=", G**2 / alpha, "<=", mu), OVER, (g**2 <= G**2, STEEP)),
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
    symbols=(*SYMBOLS, GAMMA, TOTAL),
    assumptions=(STEEP,),
    bound=BOUND,
    limits=(Limit("gamma = 1: the bound of SC-Adagrad", gam, sp.Integer(1), ADAGRAD),),
    standing=Standing.DERIVED,
    steps=(
        STEP_LENGTH,
        Identity("what t v_t gains in a step", t * (b * v0 + (1 - b) * g**2) - (t - 1) * v0,
                 (1 - gam) * v0 + gam * g**2, OVER, (sp.Eq(b, 1 - gam / t),)),
        Chain("so A_t gains at most mu (the paper is recalled to ask for 2 - gamma times that)",
              (((1 - gam) * v0 + gam * g**2) / alpha, "<=", G**2 / alpha, "<=", mu), OVER,
              (v0 <= G**2, g**2 <= G**2, STEEP)),
        GAIN,
        Induction("t v_t >= gamma times the sum of squares",
                  base=Identity("t = 0", 0 * v0, gam * sum2, OVER, (sp.Eq(sum2, 0 * v0),)),
                  step=Inequality("t to t+1", t * v0 + (1 - gam) * v0 + gam * g**2, ">=", gam * (sum2 + g**2), OVER,
                                  (t * v0 >= gam * sum2,))),
        LENGTH_IS_A_RATIO,
        *LOGARITHM,
        BOTH,
    ),
    experiments=runs.sc_rmsprop(),
    broken_by=runs.sc_rmsprop_broken(),
)  # fmt: skip
