"""Experiments for the drift law of Adam under periodic linear losses."""

from __future__ import annotations

from typing import Literal

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Constant, InvSqrt
from problems.reddi import ReddiSyntheticOnline
from proofs_check.symbols import r

SETTINGS = (  # (C, low, period, beta1, beta2): DR < 0 in the first three, > 0 in the last two
    (1010.0, -10.0, 101, 0.9, 0.99),
    (1010.0, -10.0, 101, 0.9, 0.9),
    (10.0, -1.0, 10, 0.0, 0.9),
    (10.0, -1.0, 10, 0.0, 0.99),
    (6.0, -1.0, 6, 0.0, 0.9),
)
ALPHA = 1e-3


def _losses(C: float, low: float, n: int, *, projected: bool) -> ReddiSyntheticOnline:
    return ReddiSyntheticOnline(C=C, low=low, period=n, projected=projected)


def _values(C: float, low: float, n: int, beta1: float, beta2: float) -> dict[str, float | str]:
    return {"C": C, "low": -low, "n": float(n), "alpha": ALPHA, "beta1": beta1, "beta2": beta2}


def law() -> tuple[Prediction, ...]:
    """Return one period's displacement, once beta2^t has died out, against -alpha DR; and the end that x goes to."""
    found = []
    for C, low, n, beta1, beta2 in SETTINGS:
        forgotten = n * (1 + int(40 / (1 - max(beta1, beta2)) / n))  # beta^t < e^-40
        found.append(
            Prediction(
                says=f"one period's displacement: n = {n}, betas = ({beta1:g}, {beta2:g})",
                problem=_losses(C, low, n, projected=False),
                optimizer=Adam(lr=Constant(ALPHA), betas=(beta1, beta2), eps=0.0, debias=False),
                at=(forgotten + n,),
                since=forgotten,
                values=_values(C, low, n, beta1, beta2),
                tolerance=1e-6,
            )
        )
    return (*found, *_ends())


def _ends() -> tuple[Prediction, ...]:
    """Return the end of the box that the sign of DR foretells."""
    cases: tuple[tuple[float, Literal["<=", ">="], float], ...] = ((0.9, ">=", 0.9), (0.99, "<=", -0.9))
    return tuple(
        Prediction(
            says=f"the end of the box: C = n = 10, beta2 = {beta2:g}, x {relation} {end:g}",
            problem=_losses(10.0, -1.0, 10, projected=True),
            optimizer=Adam(lr=InvSqrt(0.5), betas=(0.0, beta2), eps=0.0, debias=False),
            at=(10_000,),
            values={},
            metric="iterate",
            relation=relation,
            bound=sp.Rational(str(end)) * r,
        )
        for beta2, relation, end in cases
    )


def law_broken() -> tuple[Prediction, ...]:
    """Return AMSGrad, which never forgets the large gradient and so moves by another amount, the other way."""
    C, low, n, beta1, beta2 = SETTINGS[0]
    amsgrad = Prediction(
        says="AMSGrad on the same losses",
        problem=_losses(C, low, n, projected=False),
        optimizer=AMSGrad(lr=Constant(ALPHA), betas=(beta1, beta2)),
        at=(4141,),
        since=4040,
        values=_values(C, low, n, beta1, beta2),
        tolerance=1e-6,
    )
    return (amsgrad,)
