"""SGD on noisy quadratics, exactly: any steps, steps that make x a mean, momentum, and averaging.

f = lam x^2 / 2 in one eigendirection of the Hessian, g = lam x + xi with E xi = 0 and a fixed covariance, independent
of x. The heavy ball is x_{k+1} = x_k - a g_k + b (x_k - x_{k-1}); v0 is its stationary variance, v1 the covariance of
two iterates in a row, K = 1 + b - a lam. Averages are of x_0 .. x_{T-1}, with a constant step and q = 1 - a lam.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, FRACTION0, POSITIVE, REAL
from proofs_check.instances.classic_quadratic import (
    any_schedule,
    any_schedule_broken,
    average_exact,
    average_exact_broken,
    average_upper,
    average_upper_broken,
    mean_steps,
    mean_steps_broken,
    settled,
    settled_broken,
)
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Identity, Inequality, LimitStep
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA, STEP, CURVE, SLOPE = Units(X=2), Units(F=-1, X=2), Units(F=1, X=-2), Units(F=1, X=-1)
a, lam, s2, li, lj, c = sp.symbols("a lambda s2 lambda_i lambda_j c", positive=True)
x, y, x0, xi, z, C, P, V, P1, V1 = sp.symbols("x y x0 xi z C P V P_1 V_1", real=True)
m, q, b, v0, v1, re, im, root, K, S, w = sp.symbols("m q b v_0 v_1 re im r K S w", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True, positive=True)

SIZE = Quantity(a, POSITIVE, STEP, "step size")
CURVED = Quantity(lam, POSITIVE, CURVE, "curvature")
NOISE = Quantity(s2, POSITIVE, SQUARED_GRADIENT, "variance of the gradient noise")
START = Quantity(x0, REAL, LENGTH, "start, from the minimiser")
STABLE = Quantity(q, sp.Interval.open(-1, 1), PURE, "1 - a lam")
MOMENTUM = Quantity(b, sp.Interval.open(-1, 1), PURE, "momentum")
WEIGHT = Quantity(c, POSITIVE, PURE, "offset of the steps 1/(lam (k + c)): the weight of the start")
PAIR = (
    *(Quantity(e, REAL, LENGTH, "a coordinate of the start, from the minimiser") for e in (x, y)),
    Quantity(C, REAL, SQUARED_GRADIENT, "covariance of the noise in the two directions"),
    Quantity(P, REAL, PURE, "product of (1 - a_k lam_i)(1 - a_k lam_j) over the steps"),
    Quantity(V, REAL, Units(F=-2, X=4), "sum over the steps of a_k^2 times that product over the later ones"),
)
OVER = (
    HORIZON, SIZE, CURVED, NOISE, START, MOMENTUM, WEIGHT, *PAIR,
    *(Quantity(e, POSITIVE, CURVE, "eigenvalue") for e in (li, lj)),
    *(Quantity(e, REAL, SLOPE, "noise in one direction") for e in (xi, z)),
    Quantity(P1, REAL, PURE, "P one step later"),
    Quantity(V1, REAL, Units(F=-2, X=4), "V one step later"),
    *(Quantity(e, REAL, AREA, "a second moment of the iterates") for e in (m, v0, v1)),
    *(Quantity(e, REAL, PURE, "a root of r^2 - K r + b") for e in (re, im, root)),
    Quantity(K, REAL, PURE, "1 + b - a lam"),
    Quantity(S, REAL, PURE, "sum of (1 - q^m)^2"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(j, COUNT, PURE, "an index"),
)  # fmt: skip
SOURCE = "ratelab, own derivation; classical"
NEXT = (1 - a * li) * (1 - a * lj)

ANY_STEPS = Claim(
    id="classic.sgd_quad_any_schedule",
    says="the covariance of two eigendirections under SGD with any steps: the start's product and the noise's sum",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="E x_i x_j after the steps, from the minimiser",
    metric_units=AREA,
    symbols=PAIR,
    assumptions=(),
    bound=x * y * P + C * V,
    limits=(Limit("independent noise", C, sp.Integer(0), x * y * P),),
    steps=(
        Identity("one step, in expectation linear in x_i x_j and xi_i xi_j", (x - a * (li * x + xi)) * (
            y - a * (lj * y + z)), NEXT * x * y - a * (1 - a * li) * x * z - a * (1 - a * lj) * y * xi + a**2 * xi * z,
                 OVER),
        Induction("the form is kept: P' = P (1 - a lam_i)(1 - a lam_j) and V' = V (1 - a lam_i)(1 - a lam_j) + a^2",
                  base=Identity("no step: P = 1, V = 0", x * y, x * y * 1 + C * V * 0, OVER),
                  step=Identity("one more", NEXT * (x * y * P + C * V) + a**2 * C, x * y * P1 + C * V1, OVER,
                                (sp.Eq(P1, P * NEXT), sp.Eq(V1, V * NEXT + a**2))),
                  conclusion=(m, "==", x * y * P + C * V)),
    ),
    experiments=any_schedule(),
    broken_by=any_schedule_broken(),
)  # fmt: skip

WEIGHTED = (c**2 * x0**2 + k * s2 / lam**2) / (k + c) ** 2

MEAN_STEPS = Claim(
    id="classic.sgd_quad_mean_steps",
    says="with steps 1/(lam (k + c)) x is the mean of the start, with weight c, and of T noisy solutions",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, CURVED, NOISE, START, WEIGHT),
    assumptions=(),
    bound=WEIGHTED.subs(k, T),
    rate=Rate(-sp.Integer(1)),
    limits=(
        Limit("no weight on the start", c, sp.Integer(0), s2 / (lam**2 * T)),
        Limit("no noise", s2, sp.Integer(0), c**2 * x0**2 / (T + c) ** 2),
    ),
    steps=(
        Identity("one step, squared", (x - (lam * x + xi) / (lam * (k + 1 + c))) ** 2,
                 ((k + c) * x - xi / lam) ** 2 / (k + 1 + c) ** 2, OVER),
        Recursion("its expectation, solved", m, ((k + c) ** 2 * m + s2 / lam**2) / (k + 1 + c) ** 2, x0**2, k, WEIGHTED,
                  OVER),
        Identity("after T steps", (c**2 * x0**2 + k * s2 / lam**2) / (k + c) ** 2, WEIGHTED.subs(k, T), OVER,
                 (sp.Eq(k, T),)),
    ),
    experiments=mean_steps(),
    broken_by=mean_steps_broken(),
)  # fmt: skip

STATIONARY = a * s2 * (1 + b) / (lam * (1 - b) * (2 * (1 + b) - a * lam))
IS_STABLE, K_IS = a * lam < 2 * (1 + b), sp.Eq(K, 1 + b - a * lam)

HEAVY_BALL = Claim(
    id="classic.shb_quad_exact",
    says="the variance at which the stochastic heavy ball on a noisy quadratic settles",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="variance of x in the stationary law",
    metric_units=AREA,
    symbols=(SIZE, CURVED, NOISE, MOMENTUM),
    assumptions=(IS_STABLE,),
    bound=STATIONARY,
    limits=(
        Limit("no momentum: plain SGD", b, sp.Integer(0), a * s2 / (lam * (2 - a * lam))),
        Limit("smaller steps settle lower", a, sp.Integer(0), sp.Integer(0)),
    ),
    steps=(
        Identity("one step, squared; x and the one before it have v0, v0 and covariance v1", (
            (1 + b - a * lam) * x - b * y - a * xi) ** 2, (1 + b - a * lam) ** 2 * x**2
            - 2 * b * (1 + b - a * lam) * x * y + b**2 * y**2 + a**2 * xi**2
            - 2 * a * xi * ((1 + b - a * lam) * x - b * y), OVER),
        Identity("v1 = K v0 - b v1 gives v1 = K v0/(1 + b), and the balance of v0 becomes",
                 v0 - K**2 * v0 + 2 * b * K * v1 - b**2 * v0, (1 - b) / (1 + b) * ((1 + b) ** 2 - K**2) * v0, OVER,
                 (sp.Eq(v1, K * v0 / (1 + b)),)),
        Identity("whose factor is", (1 + b) ** 2 - K**2, a * lam * (2 * (1 + b) - a * lam), OVER, (K_IS,)),
        Inequality("a complex root of r^2 - K r + b has |r|^2 = b", re**2 + im**2, "<", sp.Integer(1), OVER,
                   (sp.Eq(re, K / 2), sp.Eq(re**2 - im**2 - K * re + b, 0))),
        Inequality("a real one stays below 1", root, "<", sp.Integer(1), OVER,
                   (sp.Eq(K, 1 + b - a * lam), sp.Eq(root**2 - K * root + b, 0))),
        Inequality("and above -1, so that what is left of the start dies out", root, ">", -sp.Integer(1), OVER,
                   (sp.Eq(K, 1 + b - a * lam), sp.Eq(root**2 - K * root + b, 0), IS_STABLE)),
        LimitStep("for small steps it is the variance of SGD with the step a/(1 - b)", STATIONARY
                  * 2 * lam * (1 - b) / (a * s2), a, sp.Integer(0), sp.Integer(1), OVER),
        Identity("the balance (1-b)/(1+b) a lam (2 (1+b) - a lam) v0 = a^2 s2, solved",
                 a**2 * s2 / ((1 - b) / (1 + b) * a * lam * (2 * (1 + b) - a * lam)), STATIONARY, OVER, (IS_STABLE,)),
    ),
    experiments=settled(),
    broken_by=settled_broken(),
)  # fmt: skip

SPREAD = (T - 1) - 2 * (q - q**T) / (1 - q) + (q**2 - q ** (2 * T)) / (1 - q**2)
AVERAGED = x0**2 * (1 - q**T) ** 2 / (T * (1 - q)) ** 2 + s2 / (lam * T) ** 2 * SPREAD
AVERAGES = (*OVER, STABLE)
PARTS = (
    Recursion("without noise x_k = q^k x_0", x, q * x, x0, k, q**k * x0, AVERAGES),
    SumBound("whose sum is geometric", q**k, k, "==", (1 - q ** (k + 1)) / (1 - q), AVERAGES),
    Identity("the noise of step i enters the sum with -a (1 + q + ... + q^(m-1)), m = T - 1 - i",
             -a * (1 - q**j) / (1 - q), -(1 - q**j) / lam, AVERAGES, (sp.Eq(a, (1 - q) / lam),)),
)  # fmt: skip

AVERAGE = Claim(
    id="classic.pr_average_exact",
    says="the mean square of the average of T iterates of SGD with a constant step on a noisy quadratic",
    source=f"{SOURCE}; the method: Polyak, Juditsky, SIAM J. Control Optim. 30 (1992)",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="E of the squared average of x_0 .. x_{T-1}, from the minimiser",
    metric_units=AREA,
    symbols=(HORIZON, CURVED, NOISE, START, STABLE),
    assumptions=(),
    bound=AVERAGED,
    limits=(
        Limit("one iterate: the start", T, sp.Integer(1), x0**2),
        Limit("no noise", s2, sp.Integer(0), x0**2 * (1 - q**T) ** 2 / (T * (1 - q)) ** 2),
    ),
    steps=(
        *PARTS,
        SumBound("sum of (1 - q^m)^2", (1 - q**j) ** 2, j, "==",
                 j - 2 * q * (1 - q**j) / (1 - q) + q**2 * (1 - q ** (2 * j)) / (1 - q**2), AVERAGES),
        Identity("over m = 1 .. T - 1", j - 2 * q * (1 - q**j) / (1 - q) + q**2 * (1 - q ** (2 * j)) / (1 - q**2),
                 SPREAD.subs(T, j + 1), AVERAGES),
        Identity("bias squared and variance, over T^2", (x0 * (1 - q**T) / (1 - q) / T) ** 2 + s2 / lam**2 * S / T**2,
                 AVERAGED, AVERAGES, (sp.Eq(S, SPREAD),)),
    ),
    experiments=average_exact(lam / 2 * AVERAGED),
    broken_by=average_exact_broken(lam / 2 * AVERAGED),
)  # fmt: skip

SHORT = Quantity(w, FRACTION0, PURE, "1 - a lam")
SIMPLE = s2 / (lam**2 * T) + (x0 / (a * lam * T)) ** 2

AVERAGE_UPPER = Claim(
    id="classic.pr_average_upper",
    says="for steps up to 1/lam the average is no noisier than the mean of T solutions; the start fades like 1/T^2",
    source=f"{SOURCE}; the method: Polyak, Juditsky, SIAM J. Control Optim. 30 (1992)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="E of the squared average of x_0 .. x_{T-1}, from the minimiser",
    metric_units=AREA,
    symbols=(HORIZON, SIZE, CURVED, NOISE, START),
    assumptions=(a * lam <= 1,),
    bound=SIMPLE,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("from the minimiser: the central limit theorem's variance", x0, sp.Integer(0), s2 / (lam**2 * T)),),
    steps=(
        *PARTS,
        Inequality("no noise counts more than once", (1 - w**j) ** 2, "<=", sp.Integer(1), (*OVER, SHORT)),
        Inequality("T - 1 of them", s2 / lam**2 * S / T**2, "<=", s2 / (lam**2 * T), OVER, (S <= T - 1,)),
        Inequality("and the start", (x0 * (1 - w**T) / ((1 - w) * T)) ** 2, "<=", (x0 / ((1 - w) * T)) ** 2,
                   (*OVER, SHORT)),
        Identity("together, 1 - w = a lam", s2 / (lam**2 * T) + (x0 / ((1 - w) * T)) ** 2, SIMPLE, (*OVER, SHORT),
                 (sp.Eq(w, 1 - a * lam),)),
    ),
    experiments=average_upper(lam / 2 * SIMPLE),
    broken_by=average_upper_broken(lam / 2 * SIMPLE),
)  # fmt: skip
