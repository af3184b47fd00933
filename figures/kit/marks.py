"""The marks of a panel: curves, bands, points, slope triangles, feasible regions and coloured cells.

Every mark is frozen, checks itself, and yields every number that it plots (`rows`), so that none misses in the CSV.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from lab.errors import require

Kind = Literal["run", "upper", "lower", "exact"]
Floats = npt.NDArray[np.float64]
Arrays = tuple[Floats, ...]

KINDS = ("run", "upper", "lower", "exact")
TOUCH = 1e-9  # of the shorter side: rectangles that overlap by less share an edge, up to rounding


class Row(NamedTuple):
    """A line of the CSV: a point, a band's limits, a triangle or a rectangle; None where a mark has no such number.

    x_end, y_end: the far corner of a rectangle or triangle. value: a cell's value, a triangle's slope. says: in words.
    """

    label: str
    kind: str
    x: float
    y: float | None = None
    lo: float | None = None
    hi: float | None = None
    x_end: float | None = None
    y_end: float | None = None
    value: float | None = None
    says: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A line through (x, y), both `(n,)`.

    label: what it is, in plain words. name: the optimizer it speaks of, "" for none; the name alone decides colour,
    dash and marker. end: the text typeset at its right end, "" for none.
    """

    label: str
    kind: Kind
    name: str
    x: Floats
    y: Floats
    end: str = ""

    def __post_init__(self) -> None:
        _check_mark(self, ("x", "y"))

    @property
    def spans(self) -> tuple[Arrays, Arrays]:
        """Return what it plots along x and along y."""
        return (self.x,), (self.y,)

    def rows(self) -> Iterator[Row]:
        """Yield the plotted numbers."""
        for x, y in zip(self.x, self.y, strict=True):
            yield Row(self.label, self.kind, float(x), float(y))


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """The region lo <= y <= hi over x, all `(n,)`; label, kind and name as for a Curve."""

    label: str
    kind: Kind
    name: str
    x: Floats
    lo: Floats
    hi: Floats

    def __post_init__(self) -> None:
        _check_mark(self, ("x", "lo", "hi"))
        _check_order(self, self.lo, self.hi)

    @property
    def spans(self) -> tuple[Arrays, Arrays]:
        """Return what it plots along x and along y."""
        return (self.x,), (self.lo, self.hi)

    def rows(self) -> Iterator[Row]:
        """Yield the plotted numbers."""
        for x, lo, hi in zip(self.x, self.lo, self.hi, strict=True):
            yield Row(self.label, self.kind, float(x), None, float(lo), float(hi))


