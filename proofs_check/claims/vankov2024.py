"""D. Vankov, A. Rodomanov, A. Nedich, L. Sankar, S. Stich, "Optimizing (L0, L1)-smooth functions ...", ICLR 2025.

g = ||grad f(x)||, S = L0 + L1 g, u = L1 g/S in (0, 1), w = L1 r with r the length of the step. Along the gradient
f(x+) <= f(x) - r g + (S/L1^2) phi(L1 r), phi(t) = exp(t) - t - 1. Statements as a public restatement gives them; the
proofs are the lab's, for the steps log(1 + u)/(L1 g) and 1/(L0 + 3/2 L1 g) (the paper's a = 1).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, FRACTION, POSITIVE
from proofs_check.instances import vankov2024 as runs
from proofs_check.steps import Identity, Inequality

L0, L1, g, R, F0, F, F1, eps, S = sp.symbols("L_0 L_1 g R F_0 F F_+ epsilon S", positive=True)
u, w, q, ell = sp.symbols("u w q ell", positive=True)
k = sp.Symbol("K", integer=True, positive=True)

CURVATURE = (
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
)
NORM = Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||")
GAP = Quantity(F0, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
SMALL_GRADIENT = (*CURVATURE, GAP, Quantity(eps, POSITIVE, GRADIENT, "wanted gradient norm"))
SMALL_GAP = (
    *CURVATURE,
    GAP,
    Quantity(R, POSITIVE, LENGTH, "bound on the distance of the iterates from a minimiser"),
    Quantity(eps, POSITIVE, OBJECTIVE, "wanted suboptimality"),
)
OVER = (
    *CURVATURE,
    NORM,
    Quantity(u, FRACTION, PURE, "L1 g/(L0 + L1 g)"),
    Quantity(w, POSITIVE, PURE, "L1 times the length of the step"),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "F_+/F"),
    Quantity(ell, POSITIVE, PURE, "log(1 + u), or a sum of the log(F/F_+)"),
    Quantity(k, COUNT, PURE, "number of steps before the goal is met"),
    Quantity(F, POSITIVE, OBJECTIVE, "f(x) - f*"),
    Quantity(F1, POSITIVE, OBJECTIVE, "f(x+) - f*"),
    Quantity(S, POSITIVE, Units(F=1, X=-2), "L0 + L1 g"),
)
SOURCE = "Vankov, Rodomanov, Nedich, Sankar, Stich, ICLR 2025, as a public restatement gives it; number not checked"

DROP = g**2 / (2 * L0 + 3 * L1 * g)
PROGRESS = Claim(
    id="vankov2024.progress",
    says="the step log(1 + L1 g/(L0 + L1 g))/(L1 g), best for the upper model, lowers f by g^2/(2 L0 + 3 L1 g) or more",
    source=SOURCE,
    standing=Standing.RESTATED,
    kind=Kind.LOWER,
    metric="decrease of f in one step",
    metric_units=OBJECTIVE,
    symbols=(*CURVATURE, NORM),
    assumptions=(),
    bound=DROP,
    limits=(Limit("L1 = 0: the step 1/L of gradient descent", L1, sp.Integer(0), g**2 / (2 * L0)),),
    steps=(
        Inequality("phi at a step w, against its tangent at log(1 + u): exp(t) >= 1 + t for t = w - log(1 + u)",
                   u * w - ((1 + u) * q - w - 1), "<=", (1 + u) * ell - u, OVER, (q >= 1 + w - ell,)),
        Identity("so log(1 + u) is the best w, and lowers the model by, in units of S/L1^2,",
                 u * ell - ((1 + u) - ell - 1), (1 + u) * ell - u, OVER),
        Inequality("where log(1 + u) >= 2u/(2 + u)", sp.log(1 + u), ">=", 2 * u / (2 + u), OVER),
        Inequality("so the decrease is at least", (1 + u) * ell - u, ">=", u**2 / (2 + u), OVER,
                   (ell >= 2 * u / (2 + u),)),
        Identity("which is", S / L1**2 * u**2 / (2 + u), g**2 / (2 * L0 + 3 * L1 * g), OVER,
                 (sp.Eq(S, L0 + L1 * g), sp.Eq(u, L1 * g / (L0 + L1 * g)))),
    ),
    experiments=runs.progress(DROP),
    broken_by=runs.progress_broken(DROP),
)  # fmt: skip

FLAT = 2 * L0 * F0 / eps**2 + 3 * L1 * F0 / eps
NONCONVEX = Claim(
    id="vankov2024.nonconvex",
    says="number of steps before ||grad f|| is below epsilon, without convexity",
    source=SOURCE,
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="number of steps from points with ||grad f|| >= epsilon",
    metric_units=PURE,
    symbols=SMALL_GRADIENT,
    assumptions=(),
    bound=FLAT,
    limits=(Limit("L1 = 0: gradient descent", L1, sp.Integer(0), 2 * L0 * F0 / eps**2),),
    steps=(
        Inequality("log(1 + u) >= 2u/(2 + u), on which the progress rests", sp.log(1 + u), ">=", 2 * u / (2 + u), OVER),
        Inequality("the progress is least at the smallest gradient", g**2 / (2 * L0 + 3 * L1 * g), ">=",
                   eps**2 / (2 * L0 + 3 * L1 * eps), (*OVER, *SMALL_GRADIENT[2:]), (g >= eps,)),
        Inequality("K such steps descend by F0 at most", k, "<=", 2 * L0 * F0 / eps**2 + 3 * L1 * F0 / eps,
                   (*OVER, *SMALL_GRADIENT[2:]), (k * eps**2 / (2 * L0 + 3 * L1 * eps) <= F0,)),
    ),
    experiments=runs.nonconvex(FLAT),
    broken_by=runs.nonconvex_broken(FLAT),
)  # fmt: skip

CONVEX_OVER = (*OVER, *SMALL_GAP[2:])

LOW = 2 * L0 * R**2 / eps + 3 * L1 * R * sp.log(F0 / eps)
CONVEX = Claim(
    id="vankov2024.convex",
    says="number of steps before f - f* is below epsilon, for convex f",
    source=SOURCE,
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="number of steps before f - f* is below epsilon",
    metric_units=PURE,
    symbols=SMALL_GAP,
    assumptions=(F0 >= eps,),
    bound=LOW,
    limits=(Limit("L1 = 0: gradient descent", L1, sp.Integer(0), 2 * L0 * R**2 / eps),),
    steps=(
        Inequality("convexity: F <= g R, and the progress grows with g", F - F1, ">=",
                   F**2 / (2 * L0 * R**2 + 3 * L1 * R * F), CONVEX_OVER,
                   (F - F1 >= g**2 / (2 * L0 + 3 * L1 * g), F <= g * R)),
        Inequality("1/F grows by at least (F - F+)/F^2", 1 / F1 - 1 / F, ">=", (F - F1) / F**2, CONVEX_OVER,
                   (F1 <= F,)),
        Inequality("and log F falls by at least (F - F+)/F, here with q = F+/F", -sp.log(q), ">=", 1 - q, CONVEX_OVER),
        Inequality("so 2 L0 R^2/F - 3 L1 R log F grows by at least 1 a step", 2 * L0 * R**2 * (1 / F1 - 1 / F)
                   + 3 * L1 * R * ell, ">=", sp.Integer(1), CONVEX_OVER,
                   (1 / F1 - 1 / F >= (F - F1) / F**2, ell >= (F - F1) / F,
                    (F - F1) * (2 * L0 * R**2 + 3 * L1 * R * F) >= F**2)),
        Inequality("K steps, as long as F >= epsilon", k, "<=", 2 * L0 * R**2 / eps + 3 * L1 * R * ell, CONVEX_OVER,
                   (k <= 2 * L0 * R**2 * (1 / F - 1 / F0) + 3 * L1 * R * ell, F >= eps)),
        Inequality("and log F0 - log F is at most log(F0/epsilon)", 2 * L0 * R**2 / eps + 3 * L1 * R * ell, "<=",
                   LOW, CONVEX_OVER, (ell <= sp.log(F0 / eps),)),
    ),
    experiments=runs.convex(LOW),
    broken_by=runs.convex_broken(LOW),
)  # fmt: skip
