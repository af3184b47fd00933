"""Experiments for RMSProp: with full gradients on x^2/2, and on the n-function, its components shown in turn."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range, Units
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.sampling import Cyclic
from lab.schedules import Constant
from problems.adam_nonconvex import NFunction
from problems.gd_worst_cases import GDQuadratic
from problems.reddi import ReddiStochastic


def full_batch(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return two beta2 on a quadratic, each with the step of its horizon. bound: the claim's, squared."""
    found = []
    for beta2 in (0.1, 0.3):
        for T in (10, 30):
            found.append(
                Prediction(
                    says=f"beta2 = {beta2:g}, T = {T}",
                    problem=GDQuadratic(),
                    optimizer=Adam(lr=Constant(factor / T**0.5), betas=(0.0, beta2), eps=0.0, debias=False),
                    at=(T,),
                    values={"beta2": beta2, "Delta": 0.5, "eta_0": 1.0, "L": 1.0, "d": 1.0},
                    metric="best_grad_norm_sq",
                    bound=bound,
                )
            )
    return tuple(found)


def full_batch_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long, at a horizon at which the bound is below the start."""
    return (replace(full_batch(bound, factor=0.001)[1], at=(1000,)),)


# ------------------------------------------------------------------------------------------------ the n-function

IN_TURN = Cyclic()
PERIODS = 30


def _rmsprop(lr: float, beta2: float) -> Adam:
    return Adam(lr=Constant(lr), betas=(0.0, beta2), eps=0.0, debias=False)


def climbs() -> tuple[Prediction, ...]:
    """Return beta2 just below (a/C)^2, for the paper's slopes n and -1 and for those of the thesis."""
    found = []
    for n, a in ((3, 1.0), (10, 1.0), (4, 1 / 9)):
        large = 1 + (n - 1) * a
        beta2 = 0.99 * (a / large) ** 2
        found.append(
            Prediction(
                says=f"n = {n}, a = {a:.3g}, beta2 = {beta2:.3g}, after each of {PERIODS} periods",
                problem=NFunction(n=n, a=a, order=IN_TURN),
                optimizer=_rmsprop(0.1, beta2),
                at=tuple(n * k for k in range(1, PERIODS + 1)),
                since=0,
                values={"n": float(n), "a": a, "alpha": 0.1, "beta2": beta2},
                metric="iterate",
            )
        )
    return tuple(found)


def climbs_broken() -> tuple[Prediction, ...]:
    """Return beta2 = 0.99 for n = 3, with which x comes down."""
    (run, *_) = climbs()
    return (replace(run, says="n = 3, beta2 = 0.99", optimizer=_rmsprop(0.1, 0.99), at=(3 * PERIODS,)),)


def _period(says: str, n: int, beta2: float) -> Prediction:
    """Return one period's displacement on the linear part, once beta2^t has died out: it must not be above 0."""
    forgotten = n * (1 + int(40 / (1 - beta2) / n))
    return Prediction(
        says=says,
        problem=NFunction(n=n, a=1.0, x1=50.0, order=IN_TURN),
        optimizer=_rmsprop(1e-3, beta2),
        at=(forgotten + n,),
        since=forgotten,
        values={"n": float(n), "a": 1.0},
        metric="iterate",
        relation="<=",
        bound=sp.Integer(0),
    )


def comes_down() -> tuple[Prediction, ...]:
    """Return beta2 at the claim's bound (1 - 1/((n-1) C))^2, C = n: a settled period moves x downhill."""
    bounds = ((n, (1 - 1 / ((n - 1) * n)) ** 2) for n in (3, 5, 10))
    return tuple(_period(f"n = {n}, beta2 = {beta2:.4g}, the bound", n, beta2) for n, beta2 in bounds)


def comes_down_broken() -> tuple[Prediction, ...]:
    """Return beta2 below the threshold 0.9554 of small steps."""
    return (_period("n = 10, beta2 = 0.94", 10, 0.94),)


# ------------------------------------------------------------------------------------------------- affine variance

N = sp.Symbol("n", integer=True, positive=True)
SEEDS = 1 << 15


def _noise(says: str, problem: Problem, values: dict[str, float], D1: sp.Expr) -> Prediction:
    """Return E (g - f')^2 at the start, where n f' = 1: of n components it is D1 f'^2/n - f'^2."""
    n = values["n"]
    largest = 1 + (n - 1) * values.get("a", 1.0)
    return Prediction(
        says=says,
        problem=problem,
        optimizer=SGD(lr=Constant(0.0)),
        at=(1,),
        values=values,
        metric="noise_sq",
        bound=(D1 / N - 1) / N**2,
        ones=Units(F=2, X=-2),
        seeds=SEEDS,
        certified=Range(lambda t: 0.0, lambda t: (largest - 1 / n) ** 2, "the slopes are 1 + (n-1) a and -a"),
    )


def noise(D1: sp.Expr) -> tuple[Prediction, ...]:
    """Return a component at random, for the paper's slopes n and -1 and for those of the thesis."""
    return tuple(
        _noise(f"n = {n}, a = {a:.3g}", NFunction(n=n, a=a), {"n": float(n), "a": a}, D1)
        for n, a in ((3, 1.0), (10, 1.0), (4, 1 / 9))
    )


def noise_broken(D1: sp.Expr) -> tuple[Prediction, ...]:
    """Return smaller slopes than are stated."""
    return (replace(noise(D1)[0], says="a = 3/4, stated as 1", problem=NFunction(n=3, a=0.75)),)


def reddi_noise(D1: sp.Expr) -> tuple[Prediction, ...]:
    """Return the slope n with probability 1/n, else -1."""
    return tuple(_noise(f"n = {n}", ReddiStochastic(C=float(n), delta=1 / n), {"n": float(n)}, D1) for n in (3, 10))


def reddi_noise_broken(D1: sp.Expr) -> tuple[Prediction, ...]:
    """Return the large slope with probability 2/5 in place of 1/3."""
    return (replace(reddi_noise(D1)[0], says="the slope 3 too often", problem=ReddiStochastic(C=3.0, delta=0.6)),)