@dataclass(frozen=True, kw_only=True, eq=False)
class Feasible(Band):
    """Where theory lets a method be: between its lower and its upper bound, all `(n,)`. A pale shade under the rest.

    The bounds themselves are Curves. kind: "upper" where only an upper bound closes it (lo is then the panel's floor,
    say), "lower" where only a lower one does; "exact" where both do.
    """

    kind: Kind = "exact"
    name: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Markers at (x, y) with vertical intervals [lo, hi], all `(n,)`; none where lo and hi are left out.

    label, kind, name and end as for a Curve. hollow: markers are empty, say for what is not certified. across: the
    intervals are of x, and lie flat.
    """

    label: str
    kind: Kind
    name: str
    x: Floats
    y: Floats
    lo: Floats | None = None
    hi: Floats | None = None
    hollow: bool = False
    end: str = ""
    across: bool = False

    def __post_init__(self) -> None:
        both = (self.lo is None) == (self.hi is None)
        require(both, f"points {self.label!r}", "lo and hi", "one of them", "both given, or neither")
        _check_mark(self, ("x", "y") if self.lo is None else ("x", "y", "lo", "hi"))
        if self.lo is not None and self.hi is not None:
            _check_order(self, self.lo, self.hi)

    @property
    def spans(self) -> tuple[Arrays, Arrays]:
        """Return what it plots along x and along y."""
        ends = () if self.lo is None or self.hi is None else (self.lo, self.hi)
        return ((self.x, *ends), (self.y,)) if self.across else ((self.x,), (self.y, *ends))

    def rows(self) -> Iterator[Row]:
        """Yield the plotted numbers."""
        for i, (x, y) in enumerate(zip(self.x, self.y, strict=True)):
            ends = (None, None) if self.lo is None or self.hi is None else (float(self.lo[i]), float(self.hi[i]))
            says = "lo and hi are of x" if self.across and self.lo is not None else ""
            yield Row(self.label, self.kind, float(x), float(y), ends[0], ends[1], says=says)


@dataclass(frozen=True, kw_only=True, eq=False)
class Triangle:
    """A slope triangle on log-log axes, with the fitted slope and its interval written beside it.

    slope, limits: from `lab.statistics.slope`, `slope_of_median` or `slope_from_limits`, say; limits None for an exact
    one. over: (x0, x1), its legs' extent. y: height of its slanted side at x0. side: where its right angle lies, seen
    from the slanted side. claimed: the exponent of theory, written under it; "" for none. name: whose colour it takes.
    """

    kind: ClassVar[str] = "slope"
    label: str
    slope: float
    limits: tuple[float, float] | None
    over: tuple[float, float]
    y: float
    name: str = ""
    side: Literal["above", "below"] = "below"
    claimed: str = ""

    def __post_init__(self) -> None:
        who = f"triangle {self.label!r}"
        require(bool(self.label.strip()), "triangle", "label", self.label, "words")
        require(0 < self.over[0] < self.over[1], who, "over", self.over, "0 < x0 < x1")
        require(self.y > 0, who, "y", self.y, "> 0")
        require(bool(np.isfinite(self.slope)), who, "slope", self.slope, "finite")
        inside = self.limits is None or self.limits[0] <= self.slope <= self.limits[1]
        require(inside, who, "limits", self.limits, f"an interval that holds the slope {self.slope:g}")
        require(self.side in ("above", "below"), who, "side", self.side, "'above' or 'below'")

    @property
    def y_end(self) -> float:
        """Return the height of the slanted side at x1."""
        return float(self.y * (self.over[1] / self.over[0]) ** self.slope)

    @property
    def text(self) -> str:
        """Return the slope with its interval: "−0.50 [−0.52, −0.48]"."""
        numbers = f"{self.slope:.2f}"
        if self.limits is not None:
            numbers += f" [{self.limits[0]:.2f}, {self.limits[1]:.2f}]"
        return numbers.replace("-", "\N{MINUS SIGN}")

    @property
    def spans(self) -> tuple[Arrays, Arrays]:
        """Return what it plots along x and along y."""
        return (np.array(self.over),), (np.array([self.y, self.y_end]),)

    def rows(self) -> Iterator[Row]:
        """Yield the plotted numbers."""
        lo, hi = self.limits or (None, None)
        yield Row(self.label, self.kind, self.over[0], self.y, lo, hi, self.over[1], self.y_end, self.slope)


def _check_mark(mark: Any, arrays: tuple[str, ...]) -> None:
    """Check the words, and turn the arrays into read-only float64 of one shape."""
    require(bool(mark.label.strip()), "curve", "label", mark.label, "words")
    who = f"curve {mark.label!r}"
    require(mark.kind in KINDS, who, "kind", mark.kind, " or ".join(map(repr, KINDS)))
    freeze(mark, who, arrays)


def freeze(mark: Any, who: str, arrays: Sequence[str]) -> None:
    """Turn a mark's arrays into read-only float64 without NaN, all of the shape `(n,)` of the first."""
    for name in arrays:
        values = np.array(getattr(mark, name), dtype=np.float64)
        require(values.ndim == 1 and len(values) > 0, who, name, values.shape, "(n,), n >= 1")
        require(not np.isnan(values).any(), who, name, "NaN", "numbers")
        values.setflags(write=False)
        object.__setattr__(mark, name, values)
        first = getattr(mark, arrays[0])
        require(values.shape == first.shape, who, name, values.shape, f"as long as {arrays[0]}, {first.shape}")


def _check_order(mark: Any, lo: Floats, hi: Floats) -> None:
    who = f"{type(mark).__name__.lower()} {mark.label!r}"
    require(bool((lo <= hi).all()), who, "lo", lo.tolist(), "at most hi")
