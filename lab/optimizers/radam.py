"""Rectified Adam (L. Liu et al., ICLR 2020): the paper's rule, and those of torch, optax and pytorch_optimizer."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.linalg import factor, like, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import ByName

SOURCE = "Liu et al., ICLR 2020, arXiv 1908.03265, Algorithm 2"


def _as_optax(o: Any) -> dict[str, float]:
    return {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps}


class State(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class _Rectified(Optimizer[State]):
    """What the four versions share; each says when it rectifies, what it does before, and what eps is added to."""

    kind: ClassVar[Kind] = "coordinatewise"
    eps_on_vhat: ClassVar[bool]
    moves_before: ClassVar[bool] = True
    units: ClassVar[ByName] = {"lr": None}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8

    @abstractmethod
    def rectifies(self, rho: Tensor) -> Tensor:
        """Tell whether the variance of 1 / sqrt(vhat) is taken for tractable at the length rho of the average."""

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        mhat = m / (1 - beta1**t)
        r, rectifies = self._rectification(like(t, beta2).double(), t)
        before = mhat if self.moves_before else torch.zeros_like(mhat)
        return -self.lr(t) * torch.where(rectifies, r.to(g.dtype) * ratio(mhat, self._root(v, t)), before), State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        r, rectifies = self._rectification(like(t, self.betas[1]).double(), t)
        rectified = r.to(state.v.dtype) * factor(state.m, self._root(state.v, t))
        before = 1.0 if self.moves_before else 0.0
        return self.lr(t) / (1 - self.betas[0] ** t) * torch.where(rectifies, rectified, before)

    def _root(self, v: Points, t: Step) -> Points:
        c2 = 1 - self.betas[1] ** t
        return (v / c2).sqrt() + self.eps if self.eps_on_vhat else (v.sqrt() + self.eps) / c2.sqrt()

    def _rectification(self, beta2: Tensor, t: Step) -> tuple[Tensor, Tensor]:
        """Return r_t, and whether step t is rectified; in float64, since rho_t loses the digits of 1 / (1 - beta2)."""
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        rectifies = self.rectifies(rho)  # only if rho_inf > rho > 4, so that r is the root of a positive number
        den = torch.where(rectifies, (rho_inf - 4) * (rho_inf - 2) * rho, 1.0)
        return torch.where(rectifies, (rho - 4) * (rho - 2) * rho_inf / den, 1.0).sqrt(), rectifies


@dataclass(frozen=True, kw_only=True)
class RAdam(_Rectified):
    """dx_t = -lr_t r_t mhat_t / (sqrt(vhat_t) + eps) where rho_t > 4, else -lr_t mhat_t.

    rho_inf = 2 / (1 - beta2) - 1, rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t), and
    r_t^2 = (rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t). The paper's threshold: with beta2 from
    0.9 to 0.9999 step 5 is the first that is rectified (step 6 in the libraries). If beta2 <= 0.6, no step ever is.
    The steps before have the gradients' unit, those after do not: no scale invariance, whatever eps is. The paper has
    no eps; here it is compared with sqrt(vhat), a gradient.
    """

    name: ClassVar[str] = "radam"
    source: ClassVar[str] = SOURCE
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.radam", arguments=lambda o: _as_optax(o) | {"threshold": 4.0}),
        Reference(target="optax.radam", arguments=_as_optax, differs="its threshold is 5: step 5 is not rectified"),
        Reference(target="torch.optim.RAdam", differs="its threshold is 5, and eps is added to the uncorrected root"),
    )
    eps_on_vhat: ClassVar[bool] = True

    def rectifies(self, rho: Tensor) -> Tensor:
        return rho > 4


@dataclass(frozen=True, kw_only=True)
class RAdamTorch(_Rectified):
    """dx_t = -lr_t r_t sqrt(1 - beta2^t) mhat_t / (sqrt(v_t) + eps) where rho_t > 5, else -lr_t mhat_t.

    `radam` with torch's threshold; eps is compared with the uncorrected sqrt(v): early on it is up to
    1 / sqrt(1 - beta2) times what it is in `radam`.
    """

    name: ClassVar[str] = "radam_torch"
    source: ClassVar[str] = f"{SOURCE}; torch.optim.RAdam"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.RAdam"),
        Reference(
            target="pytorch_optimizer.RAdam",
            arguments=lambda o: {"betas": o.betas, "eps": o.eps, "degenerated_to_sgd": True},
        ),
        Reference(target="pytorch_optimizer.RAdam", differs="it does not move before step 6"),
    )
    eps_on_vhat: ClassVar[bool] = False

    def rectifies(self, rho: Tensor) -> Tensor:
        return rho > 5


@dataclass(frozen=True, kw_only=True)
class RAdamSkip(_Rectified):
    """dx_t = -lr_t r_t sqrt(1 - beta2^t) mhat_t / (sqrt(v_t) + eps) where rho_t >= 5, else 0.

    The default of the authors' code and of pytorch_optimizer: the first five gradients are averaged without a move.
    If beta2 <= 2/3, rho_t never reaches 5 and it does not move at all. eps is compared with the uncorrected sqrt(v).
    """

    name: ClassVar[str] = "radam_skip"
    source: ClassVar[str] = f"{SOURCE}; the authors' code github.com/LiyuanLucasLiu/RAdam, degenerated_to_sgd=False"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.RAdam"),
        Reference(target="torch.optim.RAdam", differs="its first five steps are mhat"),
    )
    homogeneity: ClassVar[float] = 0
    eps_on_vhat: ClassVar[bool] = False
    moves_before: ClassVar[bool] = False

    def rectifies(self, rho: Tensor) -> Tensor:
        return rho >= 5


@dataclass(frozen=True, kw_only=True)
class RAdamOptax(_Rectified):
    """dx_t = -lr_t r_t mhat_t / (sqrt(vhat_t) + eps) where rho_t >= 5, else -lr_t mhat_t.

    `radam` with optax's threshold; eps is compared with sqrt(vhat), a gradient.
    """

    name: ClassVar[str] = "radam_optax"
    source: ClassVar[str] = f"{SOURCE}; optax.radam"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.radam", arguments=_as_optax),
        Reference(
            target="torch.optim.RAdam",
            at={"eps": 1e-4},
            arguments=lambda o: {"betas": o.betas, "eps": o.eps},
            differs="it adds eps to the uncorrected root",
        ),
    )
    eps_on_vhat: ClassVar[bool] = True

    def rectifies(self, rho: Tensor) -> Tensor:
        return rho >= 5
