"""Small batched linear algebra whose bits do not depend on the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from lab.types import Points, Scalars


def like(x: Tensor, value: Tensor | float) -> Tensor:
    """Return `value`, a number or a bound hyperparameter, in x's dtype; a bare number would have torch's default."""
    return x.new_zeros(()) + value


def ratio(num: Tensor, den: Tensor) -> Tensor:
    """Return num / den with 0/0 = 0, the convention of the adaptive methods' theorems."""
    return num / torch.where(den == 0, 1.0, den)


def matvec(A: Tensor, x: Points) -> Points:
    """Return A x for every trajectory: A `(r, d)`, x `(..., d)`. A plain `x @ A.T` depends on the batch size."""
    return (A * x.unsqueeze(-2)).sum(-1)


def dot(x: Points, y: Points) -> Scalars:
    """Return <x, y> over the last axis."""
    return (x * y).sum(-1)


def norm_sq(x: Points) -> Scalars:
    """Return ||x||^2 over the last axis."""
    return x.square().sum(-1)
