"""Padam, partially adaptive momentum (J. Chen et al., IJCAI 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, ByName


class State(NamedTuple):
    """Running means of g and of g * g, and the largest v so far."""

    m: Points
    v: Points
    vhat: Points


def _as_po(padam: PAdam) -> dict[str, Any]:
    return {"betas": padam.betas, "eps": padam.eps, "partial": padam.partial}


PO = {"partial": 0.25, "debias": True}  # pytorch_optimizer refuses partial = 0 and always corrects the bias


@dataclass(frozen=True, kw_only=True)
class PAdam(Optimizer[State]):
    """vhat_t = max(vhat_{t-1}, v_t), dx_t = -lr_t (sqrt(1 - beta2^t) / (1 - beta1^t)) m_t / (sqrt(vhat_t) + eps)^(2p).

    p = partial, from 0 (momentum) to 1/2 (AMSGrad): steps have degree 1 - 2p in the gradients, so the unit of lr
    depends on p. This is the authors' code, with their default p; its bias correction is that of Adam's step size and
    not raised to 2p, and stands outside the maximum. Without it (debias=False) it is the paper's algorithm. eps is
    compared with |g|. amsgrad=False leaves out the maximum, as pytorch_optimizer does.
    """

    name: ClassVar[str] = "padam"
    source: ClassVar[str] = "Chen et al., IJCAI 2020, arXiv 1806.06763, Algorithm 1; uclaml/Padam"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.PAdam", arguments=_as_po, at=PO | {"amsgrad": False}),
        Reference(
            target="pytorch_optimizer.PAdam",
            arguments=_as_po,
            at=PO | {"amsgrad": True},
            differs="it does not take the largest v",
        ),
        Reference(
            target="torch.optim.Adam",
            arguments=lambda o: {"betas": o.betas, "eps": 0.0, "amsgrad": True},
            at={"partial": 0.5, "eps": 0.0, "amsgrad": True, "debias": True},
        ),
    )
    units: ClassVar[ByName] = {"partial": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(0.1)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    partial: float = 0.25
    amsgrad: bool = True
    debias: bool = True

    @property
    def homogeneity(self) -> float:  # type: ignore[override]
        """Return 1 - 2p."""
        return 1 - 2 * self.partial

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")
        require(0 <= self.partial <= 0.5, self, "partial", self.partial, "in [0, 1/2]")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x), vhat=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        vhat = torch.maximum(state.vhat, v) if self.amsgrad else v
        return -self._alpha(t) * ratio(m, self._root(vhat)), State(m, v, vhat)

    def effective_step(self, state: State, t: Step) -> Points:
        return self._alpha(t) * factor(state.m, self._root(state.vhat))

    def _alpha(self, t: Step) -> Tensor:
        beta1, beta2 = self.betas
        return self.lr(t) * (1 - beta2**t).sqrt() / (1 - beta1**t) if self.debias else self.lr(t)

    def _root(self, vhat: Points) -> Points:
        return (vhat.sqrt() + self.eps) ** (2 * self.partial)

    def metric(self, state: State) -> Points:
        return state.vhat**self.partial
