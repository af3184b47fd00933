"""After R. Sun, "Optimization for deep learning: theory and algorithms", arXiv 1912.08957: the tied chain (w^m - 1)^2.

One weight, shared by m layers: a plateau around w = 0, where gradients vanish. Gradient descent with the step h
is w <- w + 2 m h w^(m-1) (1 - w^m) = w (1 + s), s = 2 m h w^(m-2) (1 - w^m). Statements and proofs are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE
from proofs_check.instances import sun2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

h, w, w0, w1, y, a, a0, a1, b, ell, low = sp.symbols("h w w0 w1 y a a0 a1 b ell f0", positive=True)
s, v, p, t = sp.symbols("s v p t", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, positive=True)
one = sp.Integer(1)

STEP = Quantity(h, POSITIVE, PURE, "step size; w and f are pure numbers")
DEPTH = Quantity(m, sp.Range(3, sp.oo), PURE, "number of layers")
START = Quantity(w0, sp.Interval.open(0, 1), PURE, "where it starts")
GOAL = Quantity(w1, sp.Interval.Lopen(0, 1), PURE, "where it shall arrive")
UNIT = Quantity(ell, POSITIVE, LENGTH, "the minimiser", unit_value=True)
HEIGHT = Quantity(low, POSITIVE, OBJECTIVE, "value at w = 0", unit_value=True)
OVER = (
    HORIZON, STEP, DEPTH, START, GOAL, UNIT, HEIGHT,
    Quantity(w, sp.Interval.Lopen(0, 1), PURE, "w_t"),
    Quantity(y, POSITIVE, PURE, "w^(m-2)"),
    *(Quantity(q, POSITIVE, PURE, "w^(2-m): now, at the start, one step later or at w1") for q in (a, a0, a1)),
    Quantity(b, POSITIVE, PURE, "(1 + s)^k"),
    Quantity(k, COUNT0, PURE, "exponent, or steps done"),
    *(Quantity(q, NONNEGATIVE, PURE, "relative step; -w_t; |w|^m; steps done") for q in (s, v, p, t)),
)  # fmt: skip
SOURCE = "ratelab, own derivation; after R. Sun, arXiv 1912.08957 (the example (w^7 - 1)^2; text not read)"
CLIMB = (
    Identity("a step in relative terms, y = w^(m-2)", w + 2 * m * h * w * y * (1 - p), w
             * (1 + 2 * m * h * y * (1 - p)), OVER),
    Induction("Bernoulli: (1 + s)^k (1 - k s) <= 1",
              base=Inequality("k = 0", one * (1 - 0 * s), "<=", one, OVER),
              step=Inequality("k to k+1", b * (1 + s) * (1 - (k + 1) * s), "<=", one, OVER, (b * (1 - k * s) <= 1,)),
              conclusion=(b * (1 - k * s), "<=", one)),
    Inequality("so a = w^(2-m) falls to no less than (1 - (m-2) s) a", a / b, ">=", a * (1 - (m - 2) * s), OVER, (
        b * (1 - (m - 2) * s) <= 1,)),
    Inequality("where a s <= 2 m h, as a y = 1: by 2 m (m-2) h at most, wherever it is", a * (1 - (m - 2) * s), ">=",
               a - 2 * m * (m - 2) * h, OVER, (sp.Eq(s, 2 * m * h * (1 - p) / a), p <= 1)),
    Induction("t steps",
              base=Identity("no step", a0, a0 - 2 * m * (m - 2) * h * 0, OVER),
              step=Inequality("t to t+1", a1, ">=", a0 - 2 * m * (m - 2) * h * (t + 1), OVER, (
                  a1 >= a - 2 * m * (m - 2) * h, a >= a0 - 2 * m * (m - 2) * h * t)),
              conclusion=(a, ">=", a0 - 2 * m * (m - 2) * h * t)),
)  # fmt: skip
ESCAPE = (w0 ** (2 - m) - w1 ** (2 - m)) / (2 * m * (m - 2) * h)

ESCAPE_TIME = Claim(
    id="sun2019.sun_power_chain",
    says="gradient descent needs of the order of w0^(2-m)/h steps to leave the plateau: exponential in the depth",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="number of steps from w0 until w >= w1",
    metric_units=PURE,
    symbols=(STEP, DEPTH, START, GOAL),
    assumptions=(w0 < w1,),
    bound=ESCAPE,
    limits=(Limit("three layers", m, sp.Integer(3), (1 / w0 - 1 / w1) / (6 * h)),),
    steps=(
        *CLIMB,
        Inequality("until a <= w1^(2-m)", t, ">=", ESCAPE, OVER, (a >= a0 - 2 * m * (m - 2) * h * t, a <= a1,
                   sp.Eq(a0, w0 ** (2 - m)), sp.Eq(a1, w1 ** (2 - m)))),
    ),
    experiments=runs.escape(w1),
    broken_by=runs.escape_broken(w1),
)  # fmt: skip

PLATEAU = Claim(
    id="sun2019.sun_power_chain_plateau",
    says="on (w^7 - 1)^2 gradient descent stays below 2 w0 for nearly w0^-5/(70 h) steps",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="iterate",
    metric_units=LENGTH,
    symbols=(HORIZON, STEP, START, UNIT),
    assumptions=(2240 * h * T * w0**5 <= 31, 2 * w0 <= 1),
    bound=2 * ell * w0,
    limits=(Limit("from the saddle", w0, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *CLIMB,
        Identity("m = 7", 2 * m * (m - 2) * h, 70 * h, OVER, (sp.Eq(m, 7),)),
        Inequality("so T steps take at most 31/32 off", a, ">=", a0 / 32, OVER, (
            a >= a0 - 70 * h * T, 2240 * h * T <= 31 * a0)),
        Inequality("a = w^-5, a0 = w0^-5: the fifth root", ell * w, "<=", 2 * ell * w0, OVER, (
            w ** (-5) >= w0 ** (-5) / 32,)),
    ),
    experiments=runs.plateau(),
    broken_by=runs.plateau_broken(),
)  # fmt: skip

SADDLE = Claim(
    id="sun2019.sun_power_chain_saddle",
    says="m odd: from w < 0 gradient descent with a short step stays there, below the saddle 0, and f above f(0) = 1",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.DIVERGENCE,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(HEIGHT,),
    assumptions=(),
    bound=low,
    steps=(
        Identity("v = -w > 0, m odd: w^m = -p with p = v^m, w^(m-1) = v y with y = v^(m-2)", -(-v + 2 * m * h * v * y
                 * (1 + p)), v * (1 - 2 * m * h * y * (1 + p)), OVER),
        Chain("2 m h v^(m-2) (1 + v^m) <= 1 at the start, and so ever after, as v falls and stays positive",
              (sp.Integer(0), "<=", v * (1 - 2 * m * h * y * (1 + p)), "<=", v), OVER, (2 * m * h * y * (1 + p) <= 1,)),
        Inequality("f(-v) = (v^m + 1)^2", low * (-p - 1) ** 2, ">=", low, OVER),
    ),
    experiments=runs.saddle(),
    broken_by=runs.saddle_broken(),
)  # fmt: skip
