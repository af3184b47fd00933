"""A phase map as one plain picture: cells by class, those that disagree with theory outlined."""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from lab.plot import UNDATED

FILLS = ("#1f5a8c", "#e08214", "#5c1a1b", "#a9c4de")  # of classes in order; apart in grey
UNDECIDED_FILL = "#f1f1f1"


def draw(cells: xr.Dataset, path: Path) -> None:
    """Draw a map into a .pdf, .png or .svg file, whose folder must be there."""
    import matplotlib
    from matplotlib.collections import PatchCollection
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch, Rectangle

    classes = json.loads(cells.attrs["classes"])
    fills = dict(zip(classes, FILLS, strict=False)) | {"undecided": UNDECIDED_FILL}
    axes_of = json.loads(cells.attrs["facts"])
    boxes = [
        Rectangle((x0, y0), x1 - x0, y1 - y0)
        for x0, x1, y0, y1 in zip(*(cells[n].values.tolist() for n in ("x0", "x1", "y0", "y1")), strict=True)
    ]
    colours = [fills[phase] for phase in cells["phase"].values.tolist()]
    edges = ["black" if d else "white" for d in cells["disagrees"].values]
    widths = [0.8 if d else 0.1 for d in cells["disagrees"].values]
    with matplotlib.rc_context({"svg.hashsalt": "ratelab", "font.size": 8}):
        figure = Figure(figsize=(4.8, 4.0), layout="constrained")
        axes = figure.subplots()
        axes.add_collection(PatchCollection(boxes, facecolors=colours, edgecolors=edges, linewidths=widths))
        for which in "xy":
            scale = "log" if axes_of[which]["log"] else "linear"
            axes.set(**{f"{which}scale": scale, f"{which}label": cells.attrs[which]})
            low, high = (float(f(cells[f"{which}{k}"])) for k, f in ((0, min), (1, max)))
            axes.set(**{f"{which}lim": (low, high)})
        seen = [Patch(color=fill, label=name) for name, fill in fills.items() if name in set(cells["phase"].values)]
        figure.legend(handles=seen, loc="outside upper left", ncols=4, frameon=False)
        figure.savefig(path, metadata=UNDATED[path.suffix])
