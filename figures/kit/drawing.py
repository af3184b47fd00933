"""What a figure is: a frozen description of panels and their marks, without a word about ink.

A figure file has `CLAIMS`, `CAPTION`, `runs()` and a pure `draw(results)`, which returns a `Drawing`. The marks are in
`figures.kit.marks` and `figures.kit.cells`, the sources of numbers in `figures.kit.sources`; all that a figure file
needs can be imported from here. The look is in `figures.kit.style`; `figures.kit.render` runs, draws and writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from figures.kit.cells import Category, Cells, Shades
from figures.kit.marks import Band, Curve, Feasible, Floats, Kind, Points, Row, Triangle
from figures.kit.sources import FigureRun, Series, Source, average_bound, bound_at, caption, ends, seeds_of
from lab.errors import require

__all__ = [
    "Axis",
    "Band",
    "Category",
    "Cells",
    "Curve",
    "Drawing",
    "Feasible",
    "FigureRun",
    "Floats",
    "Kind",
    "Mark",
    "Note",
    "Panel",
    "Points",
    "Row",
    "Series",
    "Shades",
    "Source",
    "Triangle",
    "average_bound",
    "bound_at",
    "caption",
    "ends",
    "seeds_of",
]

Mark = Curve | Band | Feasible | Points | Triangle | Cells


@dataclass(frozen=True)
class Axis:
    """An axis: its label, its limits, and its scale. ticks: where it is numbered; None leaves that to the scale.

    words: what stands at the ticks in place of numbers, as many as there are ticks; the label is then left out.
    """

    label: str
    limits: tuple[float, float]
    log: bool = False
    ticks: tuple[float, ...] | None = None
    words: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        require(bool(self.label.strip()), "axis", "label", self.label, "words")
        low, high = self.limits
        require(low < high, f"axis {self.label!r}", "limits", self.limits, "increasing")
        require(low > 0 or not self.log, f"axis {self.label!r}", "limits", self.limits, "> 0 on a log scale")
        paired = self.words is None or (self.ticks is not None and len(self.ticks) == len(self.words))
        require(paired, f"axis {self.label!r}", "words", self.words, "as many as ticks")


@dataclass(frozen=True)
class Note:
    """Words at a point of a panel. name: the optimizer whose colour they take; align: the side at the point."""

    text: str
    x: float
    y: float
    name: str = ""
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One pair of axes. title: plain words, also the panel's name in the CSV; height in inches."""

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...] = ()
    height: float = 2.0
    headed: bool = True  # the title is printed above the panel

    def __post_init__(self) -> None:
        require(len(self.marks) > 0, "panel", "marks", self.marks, "one or more")
        for mark in self.marks:
            for axis, values in zip((self.x, self.y), mark.spans, strict=True):
                lost = axis.log and min(float(v.min()) for v in values) <= 0
                require(not lost, f"curve {mark.label!r}", axis.label, "<= 0", "> 0 on a log scale")
                straight = isinstance(mark, Triangle) and not axis.log
                require(not straight, f"triangle {mark.label!r}", axis.label, "linear", "a log scale")


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A figure: rows of panels, the finding as its title, and the caption printed under it."""

    title: str
    caption: str
    rows: tuple[tuple[Panel, ...], ...]

    def __post_init__(self) -> None:
        require(bool(self.title.strip() and self.caption.strip()), "drawing", "title and caption", "", "words")
        require(
            len(self.rows) > 0 and len({len(row) for row in self.rows}) == 1, "drawing", "rows", self.rows, "a grid"
        )
        names = [panel.title for panel in self.panels]
        require(len(set(names)) == len(names), "drawing", "panel titles", names, "all different")

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Return every panel, row by row."""
        return tuple(panel for row in self.rows for panel in row)

    def numbers(self) -> Iterator[tuple[Any, ...]]:
        """Yield every plotted number: (panel title, *Row), with None where a mark has no such value."""
        for panel in self.panels:
            for mark in panel.marks:
                yield from ((panel.title, *row) for row in mark.rows())
