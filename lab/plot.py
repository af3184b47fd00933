"""A run in one picture: each metric over steps, the median of every configuration with its 5-95% band."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.errors import LabError, unknown

if TYPE_CHECKING:
    import xarray as xr

UNDATED: dict[str, Any] = {".pdf": {"CreationDate": None}, ".png": None, ".svg": {"Date": None}}  # by suffix
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")  # Okabe and Ito, 2008
LINES = ("-", "--", "-.", ":")
MANY = 12  # configurations, from which on the legend is small


def check_path(path: Path) -> None:
    """Raise LabError where a picture cannot be written there, before anything has run for it."""
    if path.suffix not in UNDATED:
        raise unknown("picture format", path.suffix or path.name, UNDATED)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise LabError(f"the picture cannot be written to {path.parent}: no such folder, or it is write-protected")


def draw(results: Sequence[xr.Dataset], path: Path) -> None:
    """Draw the Datasets of `lab.simulate`, all of the same metrics, into a .pdf, .png or .svg file."""
    import matplotlib
    from matplotlib.figure import Figure

    metrics = json.loads(results[0].attrs["spec"])["metrics"]
    style = {"svg.hashsalt": "ratelab", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(3.4 * len(metrics), 3.2), layout="constrained")
        panels = figure.subplots(1, len(metrics), squeeze=False)[0]
        for axes, metric in zip(panels, metrics, strict=True):
            lines = [
                line
                for result, problem in zip(results, _problems(results), strict=True)
                for line in _lines(result, metric, problem)
            ]
            for i, line in enumerate(lines):
                _draw_line(axes, i, *line)
            axes.set(xscale="log", xlabel="t", ylabel=metric)
        panels[0].legend(frameon=False, fontsize=7 if len(lines) < MANY else 4)
        figure.suptitle(_caption(results), fontsize=7)
        figure.savefig(path, metadata=UNDATED[path.suffix])


def _lines(result: xr.Dataset, metric: str, problem: str) -> list[tuple[Any, Any, Any, str]]:
    """Return (steps, median, [low, high], label) for every configuration and coordinate, t >= 1."""
    later = result.sel(step=slice(1, None))
    labels = [f"{label}{problem}" for label in _labels(result)]
    found = []
    for i, label in enumerate(labels):
        row = later.isel(config=i)
        median = row[f"{metric}_median"].values.reshape(later.sizes["step"], -1)
        band = row[f"{metric}_quantile"].sel(quantile=[0.05, 0.95]).values.reshape(*median.shape, 2)
        for k in range(median.shape[1]):
            part = label if median.shape[1] == 1 else f"{label} [{k}]"
            found.append((later["step"].values, median[:, k], band[:, k].T, part))
    return found


def _labels(result: xr.Dataset) -> list[str]:
    """Return each configuration's optimizer with the hyperparameters in which configurations differ."""
    columns = {str(k): c.values for k, c in result.coords.items() if c.dims == ("config",) and k != "config"}
    names = columns.pop("optimizer")
    differ = {k: column for k, column in columns.items() if len({*column} - {""}) > 1}
    return [
        ", ".join([str(name), *(f"{k} = {column[i]}" for k, column in differ.items() if column[i] != "")])
        for i, name in enumerate(names)
    ]


def _problems(results: Sequence[xr.Dataset]) -> list[str]:
    """Return the parameters in which the problems differ, for each result; empty where there is one result."""
    specs = [json.loads(result.attrs["spec"])["problem"] for result in results]
    differ = [k for k in specs[0] if len({str(spec[k]) for spec in specs}) > 1]
    return ["".join(f", {k} = {spec[k]}" for k in differ) for spec in specs]


def _draw_line(axes: Any, i: int, steps: Any, median: Any, band: Any, label: str) -> None:
    colour, line = COLOURS[i % len(COLOURS)], LINES[i // len(COLOURS) % len(LINES)]
    axes.fill_between(steps, *band, color=colour, alpha=0.2, linewidth=0)
    axes.plot(steps, median, color=colour, linestyle=line, linewidth=1, label=label)


def _caption(results: Sequence[xr.Dataset]) -> str:
    spec, attrs = json.loads(results[0].attrs["spec"]), results[0].attrs
    return f"{spec['problem']['name']}: median and 5-95% of {attrs['seeds']} seeds, key {attrs['key']}"
