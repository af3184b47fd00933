"""The mark of maps: rectangles, uniform or refined, coloured by class or by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from figures.kit.marks import TOUCH, Arrays, Floats, Row, freeze
from lab.errors import require

ROWS_AT_A_TIME = 256  # rectangles compared with all others at once: memory stays small with many


@dataclass(frozen=True)
class Category:
    """A class of cells: its name in the legend, its colour, and a marker at each cell's centre, "" for none.

    colour: of `figures.kit.style.FILLS`, say, whose lightnesses are apart. shape: of matplotlib's markers, "x" or "o".
    """

    name: str
    colour: str
    shape: str = ""


@dataclass(frozen=True)
class Shades:
    """A continuous scale: what the colour bar says, its limits, and whether equal ratios get equal steps."""

    label: str
    limits: tuple[float, float]
    log: bool = False

    def __post_init__(self) -> None:
        low, high = self.limits
        require(bool(self.label.strip()), "shades", "label", self.label, "words")
        require(low < high and (low > 0 or not self.log), f"shades {self.label!r}", "limits", self.limits, "increasing")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Rectangles [x0, x1] x [y0, y1] with a value each, all `(n,)`: a heat map, whose cells may have unequal sizes.

    x0, x1, y0, y1: in the axes' units, disjoint up to shared edges. values: indices into `scale` where that is a tuple
    of Categories, which the figure's legend then names; numbers where it is Shades, beside which a colour bar stands.
    flags: cells to be outlined, and `flagged` says in the legend why. edged: thin white lines part the cells. A uniform
    grid is made by `Cells.grid`.
    """

    kind: ClassVar[str] = "cell"
    name: ClassVar[str] = ""
    label: str
    x0: Floats
    x1: Floats
    y0: Floats
    y1: Floats
    values: Floats
    scale: tuple[Category, ...] | Shades
    flags: npt.NDArray[np.bool_] | None = None
    flagged: str = ""
    edged: bool = False

    def __post_init__(self) -> None:
        who = f"cells {self.label!r}"
        require(bool(self.label.strip()), "cells", "label", self.label, "words")
        freeze(self, who, ("x0", "x1", "y0", "y1", "values"))
        apart = bool((self.x0 < self.x1).all() and (self.y0 < self.y1).all())
        require(apart, who, "corners", "x0 >= x1 or y0 >= y1", "x0 < x1 and y0 < y1")
        pair = _overlapping(self.x0, self.x1, self.y0, self.y1)
        require(pair is None, who, "rectangles", pair, "disjoint; these two overlap")
        if isinstance(self.scale, tuple):
            known = set(range(len(self.scale)))
            require(set(self.values.tolist()) <= known, who, "values", sorted(set(self.values.tolist())), f"in {known}")
            names = [c.name for c in self.scale]
            require(len(set(names)) == len(names) > 0, who, "categories", names, "one or more, all different")
            colours = [c.colour for c in self.scale]
            require(len(set(colours)) == len(colours), who, "colours", colours, "all different")
        if self.flags is not None:
            flags = np.array(self.flags, dtype=np.bool_)
            require(flags.shape == self.x0.shape, who, "flags", flags.shape, f"as long as x0, {self.x0.shape}")
            require(bool(self.flagged.strip()), who, "flagged", self.flagged, "words")
            object.__setattr__(self, "flags", flags)

    @classmethod
    def grid(cls, *, x_edges: Any, y_edges: Any, values: Any, **more: Any) -> Cells:
        """Return a full grid. x_edges `(m+1,)` and y_edges `(n+1,)` increase; values `(n, m)`, as an image has them."""
        x, y, v = (np.asarray(a, dtype=np.float64) for a in (x_edges, y_edges, values))
        fits = v.ndim == 2 and v.shape == (len(y) - 1, len(x) - 1)
        require(fits, "cells", "values", v.shape, f"(n, m) = ({len(y) - 1}, {len(x) - 1}), as the edges say")
        left, low = np.meshgrid(x[:-1], y[:-1])
        right, high = np.meshgrid(x[1:], y[1:])
        return cls(x0=left.ravel(), x1=right.ravel(), y0=low.ravel(), y1=high.ravel(), values=v.ravel(), **more)

    @property
    def spans(self) -> tuple[Arrays, Arrays]:
        """Return what it plots along x and along y."""
        return (self.x0, self.x1), (self.y0, self.y1)

    @property
    def x(self) -> Floats:
        """Return the cells' left edges `(n,)`."""
        return self.x0

    def rows(self) -> Iterator[Row]:
        """Yield the plotted numbers: a cell's corners, its value, its class and flag in words."""
        names = [c.name for c in self.scale] if isinstance(self.scale, tuple) else None
        for i, value in enumerate(self.values.tolist()):
            says = [names[int(value)]] if names else []
            says += [self.flagged] if self.flags is not None and self.flags[i] else []
            far = float(self.x1[i]), float(self.y1[i])
            at = float(self.x0[i]), float(self.y0[i])
            yield Row(self.label, self.kind, *at, None, None, *far, value, "; ".join(says))


def _overlapping(x0: Floats, x1: Floats, y0: Floats, y1: Floats) -> tuple[list[float], list[float]] | None:
    """Return two rectangles, [x0, x1, y0, y1] each, that overlap by more than rounding; None where all are disjoint."""
    corners = np.stack([x0, x1, y0, y1])
    for first in range(0, len(x0), ROWS_AT_A_TIME):
        own = corners[:, first : first + ROWS_AT_A_TIME, None]
        shared = [
            np.minimum(own[k + 1], corners[k + 1]) - np.maximum(own[k], corners[k])
            > TOUCH * np.minimum(own[k + 1] - own[k], corners[k + 1] - corners[k])
            for k in (0, 2)
        ]
        both = shared[0] & shared[1]
        both[np.arange(both.shape[0]), first + np.arange(both.shape[0])] = False
        if both.any():
            i, j = np.argwhere(both)[0]
            return corners[:, first + i].tolist(), corners[:, j].tolist()
    return None
