"""X. Chen, S. Liu, R. Sun, M. Hong, "On the Convergence of a Class of Adam-type ...", ICLR 2019: its two examples.

arXiv 1808.02941, Figures 1 and 2: where one of the two sums of Theorem 3.1 grows as fast as the accumulated effective
step, no convergence. The functions are the paper's, as a reproduction has them; what is proved of them is the lab's. s
is the slope that the paper has at 1, r its 1 on the line, right of which f is linear.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, POSITIVE, REAL
from proofs_check.instances import chen2019_figures as runs
from proofs_check.orbits import Cycle
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SLOPE, T, alpha, s

PAPER = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941"
L, X = sp.symbols("L x_1", positive=True)
y, V = sp.symbols("y V", nonnegative=True)
x, x0 = sp.symbols("x x_0", real=True)
k = sp.Symbol("k", integer=True, positive=True)

JUMP = (
    Quantity(L, POSITIVE, Units(F=1, X=-2), "curvature near the minimiser"),
    Quantity(X, POSITIVE, LENGTH, "distance of the start from the minimiser, at most b"),
)
JUMP_OVER = (HORIZON, *JUMP)

FIGURE_1 = Claim(
    id="chen2019.fig1",
    says="gradient descent with step 2/L jumps to and fro: squared steps over step sizes is 2 L x_1^2 for ever",
    source=f"ratelab, own derivation; on the example of {PAPER}, Figure 1 (its start was not known)",
    kind=Kind.EXACT,
    metric="effective_step_sq_ratio",
    metric_units=OBJECTIVE,
    symbols=JUMP,
    assumptions=(),
    bound=2 * L * X**2,
    limits=(Limit("from the minimiser it does not move", X, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    certificates=(
        Cycle("L = 200, step 1/100: 5 and -5", lambda p: (p[0] - 200 * p[0] / 100,), ((sp.Integer(5),),
                                                                                      (-sp.Integer(5),))),
    ),
    steps=(
        Identity("x goes to -x", X - 2 / L * (L * X), -X, JUMP_OVER),
        SumBound("the squares of T steps", (2 / L * (L * X)) ** 2, T, "==", 4 * X**2 * T, JUMP_OVER),
        SumBound("their step sizes", 2 / L, T, "==", 2 * T / L, JUMP_OVER),
        Identity("so the ratio of the two sums does not fall", 4 * X**2 * T / (2 * T / L), 2 * L * X**2, JUMP_OVER),
    ),
    experiments=runs.jumps(),
    broken_by=runs.jumps_broken(),
)  # fmt: skip

SQUARE, DRIFT = sp.Rational(131, 11), sp.Rational(3, 50) * alpha  # mean squared slope over s^2, what a step moves x by
STEP = Quantity(alpha, POSITIVE, LENGTH, "constant step")
AWAY = (HORIZON, STEP)
AWAY_OVER = (
    *AWAY,
    SLOPE,
    Quantity(y, sp.Interval(0, 121), PURE, "v/s^2"),
    Quantity(V, sp.Interval(0, SQUARE), PURE, "E v/s^2"),
    *(Quantity(e, REAL, LENGTH, "mean of x") for e in (x, x0)),
    Quantity(k, COUNT, PURE, "steps"),
)
nine = sp.Rational(9, 10)
after_small, after_large = sp.sqrt(nine * y + (1 - nine)), sp.sqrt(nine * y + (1 - nine) * 121)
LINE = sp.Rational(29, 200) - sp.Rational(7, 1000) * y

FIGURE_2 = Claim(
    id="chen2019.fig2",
    says="slopes 11 once in 11 rounds and -1 else: Adam (beta2 = 9/10) leaves the minimiser behind, whatever its step",
    source=f"ratelab, own derivation; on the example of {PAPER}, Figure 2, as in a reproduction (beta1 = 0)",
    kind=Kind.DIVERGENCE,
    metric="iterate",
    metric_units=LENGTH,
    symbols=AWAY,
    assumptions=(),
    bound=DRIFT * T,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("no step, no move", alpha, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Identity("the mean slope right of r is s/11, uphill", (11 * s - 10 * s) / 11, s / 11, AWAY_OVER),
        Induction("v never exceeds 121 s^2",
                  base=Inequality("v_0 = 0", sp.Integer(0), "<=", sp.Integer(121), AWAY_OVER),
                  step=Inequality("a step keeps it", nine * y + (1 - nine) * 121, "<=", sp.Integer(121), AWAY_OVER)),
        Identity("the mean of the squared slopes", sp.Rational(121 + 10, 11), SQUARE),
        Induction("so E v <= 131/11 s^2",
                  base=Inequality("v_0 = 0", sp.Integer(0), "<=", SQUARE, AWAY_OVER),
                  step=Inequality("a step keeps it", nine * V + (1 - nine) * SQUARE, "<=", SQUARE, AWAY_OVER)),
        Inequality("a step's mean, given v, in units of alpha: above a line", sp.Rational(10, 11) / after_small
                   - sp.Rational(11, 11) / after_large, ">=", LINE, AWAY_OVER),
        Chain("whose mean is", (LINE.subs(y, V), ">=", LINE.subs(y, SQUARE), ">=", sp.Rational(3, 50)),
              AWAY_OVER),
        Recursion("step after step, while x stays right of r", x, x + DRIFT, x0 + DRIFT, k,
                  x0 + DRIFT * k, AWAY_OVER),
        Identity("after T steps", x0 + DRIFT * k - x0, DRIFT * T, AWAY_OVER,
                 (sp.Eq(k, T),)),
    ),
    experiments=runs.leaves(),
    broken_by=runs.leaves_broken(),
)  # fmt: skip
