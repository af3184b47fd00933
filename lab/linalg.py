"""Small batched linear algebra whose bits do not depend on the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from lab.types import Points, Scalars


def like(x: Tensor, value: Tensor | float) -> Tensor:
    """Return `value`, a number or a bound hyperparameter, in x's dtype; a bare number would have torch's default."""
    return x.new_zeros(()) + value


def ratio(num: Tensor, den: Tensor) -> Tensor:
    """Return num / den, entry by entry, with 0/0 = 0, as the adaptive methods' theorems do; x/0 stays infinite."""
    return num / torch.where((num == 0) & (den == 0), 1.0, den)


def factor(num: Tensor, den: Tensor) -> Tensor:
    """Return the a with ratio(num, den) = a num, entry by entry: 1 / den, and 0 where num and den are both 0."""
    still = (num == 0) & (den == 0)
    return torch.where(still, 0.0, 1 / torch.where(still, 1.0, den))


def sign(x: Tensor) -> Tensor:
    """Return each entry's sign, with sign(0) = 0 and sign(NaN) = NaN; torch's 0 there would hide a lost trajectory."""
    return torch.where(x.isnan(), x, x.sign())


def first_largest(x: Tensor) -> Tensor:
    """Return the index of the first of the largest entries of each row, `(..., 1)`, a whole number of x's dtype.

    It is the length of the row where that holds a NaN. Unlike torch's argmax it has a form in the fused engine.
    """
    n = x.shape[-1]
    place = torch.arange(n, dtype=x.dtype, device=x.device)
    return torch.where(x == x.amax(-1, keepdim=True), place, n).amin(-1, keepdim=True)


def matvec(A: Tensor, x: Points) -> Points:
    """Return A x for every trajectory: A `(r, d)`, x `(..., d)`. A plain `x @ A.T` depends on the batch size."""
    return (A * x.unsqueeze(-2)).sum(-1)


def matmul(A: Tensor, B: Tensor) -> Tensor:
    """Return A B for every trajectory: A `(..., r, k)`, B `(..., k, c)`. For small matrices."""
    return (A.unsqueeze(-1) * B.unsqueeze(-3)).sum(-2)


def dot(x: Points, y: Points) -> Scalars:
    """Return <x, y> over the last axis, `(..., d)` to `(...)`."""
    return (x * y).sum(-1)


def norm_sq(x: Points) -> Scalars:
    """Return ||x||^2 over the last axis, `(..., d)` to `(...)`."""
    return x.square().sum(-1)


def transpose(A: Tensor) -> Tensor:
    """Return A^T for every trajectory, `(..., r, c)` to `(..., c, r)`."""
    return A.transpose(-2, -1)


def trace(A: Tensor) -> Tensor:
    """Return tr(A) for every trajectory, `(..., n, n)` to `(..., 1, 1)`."""
    return (A * identity(A, -1)).sum((-2, -1), keepdim=True)


def frobenius(A: Tensor) -> Tensor:
    """Return ||A||_F for every trajectory, `(..., 1, 1)`."""
    return A.square().sum((-2, -1), keepdim=True).sqrt()


def identity(A: Tensor, axis: int) -> Tensor:
    """Return I `(n, n)` in A's dtype, n being the length of that axis of A."""
    return torch.eye(A.shape[axis], dtype=A.dtype, device=A.device)


def eigh(A: Tensor) -> tuple[Tensor, Tensor]:
    """Return eigenvalues `(..., n)`, ascending, and eigenvectors of symmetric matrices `(..., n, n)`.

    NaN where A is not finite: torch.linalg.eigh raises there, for the whole batch.
    """
    finite = torch.isfinite(A).all(-1, keepdim=True).all(-2, keepdim=True)
    values, vectors = torch.linalg.eigh(torch.where(finite, A, identity(A, -1)))
    return torch.where(finite.squeeze(-1), values, torch.nan), torch.where(finite, vectors, torch.nan)


def power(A: Tensor, exponent: float, shift: Tensor | float = 0.0) -> Tensor:
    """Return (shift I + A)^exponent, exponent < 0, of positive semidefinite A; 0 on the kernel where shift is 0.

    A and the result are `(..., n, n)`. Eigenvalues of A below rounding, n eps_machine times the largest, count as 0.
    """
    values, Q = eigh(A)
    rounding = A.shape[-1] * torch.finfo(A.dtype).eps * values[..., -1:].abs()
    values = torch.where(values <= rounding, 0.0, values).unsqueeze(-2) + shift
    powers = torch.where(values > 0, torch.where(values > 0, values, 1.0) ** exponent, 0.0 * values)
    return matmul(Q * powers, transpose(Q))


def svd(A: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return U, the singular values, descending, and V^T; NaN where A is not finite, as in `eigh`."""
    finite = torch.isfinite(A).all(-1, keepdim=True).all(-2, keepdim=True)
    U, S, Vt = torch.linalg.svd(torch.where(finite, A, torch.zeros_like(A)), full_matrices=False)
    return torch.where(finite, U, torch.nan), torch.where(finite.squeeze(-1), S, torch.nan), Vt


def orthonormal(A: Tensor) -> Tensor:
    """Return the Q of A = Q R for square matrices `(..., n, n)`, of any rank, by Householder's reflections.

    torch.linalg.qr takes many times as long on a batch of small matrices.
    """
    n = A.shape[-1]
    Q = identity(A, -1) + torch.zeros_like(A)
    R = ratio(A, A.abs().amax((-2, -1), keepdim=True))
    for j in range(n - 1):
        v = torch.cat([torch.zeros_like(R[..., :j, j]), R[..., j:, j]], -1)
        length = norm_sq(v).sqrt().unsqueeze(-1) * torch.where(v[..., j : j + 1] < 0, -1.0, 1.0)
        v = (v + length * identity(A, -1)[j]).unsqueeze(-1)
        v_scaled = ratio(2.0 * v, v.square().sum(-2, keepdim=True))
        R = R - matmul(v_scaled, matmul(transpose(v), R))
        Q = Q - matmul(matmul(Q, v), transpose(v_scaled))
    return Q
