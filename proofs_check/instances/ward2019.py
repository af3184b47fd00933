"""Experiments for AdaGrad-Norm: x^2/2 with and without enough b_0, and a Huber function with a coin's noise."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.noise import TwoPoint
from lab.optimizers.adagrad_norm import AdaGradNorm
from lab.schedules import Constant
from lab.wrappers import AddNoise
from problems.adam_nonconvex import ChenHuber
from problems.gd_worst_cases import GDQuadratic

SIGMA, DELTA, T = 0.1, 0.5, 4000


def _descent(b0: float, at: tuple[int, ...]) -> tuple[Prediction, ...]:
    run = Prediction(
        says=f"b_0 = {b0:g} on x^2/2, eta = 1",
        problem=GDQuadratic(),
        optimizer=AdaGradNorm(lr=Constant(1.0), b0=b0),
        at=at,
        values={"Delta": 0.5, "eta": 1.0, "b_0": b0, "L": 1.0},
        metric="best_grad_norm_sq",
    )
    return (run,)


def _still(run: Prediction) -> tuple[Prediction, ...]:
    """Return steps a millionth as long, at the last horizon."""
    method = AdaGradNorm(lr=Constant(1e-6), b0=float(run.values["b_0"]))
    return (replace(run, says="steps a millionth as long", optimizer=method, at=(max(run.at),)),)


def large_b0() -> tuple[Prediction, ...]:
    """Return b_0 at its smallest, eta L."""
    return _descent(1.0, (1, 2, 3, 5, 10, 20, 50))


def large_b0_broken() -> tuple[Prediction, ...]:
    """Return steps a millionth as long."""
    return _still(large_b0()[0])


def small_b0() -> tuple[Prediction, ...]:
    """Return b_0 a tenth and a thousandth of eta L."""
    return tuple(p for b0 in (0.1, 1e-3) for p in _descent(b0, (1, 2, 3, 5, 10, 20, 50, 100, 200)))


def small_b0_broken() -> tuple[Prediction, ...]:
    """Return steps a millionth as long."""
    return _still(small_b0()[0])


def stochastic() -> tuple[Prediction, ...]:
    """Return noise of 0.1 or -0.1 on a function of slope at most 1: with the probability of the theorem, one half."""
    run = Prediction(
        says="noise +-0.1, delta = 1/2",
        problem=AddNoise(inner=ChenHuber(L=1.0, b=1.0, x1=1.0), law=TwoPoint(p=0.5, high=SIGMA)),
        optimizer=AdaGradNorm(lr=Constant(1.0), b0=1.0),
        at=(T,),
        values={"Delta": 0.5, "eta": 1.0, "b_0": 1.0, "L": 1.0, "sigma": SIGMA, "gamma": 1.0, "delta": DELTA},
        metric="best_grad_norm_sq",
        seeds=64,
        probability=DELTA,
    )
    return (run,)


def stochastic_broken() -> tuple[Prediction, ...]:
    """Return steps a millionth as long."""
    return _still(stochastic()[0])
