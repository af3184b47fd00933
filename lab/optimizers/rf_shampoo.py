"""Root-free Shampoo and its form without inverses (W. Lin et al., ICML 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.linalg import frobenius, identity, matmul, power, trace, transpose
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import ByName

SOURCE = "Lin, Dangel, Eschenhagen, Bae, Turner, Makhzani, ICML 2024, arXiv 2402.03496"


def _eyes(x: Points) -> tuple[Tensor, Tensor]:
    """Return the identities of both sides for every trajectory."""
    return torch.zeros_like(x[..., :1]) + identity(x, -2), torch.zeros_like(x[..., :1, :]) + identity(x, -1)


def _sides(x: Points) -> tuple[bool, bool]:
    """Tell which sides have a factor: those longer than 1, as the authors' code squeezes; of a scalar the first."""
    rows, columns = x.shape[-2:]
    return rows > 1 or columns == 1, columns > 1


@dataclass(frozen=True, kw_only=True)
class _RootFree:
    """The hyperparameters that both forms share."""

    lr: Schedule = Constant(1e-3)
    momentum: float = 0.9
    beta2: float = 1e-2
    damping: float = 1e-3
    batch_size: float = 1.0
    weight_decay: float = 0.0

    def check(self) -> None:
        fractions(self, "momentum", "beta2")
        nonnegative(self, "damping", "weight_decay")
        positive(self, "batch_size")


class Inverses(NamedTuple):
    """P_i = S_i^-1, the S_i themselves, and the momentum buffer."""

    P_1: Tensor
    P_2: Tensor
    S_1: Tensor
    S_2: Tensor
    b: Points


@dataclass(frozen=True, kw_only=True)
class RFShampoo(_RootFree, Optimizer[Inverses]):
    """b_t = momentum b_{t-1} + S_1 g_t S_2 + weight_decay x_t, dx_t = -lr_t b_t.

    S_1^-1 <- (1-beta2) S_1^-1 + beta2 [(B/d_2) g S_2 g^T + (damping/d_2) tr(S_2) I], S_2^-1 likewise with g^T S_1 g and
    d_1, both from the old factors, which start at I. B = batch_size, the number of terms of which the loss is the
    mean. No root is taken: with damping = 0 the steps have degree -1 in the gradients and the start taken together,
    and a start I in other units than theirs is forgotten at the rate beta2. A side of length 1 keeps its factor at 1.

    The rule is what if_shampoo without Riemannian momentum is to first order in beta2; the paper's own box of it was
    not seen.
    """

    name: ClassVar[str] = "rf_shampoo"
    source: ClassVar[str] = f"{SOURCE}, derived from the inverse-free form"
    kind: ClassVar[Kind] = "matrix"
    reference: ClassVar[str] = "none: no library has it; its first step by hand, and if_shampoo to first order in beta2"
    units: ClassVar[ByName] = {"lr": None}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    def validate(self) -> None:
        self.check()

    def init(self, x: Points) -> Inverses:
        return Inverses(*_eyes(x), *_eyes(x), b=torch.zeros_like(x))

    def update(self, g: Points, state: Inverses, x: Points, t: Step) -> tuple[Points, Inverses]:
        P_1, P_2, S_1, S_2, b = state
        has_1, has_2 = _sides(x)
        H_1, H_2 = self.curvature(g, S_2), self.curvature(transpose(g), S_1)
        P_1 = (1 - self.beta2) * P_1 + self.beta2 * H_1 if has_1 else P_1
        P_2 = (1 - self.beta2) * P_2 + self.beta2 * H_2 if has_2 else P_2
        S_1, S_2 = power(P_1, -1) if has_1 else S_1, power(P_2, -1) if has_2 else S_2
        b = self.momentum * b + matmul(matmul(S_1, g), S_2) + self.weight_decay * x
        return -self.lr(t) * b, Inverses(P_1, P_2, S_1, S_2, b)

    def curvature(self, g: Tensor, S: Tensor) -> Tensor:
        """Return (B/d) g S g^T + (damping/d) tr(S) I, S being d x d."""
        gSg = self.batch_size * matmul(matmul(g, S), transpose(g))
        return (gSg + self.damping * trace(S) * identity(g, -2)) / S.shape[-1]


class Factors(NamedTuple):
    """K_1, K_2 with S_i = K_i K_i^T, their momenta and the momentum buffer of x."""

    K_1: Tensor
    K_2: Tensor
    M_1: Tensor
    M_2: Tensor
    b: Points


@dataclass(frozen=True, kw_only=True)
class IFShampoo(_RootFree, Optimizer[Factors]):
    """b_t = momentum b_{t-1} + S_1 g_t S_2 + weight_decay x_t, dx_t = -lr_t b_t, where S_i = K_i K_i^T.

    K_i <- K_i (I - beta2 M_i / max(1, ||M_i||_F)), M_i <- a M_i + (1-a) N_i with a = riemannian_momentum,
    N_1 = (K_1^T [(B/d_2) g S_2 g^T + (damping/d_2) tr(S_2) I] K_1 - I) / 2, N_2 likewise, both from the old factors,
    which start at I. Only products of matrices: no root and no inverse. B = batch_size, as in rf_shampoo. A side of
    length 1 keeps its factor at 1, so that a vector has one factor, as in the authors' code.
    """

    name: ClassVar[str] = "if_shampoo"
    source: ClassVar[str] = f"{SOURCE}, Figure 3; https://github.com/f-dangel/sirfshampoo"
    kind: ClassVar[Kind] = "matrix"
    reference: ClassVar[str] = "none: no library has it; its first step by hand, and rf_shampoo to first order in beta2"
    units: ClassVar[ByName] = {"lr": None}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    riemannian_momentum: float = 0.5

    def validate(self) -> None:
        self.check()
        fractions(self, "riemannian_momentum")

    def init(self, x: Points) -> Factors:
        I_1, I_2 = _eyes(x)
        return Factors(I_1, I_2, torch.zeros_like(I_1), torch.zeros_like(I_2), torch.zeros_like(x))

    def update(self, g: Points, state: Factors, x: Points, t: Step) -> tuple[Points, Factors]:
        K_1, K_2, M_1, M_2, b = state
        has_1, has_2 = _sides(x)
        new_1, new_2 = self.turn(g, K_1, K_2, M_1), self.turn(transpose(g), K_2, K_1, M_2)
        K_1, M_1 = new_1 if has_1 else (K_1, M_1)
        K_2, M_2 = new_2 if has_2 else (K_2, M_2)
        S_1, S_2 = matmul(K_1, transpose(K_1)), matmul(K_2, transpose(K_2))
        b = self.momentum * b + matmul(matmul(S_1, g), S_2) + self.weight_decay * x
        return -self.lr(t) * b, Factors(K_1, K_2, M_1, M_2, b)

    def turn(self, g: Tensor, K: Tensor, other: Tensor, M: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new factor of g's rows and its momentum; `other` is the old factor of the columns, d x d."""
        A = matmul(matmul(transpose(K), g), other)
        traced = self.damping * other.square().sum((-2, -1), keepdim=True)
        H = (self.batch_size * matmul(A, transpose(A)) + traced * matmul(transpose(K), K)) / other.shape[-1]
        N = 0.5 * (H - identity(K, -1))
        M = self.riemannian_momentum * M + (1 - self.riemannian_momentum) * N
        return K - self.beta2 * matmul(K, M) / torch.clamp(frobenius(M), min=1.0), M
