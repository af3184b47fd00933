"""NovoGrad (B. Ginsburg et al., 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, norm_sq, ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, ByName


class State(NamedTuple):
    """Momentum of the layer's normalized gradients, and the running mean of ||g||^2 `(..., 1)`."""

    m: Points
    v: Points


def _as_po(novograd: NovoGrad) -> dict[str, object]:
    names = ("betas", "eps", "weight_decay", "grad_averaging")
    return {name: getattr(novograd, name) for name in names} | {"weight_decouple": False}


def _as_optax(novograd: NovoGrad) -> dict[str, float]:
    beta1, beta2 = novograd.betas
    return {"b1": beta1, "b2": beta2, "eps": novograd.eps, "weight_decay": novograd.weight_decay}


@dataclass(frozen=True, kw_only=True)
class NovoGrad(Optimizer[State]):
    """m_t = beta1 m_{t-1} + g_t / (sqrt(v_t) + eps) + weight_decay x_t, dx_t = -lr_t m_t.

    v_t = beta2 v_{t-1} + (1-beta2) ||g_t||^2 with the layer's norm, v_1 = ||g_1||^2; there is no bias correction. The
    new term enters m without the factor 1 - beta1, so that a constant gradient gives steps of length lr / (1 - beta1)
    in the end; `grad_averaging` puts the factor in, from step 2 on. eps is compared with the norm of a whole layer.
    The authors' framework (OpenSeq2Seq) has sqrt(v + eps) instead, and starts v anew wherever it is 0.
    """

    name: ClassVar[str] = "novograd"
    source: ClassVar[str] = "Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1"
    kind: ClassVar[Kind] = "layerwise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.NovoGrad", at={"weight_decay": 0.1, "grad_averaging": False},
                  arguments=_as_po),
        Reference(target="pytorch_optimizer.NovoGrad", at={"weight_decay": 0.1, "grad_averaging": True},
                  arguments=_as_po),
        Reference(target="optax.novograd", at={"weight_decay": 0.1, "grad_averaging": False}, arguments=_as_optax),
    )  # fmt: skip
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT, "weight_decay": PER_LENGTH}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.95, 0.98)
    eps: float = 1e-8
    weight_decay: float = 0.0
    grad_averaging: bool = False

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x[..., :1]))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2 = self.betas
        length = norm_sq(g).unsqueeze(-1)
        v = torch.where(t == 1, length, beta2 * state.v + (1 - beta2) * length)
        u = ratio(g, v.sqrt() + self.eps) + self.weight_decay * x
        share = 1 - beta1 if self.grad_averaging else 1.0
        m = torch.where(t == 1, u, beta1 * state.m + share * u)
        return -self.lr(t) * m, State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the factor of g_t, one for the layer; earlier gradients in m keep those of their own steps."""
        return self.lr(t) * factor(state.v, state.v.sqrt() + self.eps)
