"""LAMB (Y. You et al., ICLR 2020) and LAMBC, which clips its trust ratio (J. Fong, S. Chen, K. Chen, 2020)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import like, norm_sq, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, LENGTH, PER_LENGTH, PURE, ByName


class State(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class _Layered(Optimizer[State]):
    """AdamW's direction u, then dx_t = -lr_t trust(||x_t||, ||u||) u for every layer."""

    kind: ClassVar[Kind] = "layerwise"
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {
        "lr": PURE,
        "eps": GRADIENT,
        "weight_decay": PER_LENGTH,
        "gamma": LENGTH,
        "lower": LENGTH,
        "upper": LENGTH,
    }

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-6
    weight_decay: float = 0.0
    debias: bool = True

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay")

    @abstractmethod
    def trust(self, x_norm: Tensor, u_norm: Tensor) -> Tensor:
        """Return the trust ratio of a layer, `(..., 1)`."""

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        mhat, vhat = (m / (1 - beta1**t), v / (1 - beta2**t)) if self.debias else (m, v)
        u = ratio(mhat, vhat.sqrt() + self.eps) + self.weight_decay * x
        x_norm, u_norm = (norm_sq(a).sqrt().unsqueeze(-1) for a in (x, u))
        return -self.lr(t) * self.trust(x_norm, u_norm) * u, State(m, v)


def _or_one(num: Tensor, den: Tensor) -> Tensor:
    """Return num / den, and 1 where either is 0."""
    known = (num != 0) & (den != 0)
    return torch.where(known, num / torch.where(known, den, 1.0), 1.0)


def _as_optax(o: Any) -> dict[str, float]:
    return {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps, "weight_decay": o.weight_decay}


def _as_torch(o: Any) -> dict[str, object]:
    return {"betas": o.betas, "eps": o.eps, "weight_decay": o.weight_decay}


@dataclass(frozen=True, kw_only=True)
class LAMB(_Layered):
    """u_t = mhat_t / (sqrt(vhat_t) + eps) + weight_decay x_t, dx_t = -lr_t phi(||x_t||) u_t / ||u_t||, layer by layer.

    A step has length lr phi(||x||) whatever the gradients are. phi is the identity, as in the authors' experiments and
    in optax; with `clip` it is the paper's phi(z) = min(max(z, gamma_l), gamma_u). Where phi(||x||) = 0 the paper's
    rule stays at x = 0 for ever: the ratio phi(||x||) / ||u|| is 1 there, as in the libraries.
    """

    name: ClassVar[str] = "lamb"
    source: ClassVar[str] = "You et al., ICLR 2020, arXiv 1904.00962, Algorithm 2"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.lamb", at={"weight_decay": 0.1, "clip": False, "debias": True}, arguments=_as_optax),
        Reference(target="pytorch_optimizer.Lamb", at={"weight_decay": 0.1, "clip": False}, arguments=_as_torch,
                  differs="its v has no bias correction, its ratio an eps and a cap, and it decays x before all norms"),
    )  # fmt: skip

    clip: bool = False
    gamma: tuple[float, float] = (0.0, 10.0)

    def validate(self) -> None:
        super().validate()
        nonnegative(self, "gamma")
        require(self.gamma[0] <= self.gamma[1], self, "gamma", self.gamma, "a pair (lower, upper)")

    def trust(self, x_norm: Tensor, u_norm: Tensor) -> Tensor:
        lower, upper = (like(x_norm, bound) for bound in self.gamma)
        phi = torch.minimum(torch.maximum(x_norm, lower), upper) if self.clip else x_norm
        return _or_one(phi, u_norm)


@dataclass(frozen=True, kw_only=True)
class LAMBC(_Layered):
    """dx_t = -lr_t min(max(||x_t|| / ||u_t||, lower), upper) u_t, with LAMB's u_t, layer by layer.

    So a step is at most lr upper ||u|| long. The authors' code has only the upper bound and no bias correction:
    lower = 0, debias=False. Its experiments use upper = 1, best in their sweep. The ratio is 1, then clipped,
    where either norm is 0.
    """

    name: ClassVar[str] = "lambc"
    source: ClassVar[str] = "Fong, Chen, Chen 2020, arXiv 2011.13584"
    reference: ClassVar[str] = (
        "none: no library has it; lamb where the bounds are wide, and adam without bias correction where they close"
    )

    lower: float = 0.0
    upper: float = 1.0

    def validate(self) -> None:
        super().validate()
        nonnegative(self, "lower", "upper")
        require(self.lower <= self.upper, self, "lower", self.lower, "at most upper")

    def trust(self, x_norm: Tensor, u_norm: Tensor) -> Tensor:
        lower, upper = like(x_norm, self.lower), like(x_norm, self.upper)
        return torch.minimum(torch.maximum(_or_one(x_norm, u_norm), lower), upper)
