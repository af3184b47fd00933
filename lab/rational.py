"""Numbers that are exact: a Fraction, or the remark that one is not rational, or too long to go on with."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from lab.errors import LabError

BITS = 1 << 14  # of a numerator or denominator; a smooth step doubles them, or adds some thousand


class NotRational(LabError):
    """A number that a run needs and that is not rational, or has more than BITS bits."""


@dataclass(frozen=True, eq=False)
class Irrational:
    """A number that is not rational, or not known to be. What is computed from it is none either.

    It does no harm in the branch that a `where` does not take. why: the operation that made it. square: that of a root,
    by which it is compared; it is >= 0. Other comparisons raise NotRational.
    """

    why: str
    square: Fraction | None = None

    def _spoils(self, *_: Any) -> Irrational:
        return Irrational(self.why)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _spoils
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = _spoils

    def __abs__(self) -> Irrational:
        return self if self.square is not None else self._spoils()

    def _compared(self, other: Any, relation: Callable[[Any, Any], bool]) -> bool:
        if isinstance(other, Irrational):
            its = other.square
        else:
            its = Fraction(other) ** 2 if other >= 0 else Fraction(-1)  # a root is above every negative number
        if self.square is None or its is None:
            raise NotRational(self.why)
        return relation(self.square, its)

    def __lt__(self, other: Any) -> bool:
        return self._compared(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self._compared(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self._compared(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self._compared(other, operator.ge)

    def __eq__(self, other: object) -> bool:
        return self._compared(other, operator.eq)

    def __ne__(self, other: object) -> bool:
        return self._compared(other, operator.ne)

    __hash__ = None  # type: ignore[assignment]  # numbers are compared by value


Exact = Fraction | Irrational


def bits(x: Fraction) -> int:
    """Return the length of the longer of numerator and denominator."""
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def root(x: Fraction, why: str) -> Exact:
    """Return the square root of x: rational where x is the square of a rational, else only compared."""
    if x < 0:
        return Irrational(f"{why} of a negative number")
    n, d = isqrt(x.numerator), isqrt(x.denominator)
    if n * n == x.numerator and d * d == x.denominator:
        return Fraction(n, d)
    return Irrational(f"{why} of {_short(x)} is not rational", x)


def power(x: Fraction, y: Fraction, why: str) -> Exact:
    """Return x^y for a whole y, and for a half one where x is the square of a rational."""
    if y.denominator == 2:
        base = root(x, why)
        return base if isinstance(base, Irrational) else power(base, 2 * y, why)
    if y.denominator != 1:
        return x if x in (0, 1) and y > 0 else Irrational(f"{why} with the exponent {_short(y)} leaves the rationals")
    n = y.numerator
    if x == 0 and n < 0:
        return Irrational(f"{why} of 0 with a negative exponent")
    if x not in (-1, 0, 1) and abs(n) * bits(x) > 2 * BITS:
        return Irrational(f"{why} has more than {BITS} bits")
    return x**n


def _short(x: Fraction) -> str:
    return str(x) if bits(x) <= 32 else f"{float(x):.6g}"
