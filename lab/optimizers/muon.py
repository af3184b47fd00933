"""Muon: momentum made orthogonal (K. Jordan et al., 2024), and the same with the exact polar factor."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.linalg import frobenius, like, matmul, ratio, svd, transpose
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, ByName

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class State(NamedTuple):
    """The running mean of g."""

    m: Points


@dataclass(frozen=True, kw_only=True)
class _Orthogonal(Optimizer[State]):
    """dx_t = -lr_t (max(1, rows/columns)^1/2 O(u_t) + weight_decay x_t), u_t the (Nesterov) momentum."""

    kind: ClassVar[Kind] = "matrix"
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT, "weight_decay": PER_LENGTH}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(2e-2)
    momentum: float = 0.95
    nesterov: bool = True
    debias: bool = False
    weight_decay: float = 0.0

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "weight_decay")

    @abstractmethod
    def orthogonal(self, u: Tensor) -> Tensor:
        """Return O(u), the matrix with u's singular vectors and singular values near 1."""

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        mu = self.momentum
        m = mu * state.m + (1 - mu) * g
        c_next, c = (1 - mu ** (t + 1), 1 - mu**t) if self.debias else (1.0, 1.0)
        u = mu * (m / c_next) + (1 - mu) * (g / c) if self.nesterov else m
        rows, columns = x.shape[-2:]
        factor = math.sqrt(max(1.0, rows / columns))
        return -self.lr(t) * (factor * self.orthogonal(u) + self.weight_decay * x), State(m)


def _as_torch(o: Any) -> dict[str, object]:
    names = ("momentum", "nesterov", "weight_decay", "eps")
    return {name: getattr(o, name) for name in names}


def _as_po(o: Any) -> dict[str, object]:
    return {"momentum": o.momentum, "nesterov": o.nesterov, "weight_decay": o.weight_decay}


def _as_optax(o: Any) -> dict[str, object]:
    return {"beta": o.momentum, "nesterov": o.nesterov, "weight_decay": o.weight_decay, "eps": o.eps}


BFLOAT16 = "its Newton-Schulz iteration runs in bfloat16, whose unit is 4e-3"


@dataclass(frozen=True, kw_only=True)
class Muon(_Orthogonal):
    """m_t = mu m_{t-1} + (1-mu) g_t, dx_t = -lr_t sqrt(max(1, rows/columns)) NS_5((1-mu) g_t + mu m_t).

    NS_5 scales its matrix to Frobenius norm 1 and takes five steps X <- a X + (b A + c A^2) X, A = X X^T, with
    (a, b, c) = (3.4445, -4.7750, 2.0315), in the run's precision. It does not converge to the polar factor U V^T:
    singular values above 3e-3 of the norm end in [0.681, 1.203], much smaller ones below that, zeros at 0. eps is
    compared with the Frobenius norm of u. A vector is one column; its step has length lr sqrt(n) NS_5(1).

    debias=True is optax: u = (1-mu) g / (1 - mu^t) + mu m / (1 - mu^(t+1)). Its factor is sqrt(max(1, columns/rows)),
    since it keeps matrices transposed.
    """

    name: ClassVar[str] = "muon"
    source: ClassVar[str] = "Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Muon", at={"debias": False, "weight_decay": 0.1, "eps": 1e-7},
                  arguments=_as_torch, steps=40, tolerance=1e-2, says=BFLOAT16),
        Reference(target="pytorch_optimizer.Muon", at={"debias": False, "weight_decay": 0.1, "eps": 1e-7},
                  arguments=_as_po, group={"use_muon": True}, steps=40, tolerance=1e-2,
                  says=BFLOAT16),
        Reference(target="optax.contrib.muon", at={"debias": True, "weight_decay": 0.1, "eps": 0.0},
                  arguments=_as_optax, layers=((3, 3),)),
        Reference(target="optax.contrib.muon", at={"debias": False, "weight_decay": 0.1, "eps": 0.0},
                  arguments=_as_optax,
                  differs="it corrects the bias of the momentum, and its factor is for transposed matrices"),
    )  # fmt: skip

    eps: float = 1e-7

    def validate(self) -> None:
        super().validate()
        nonnegative(self, "eps")

    def orthogonal(self, u: Tensor) -> Tensor:
        a, b, c = NEWTON_SCHULZ
        X = ratio(u, torch.maximum(frobenius(u), like(u, self.eps)))
        wide = u.shape[-2] <= u.shape[-1]
        X = X if wide else transpose(X)
        for _ in range(5):
            A = matmul(X, transpose(X))
            X = a * X + matmul(b * A + c * matmul(A, A), X)
        return X if wide else transpose(X)


@dataclass(frozen=True, kw_only=True)
class MuonPolar(_Orthogonal):
    """m_t = mu m_{t-1} + (1-mu) g_t, u = (1-mu) g_t + mu m_t = U S V^T, dx_t = -lr_t sqrt(max(1, rows/columns)) U V^T.

    What Muon's iteration stands for: steepest descent in the spectral norm. Singular values below rounding,
    max(rows, columns) eps_machine times the largest, count as 0 and get no step. A vector is one column, so that
    this is normalized gradient descent with momentum and steps of length lr sqrt(n).
    """

    name: ClassVar[str] = "muon_polar"
    source: ClassVar[str] = "Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/, without the iteration"
    reference: ClassVar[str] = (
        "none: no library has it; u (u^T u)^(-1/2), and Muon's step with singular values mapped to 1"
    )

    def orthogonal(self, u: Tensor) -> Tensor:
        U, S, Vt = svd(u)
        rounding = max(u.shape[-2:]) * torch.finfo(u.dtype).eps * S[..., :1]
        ones = torch.where(S > rounding, 1.0, 0.0 * S)
        return matmul(U * ones.unsqueeze(-2), Vt)
