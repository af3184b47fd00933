"""J. Fong, S. Chen, K. Chen, "Improving Layer-wise Adaptive Rate Methods using Trust Ratio Clipping", arXiv 2011.13584.

LAMBC: x <- x - eta min(||x|| / ||u||, c) u in every layer, u being Adam's direction without bias correction. As in
the authors' code, the clip is from above only. X = ||x||, U = ||u||; what is shown is the lab's own, and no
rate of the paper's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import fong2020 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

eta, X, U, c, bound_u = sp.symbols("eta X U c U_max", positive=True)
R, now, later = sp.symbols("R X_t X_{t+1}", nonnegative=True)
state = sp.Symbol("r", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

STEP = Quantity(eta, POSITIVE, PURE, "learning rate")
CLIP = Quantity(c, POSITIVE, LENGTH, "largest trust ratio, for a direction without units")
DIRECTION = Quantity(U, POSITIVE, PURE, "norm of the layer's direction")
LARGEST = Quantity(bound_u, POSITIVE, PURE, "bound on the norm of the direction")
WEIGHTS = Quantity(X, POSITIVE, LENGTH, "norm of the layer")
START = Quantity(R, NONNEGATIVE, LENGTH, "norm of the layer at the start")
OVER = (
    HORIZON,
    STEP,
    CLIP,
    DIRECTION,
    LARGEST,
    WEIGHTS,
    START,
    *(Quantity(x, NONNEGATIVE, LENGTH, "norm of the layer, now or next") for x in (now, later)),
    Quantity(state, REAL, LENGTH, "norm of the layer"),
    Quantity(k, COUNT0, PURE, "steps done"),
)

LENGTH_OF_A_STEP = Claim(
    id="fong2020.step_length",
    says="a layer of LAMBC moves by eta min(||x||, c ||u||): LAMB for small layers, Adam (step eta c) for large ones",
    source="ratelab, own derivation; method as in the authors' code of Fong, Chen, Chen, arXiv 2011.13584",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="length of one layer's step",
    metric_units=LENGTH,
    symbols=(STEP, CLIP, DIRECTION, WEIGHTS),
    assumptions=(),
    bound=eta * sp.Min(X, c * U),
    steps=(
        Identity("below the clip: LAMB, whose step is eta ||x||", eta * (X / U) * U, eta * X, OVER, (X <= c * U,)),
        Identity("above it: Adam's direction with the step eta c", eta * sp.Min(X / U, c) * U, eta * c * U, OVER,
                 (X >= c * U,)),
        Identity("in one", eta * sp.Min(X / U, c) * U, eta * sp.Min(X, c * U), OVER),
    ),
    experiments=runs.lengths(eta * sp.Min(X, c * U)),
    broken_by=runs.lengths_broken(eta * sp.Min(X, c * U)),
)  # fmt: skip

GROWTH = Claim(
    id="fong2020.linear_growth",
    says="the clip turns the geometric growth of a layer's norm under LAMB into linear growth",
    source="ratelab, own derivation; method as in the authors' code of Fong, Chen, Chen, arXiv 2011.13584",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="norm of one layer after T steps",
    metric_units=LENGTH,
    symbols=(HORIZON, STEP, CLIP, LARGEST, START),
    assumptions=(),
    bound=R + eta * c * bound_u * T,
    limits=(Limit("no clip ratio, no motion", c, sp.Integer(0), R),),
    steps=(
        Inequality("a step is no longer than eta c ||u||", eta * sp.Min(X, c * U), "<=", eta * c * bound_u, OVER,
                   (U <= bound_u,)),
        Induction("so after k steps",
                  base=Inequality("one", later, "<=", R + eta * c * bound_u, OVER,
                                  (later <= R + eta * c * U, U <= bound_u)),
                  step=Inequality("one more", later, "<=", R + eta * c * bound_u * (k + 1), OVER,
                                  (later <= now + eta * c * U, U <= bound_u, now <= R + eta * c * bound_u * k))),
        Recursion("the bound is that of a walk straight outwards", state, state + eta * c * bound_u, R, k,
                  R + eta * c * bound_u * k, OVER),
        Identity("after T steps", R + eta * c * bound_u * k, R + eta * c * bound_u * T, OVER, (sp.Eq(k, T),)),
    ),
    experiments=runs.grows(),
    broken_by=runs.grows_broken(),
)  # fmt: skip
