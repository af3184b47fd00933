"""P. L. Toint, "Divergence of the ADAM algorithm with fixed-stepsize: a (very) simple example", arXiv 2308.00720.

The instance here is the lab's, of that type: f(x) = -(slope alpha / 2 pi) sin(2 pi x / alpha), smooth and bounded. Adam
with bias correction and the step alpha, from x_0 = 0, meets the slope -`slope` for ever: m = -(1 - beta1^k) slope and
v = (1 - beta2^k) slope^2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check.goal import COUNT, COUNT0, REAL
from proofs_check.instances import toint2023 as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity
from proofs_check.symbols import ALPHA, BETA1, BETA2, HORIZON, SLOPE, SQUARED_GRADIENT, T, alpha, beta1, beta2, s

x, m, v = sp.symbols("x m v", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True, positive=True)
OVER = (
    HORIZON,
    ALPHA,
    BETA1,
    BETA2,
    SLOPE,
    Quantity(x, REAL, LENGTH, "x_k"),
    Quantity(m, REAL, GRADIENT, "first moment"),
    Quantity(v, REAL, SQUARED_GRADIENT, "second moment"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(j, COUNT, PURE, "steps done"),
)
f = -s * alpha / (2 * sp.pi) * sp.sin(2 * sp.pi * x / alpha)

MARCH = Claim(
    id="toint2023.toint_adam",
    says="on a bounded smooth function Adam with a constant step may meet the same slope at every step: it marches on "
    "by alpha for ever, whatever beta1 and beta2 are",
    source="ratelab, own derivation on an instance of its own; after Toint, arXiv 2308.00720",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="iterate",
    metric_units=LENGTH,
    symbols=(HORIZON, ALPHA),
    assumptions=(),
    bound=alpha * T,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("one step", T, sp.Integer(1), alpha),),
    steps=(
        Identity("f' at x = k alpha is -slope", sp.diff(f, x).subs(x, k * alpha), -s, OVER),
        Recursion("first moment under the gradient -slope", m, beta1 * m - (1 - beta1) * s, sp.Integer(0), k,
                  -s * (1 - beta1**k), OVER),
        Recursion("second moment", v, beta2 * v + (1 - beta2) * s**2, sp.Integer(0), k, s**2 * (1 - beta2**k), OVER),
        Identity("the bias corrections undo both: one step is alpha", -alpha * (-s * (1 - beta1**j) / (1 - beta1**j))
                 / sp.sqrt(s**2 * (1 - beta2**j) / (1 - beta2**j)), alpha, OVER),
        Recursion("so x_k = k alpha, where the slope is again the same", x, x + alpha, sp.Integer(0), k, k * alpha,
                  OVER),
        Identity("after T steps", k * alpha, alpha * T, OVER, (sp.Eq(k, T),)),
    ),
    experiments=runs.marches(),
    broken_by=runs.marches_broken(),
)  # fmt: skip
