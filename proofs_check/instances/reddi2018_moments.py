"""Experiments for the moment lemma: AMSGrad on the losses of Theorem 1 and section 5, on the line: no move is cut.

There the energy of the moves is the lemma's sum of alpha_t m_t^2 / sqrt(vhat_t). For T = 1 and beta1 = 0 the lemma is
an equation, which intervals cannot decide: the steps looked at begin with 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Constant, InvSqrt
from problems.reddi import ReddiSyntheticOnline

ALPHA = 0.5
PERIOD_3 = ReddiSyntheticOnline(C=3.0, low=-1.0, period=3, projected=False)
RARE = ReddiSyntheticOnline(projected=False)
Numbers = Mapping[str, float | str]


def _energy(extra: Mapping[float, Numbers]) -> tuple[Prediction, ...]:
    """Return AMSGrad on both losses. extra: what the bound needs besides, by the largest gradient G."""
    return tuple(
        Prediction(
            says=f"largest slope {G:g}, betas = ({beta1:g}, {beta2:g})",
            problem=problem,
            optimizer=AMSGrad(lr=InvSqrt(ALPHA), betas=(beta1, beta2)),
            at=(2, 3, 10, 30, 100, 300),
            values={"alpha": ALPHA, "beta1": beta1, "beta2": beta2, **extra[G]},
            metric="step_energy",
        )
        for problem, G, beta1, beta2 in ((PERIOD_3, 3.0, 0.0, 0.5), (RARE, 1010.0, 0.5, 0.9))
    )


def _too_long(run: Prediction) -> tuple[Prediction, ...]:
    """Return steps that do not shrink."""
    method = AMSGrad(lr=Constant(ALPHA), betas=(0.0, 0.5))
    return (replace(run, says="steps alpha instead of alpha/sqrt(t)", optimizer=method, at=(1000,)),)


def moments() -> tuple[Prediction, ...]:
    """Return the runs with S_g as it was on the path."""
    return _energy({G: {"S_g": "grad_path_norm"} for G in (3.0, 1010.0)})


def moments_broken() -> tuple[Prediction, ...]:
    """Return steps that do not shrink."""
    return _too_long(moments()[0])


def bounded() -> tuple[Prediction, ...]:
    """Return the runs with the largest gradient."""
    return _energy({G: {"G": G, "d": 1.0} for G in (3.0, 1010.0)})


def bounded_broken() -> tuple[Prediction, ...]:
    """Return steps that do not shrink."""
    return _too_long(bounded()[0])
