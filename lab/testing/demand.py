"""How a check speaks: one sentence a check, one line a refusal, and numbers compared to rounding or to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

ROUNDING = 2.0**-52 * 1e5  # relative to the largest number of a batch: 1e5 operations, each rounded once
FALSE_ALARM = 1e-6  # probability, over all keys, that one statistical check refuses a sound object
# What code under check raises:
FOREIGN = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, Warning)

Check = Callable[..., None]


def demand(holds: object, reason: str) -> None:
    """Raise AssertionError(reason) unless `holds`, which may be a tensor of one truth value."""
    if not bool(holds):
        raise AssertionError(reason)


def run_checks(subject: str, checks: Iterable[Check], *args: Any) -> None:
    """Call every check; the first that does not hold raises AssertionError with the subject, its sentence and why."""
    for check in checks:
        sentence = check.__name__.strip("_").replace("_", " ")
        try:
            check(*args)
        except AssertionError as refusal:
            raise AssertionError(f"{subject} fails '{sentence}': {one_line(refusal)}") from refusal
        except FOREIGN as error:
            raise AssertionError(f"{subject} fails '{sentence}': {type(error).__name__}: {one_line(error)}") from error


def one_line(error: BaseException) -> str:
    """Return the first line of an exception's text."""
    return (str(error).splitlines() or ["no reason was given"])[0]


def demand_close(got: Tensor, want: Tensor, what: str, x: Tensor | None = None) -> None:
    """Demand that two batches agree up to ROUNDING times the largest finite number wanted.

    x `(..., d)`: the points, the worst of which the refusal names. NaN equals NaN, inf equals inf.
    """
    demand(got.shape == want.shape, f"{what}: shape {tuple(got.shape)}, not {tuple(want.shape)}")
    got, want = got.to(torch.float64), want.to(torch.float64)
    finite = want[torch.isfinite(want)]
    slack = ROUNDING * float(finite.abs().max()) if finite.numel() else 0.0
    wrong = ~((got == want) | ((got - want).abs() <= slack) | (got.isnan() & want.isnan()))
    if bool(wrong.any()):
        at = tuple(wrong.nonzero()[0].tolist())
        where = "" if x is None else f" at x = {show_point(x[at[: x.dim() - 1]])}"
        raise AssertionError(f"{what}: got {float(got[at]):.12g}, not {float(want[at]):.12g}{where}")


def demand_bits(got: Tensor, want: Tensor, what: str) -> None:
    """Demand that two tensors are equal bit for bit, NaN counting as NaN; AssertionError with the first other."""
    demand(got.shape == want.shape, f"{what}: shape {tuple(got.shape)}, not {tuple(want.shape)}")
    demand(got.dtype == want.dtype, f"{what}: {name_of(got.dtype)}, not {name_of(want.dtype)}")
    wrong = (got != want) & ~(got.isnan() & want.isnan()) if got.is_floating_point() else got != want
    if bool(wrong.any()):
        at = tuple(wrong.nonzero()[0].tolist())
        raise AssertionError(f"{what}: {got[at].item()!r} became {want[at].item()!r} at {list(at)}")


def show_point(x: Tensor) -> str:
    """Return a point in six digits, long ones cut."""
    numbers = [f"{v:.6g}" for v in x.reshape(-1)[:6].tolist()]
    return f"({', '.join(numbers)}{', ...' if x.numel() > 6 else ''})"


def name_of(dtype: torch.dtype) -> str:
    """Return e.g. "float64"."""
    return str(dtype).removeprefix("torch.")
