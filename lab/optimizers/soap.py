"""SOAP: Adam in the eigenbasis of Shampoo (N. Vyas et al., ICLR 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import eigh, identity, matmul, orthonormal, ratio, transpose
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, PURE, ByName


class State(NamedTuple):
    """Running means of g g^T and g^T g, their bases, the running mean of g, and that of g^2 in the bases."""

    L: Tensor
    R: Tensor
    Q_L: Tensor
    Q_R: Tensor
    m: Points
    v: Points


def _as_po(o: Any) -> dict[str, object]:
    names = ("betas", "shampoo_beta", "eps", "weight_decay", "precondition_frequency")
    return {name: getattr(o, name) for name in names}


def _iterate(A: Tensor, Q: Tensor) -> tuple[Tensor, Tensor]:
    """Return the basis after one power iteration, its columns sorted by estimated eigenvalue, and that order."""
    AQ = matmul(A, Q)
    order = torch.argsort((Q * AQ).sum(-2), dim=-1, descending=True, stable=True)
    return orthonormal(torch.take_along_dim(AQ, order.unsqueeze(-2), -1)), order


@dataclass(frozen=True, kw_only=True)
class SOAP(Optimizer[State]):
    """dx_t = -lr_t Q_L [Q_L^T mhat_t Q_R / (sqrt(vhat_t) + eps)] Q_R^T, v_t the running mean of (Q_L^T g_t Q_R)^2.

    In the order of the authors' code: step 1 finds the bases Q_L, Q_R as eigenvectors of L and R, the running means of
    g g^T and g^T g, and does not move x; t - 1 steps enter the bias corrections; x decays after its step; then L and R
    take g in, and every precondition_frequency-th time one power iteration with QR turns the bases, whose columns are
    sorted anew. v is permuted with them but not rotated. sqrt(vhat) + eps is (sqrt(v) + eps) / sqrt(1 - beta2^(t-1)),
    so that early on eps counts for more than in Adam.

    A vector (one column) keeps its basis, by the authors' default, and this is AdamW from step 2 on: its L has rank
    1 at first, which would leave the rest of a basis to chance.
    """

    name: ClassVar[str] = "soap"
    source: ClassVar[str] = "Vyas et al., ICLR 2025, arXiv 2409.11321, Algorithm 3, in the order of the authors' code"
    kind: ClassVar[Kind] = "matrix"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.SOAP", at={"precondition_frequency": 1000}, arguments=_as_po,
                  layers=((4, 3), (5,))),
        Reference(target="pytorch_optimizer.SOAP", arguments=_as_po, at={"precondition_frequency": 10},
                  layers=((4, 3), (5,)), tolerance=1e-6, says="it runs QR in float32"),
    )  # fmt: skip
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"shampoo_beta": PURE, "eps": GRADIENT, "weight_decay": PER_LENGTH}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(3e-3)
    betas: tuple[float, float] = (0.95, 0.95)
    shampoo_beta: float = 0.95
    eps: float = 1e-8
    weight_decay: float = 1e-2
    precondition_frequency: int = 10

    def validate(self) -> None:
        fractions(self, "betas", "shampoo_beta")
        nonnegative(self, "eps", "weight_decay")
        every = self.precondition_frequency
        require(every >= 1, self, "precondition_frequency", every, "an integer >= 1")

    def init(self, x: Points) -> State:
        left, right = torch.zeros_like(x[..., :1]), torch.zeros_like(x[..., :1, :])
        I_L, I_R = left + identity(x, -2), right + identity(x, -1)
        return State(0.0 * I_L, 0.0 * I_R, I_L, I_R, torch.zeros_like(x), torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        _, _, Q_L, Q_R, m, v = state
        beta1, beta2 = self.betas
        first, k = t == 1, torch.clamp(t - 1, min=1)
        h = matmul(matmul(transpose(Q_L), g), Q_R)
        m = torch.where(first, m, beta1 * m + (1 - beta1) * g)
        v = torch.where(first, v, beta2 * v + (1 - beta2) * h.square())
        n = matmul(matmul(transpose(Q_L), m), Q_R)
        lr = self.lr(t) * (1 - beta2**k).sqrt() / (1 - beta1**k)
        moved = -lr * matmul(matmul(Q_L, ratio(n, v.sqrt() + self.eps)), transpose(Q_R))
        dx = moved - self.lr(t) * self.weight_decay * (x + moved)
        return torch.where(first, 0.0 * dx, dx), self.turn(g, State(state.L, state.R, Q_L, Q_R, m, v), t)

    def turn(self, g: Points, state: State, t: Step) -> State:
        """Return the state after g has entered L and R, with the bases of the next step."""
        s = self.shampoo_beta
        L = s * state.L + (1 - s) * matmul(g, transpose(g))
        R = s * state.R + (1 - s) * matmul(transpose(g), g)
        if g.shape[-1] == 1:
            return state._replace(L=L, R=R)
        first, due = t == 1, (t - 1) % self.precondition_frequency == 0
        (Q_L, rows), (Q_R, columns) = _iterate(L, state.Q_L), _iterate(R, state.Q_R)
        v = torch.take_along_dim(state.v, rows.unsqueeze(-1), -2)
        v = torch.take_along_dim(v, columns.unsqueeze(-2), -1)
        Q_L, Q_R = torch.where(due, Q_L, state.Q_L), torch.where(due, Q_R, state.Q_R)
        Q_L, Q_R = torch.where(first, eigh(L)[1].flip(-1), Q_L), torch.where(first, eigh(R)[1].flip(-1), Q_R)
        return State(L, R, Q_L, Q_R, state.m, torch.where(due, v, state.v))
