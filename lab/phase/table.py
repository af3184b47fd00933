"""A phase map's cells as a table, each beside what theory predicts there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from lab.phase.measures import UNDECIDED, Reading
from lab.phase.tiles import Tiles

if TYPE_CHECKING:
    from lab.phase.map import PhaseMap

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AROUND = np.linspace(-1.0, 2.0, 7)  # places in a cell and one cell's size around it


def dataset(phases: PhaseMap, tiles: Tiles, reading: Reading, engine: str) -> xr.Dataset:
    """Return cells as a Dataset with the dim `cell`, in the order of their lower left corners.

    x0, x1, y0, y1, x, y: corners and centre, in the axes' units. level: how often it was quartered. code, phase: index
    and name of its class. value, low, high: what `attrs["value"]` says. predicted: theory's class at the centre, "" for
    none. disagrees: the class is decided, and another than theory has in all of the cell and one cell's size around.
    """
    corners = tiles.corners()
    order = np.lexsort((corners[0], corners[2]))
    x0, x1, y0, y1 = (a[order] for a in corners)
    code = reading.code[order]
    names = (*phases.measure.classes, "undecided")  # UNDECIDED is -1
    x, y = phases.x.at((x0 + x1) / 2), phases.y.at((y0 + y1) / 2)
    columns: dict[str, Any] = {
        "x0": phases.x.at(x0), "x1": phases.x.at(x1), "y0": phases.y.at(y0), "y1": phases.y.at(y1), "x": x, "y": y,
        "level": tiles.level[order], "code": code, "phase": np.array(names)[code],
        "value": reading.value[order], "low": reading.low[order], "high": reading.high[order],
    }  # fmt: skip
    centre, sure = _predicted(phases, x0, x1, y0, y1)
    columns["predicted"] = np.array([*names[:-1], ""])[centre]
    columns["disagrees"] = (sure != UNDECIDED) & (code != UNDECIDED) & (code != sure)
    attributes = {
        "x": phases.x.name, "y": phases.y.name, "classes": json.dumps(phases.measure.classes),
        "rule": phases.measure.name, "value": phases.measure.value_is, "steps": phases.steps,
        "starts": max(1, len(phases.starts)), "key": str(phases.key), "engine": engine,
        "confidence": phases.measure.confidence if phases.random else 1.0,
        "theory": "" if phases.theory is None else phases.theory.says, "facts": json.dumps(phases.facts()),
    }  # fmt: skip
    attributes |= {"seeds": phases.seeds}
    return xr.Dataset({k: ("cell", v) for k, v in columns.items()}, attrs=attributes)


def _predicted(phases: PhaseMap, x0: Floats, x1: Floats, y0: Floats, y1: Floats) -> tuple[Ints, Ints]:
    """Return theory's class at each centre, and the one that it has all around, UNDECIDED where that is not one."""
    nothing = np.full(len(x0), UNDECIDED)
    if phases.theory is None:
        return nothing, nothing
    across = phases.x.at(np.clip(x0[:, None] + np.outer(x1 - x0, AROUND), 0, 1))
    up = phases.y.at(np.clip(y0[:, None] + np.outer(y1 - y0, AROUND), 0, 1))
    shape = (len(x0), len(AROUND), len(AROUND))
    places = (np.broadcast_to(a, shape).ravel() for a in (across[:, :, None], up[:, None, :]))
    around = phases.theory.predicts(*places).reshape(len(x0), -1)
    centre = phases.theory.predicts(phases.x.at((x0 + x1) / 2), phases.y.at((y0 + y1) / 2))
    return centre, np.where((around == around[:, :1]).all(1), around[:, 0], UNDECIDED)


def disagreeing(cells: xr.Dataset) -> list[dict[str, Any]]:
    """Return the cells that disagree with theory, as plain values, in the Dataset's order."""
    rows = cells.isel(cell=np.flatnonzero(cells["disagrees"].values))
    names = ("x0", "x1", "y0", "y1", "phase", "predicted", "value", "low", "high")
    return [dict(zip(names, row, strict=True)) for row in zip(*(rows[n].values.tolist() for n in names), strict=True)]
