"""`ratelab phase`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.cli.app import Json, NoStore, StoreFolder, app, store_folder
from lab.cli.output import interval, note, number, print_json, print_table, progress
from lab.errors import LabError, unknown

if TYPE_CHECKING:
    import xarray as xr

    from lab.phase import PhaseMap

SHOWN = 12  # disagreeing cells in the table; --json has all


@app.command()
def phase(
    name: Annotated[
        str | None, typer.Argument(help="A map that a figure phase_NAME draws.", show_default=False)
    ] = None,
    problem: Annotated[str | None, typer.Option(metavar="NAME", help="What is minimized.")] = None,
    optimizer: Annotated[str | None, typer.Option(metavar="NAME", help="What minimizes it.")] = None,
    x: Annotated[str | None, typer.Option(metavar="NAME=LOW..HIGH[:log]", help="The parameter along x.")] = None,
    y: Annotated[str | None, typer.Option(metavar="NAME=LOW..HIGH[:log]", help="The parameter along y.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another parameter; may be repeated.")
    ] = None,
    steps: Annotated[int, typer.Option(metavar="T", help="Steps of each run.")] = 2000,
    seeds: Annotated[int, typer.Option(metavar="N", help="Seeds of each cell.")] = 1,
    metric: Annotated[str, typer.Option(help="What is 0 at the optimum.")] = "suboptimality",
    tolerance: Annotated[float, typer.Option(help="Converged: this part of its first value.")] = 0.05,
    grid: Annotated[int, typer.Option(metavar="N", help="Coarse cells along each axis.")] = 16,
    depth: Annotated[int, typer.Option(metavar="N", help="How often a cell may be quartered.")] = 3,
    key: Annotated[int, typer.Option(help="The key of all randomness.")] = 0,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it: .pdf, .png, .svg.")] = None,
    json: Json = False,
) -> None:
    """Map what becomes of a method over two parameters, refined where it changes.

    With NAME: the maps of that figure, beside what theory predicts (ratelab list figures). Else any pair over two of
    its real parameters: of the optimizer, or problem.NAME of the problem; 1-NAME is one minus it, beta1 and beta2 are
    those of betas. A cell converges, stays away or diverges; with several seeds where more than half surely do
    (Clopper and Pearson, 99.9%), else it is undecided. Cells that are done are kept: the same command goes on.

    \b
    Example:
      ratelab phase reddi
      ratelab phase --problem heavy_ball_cycle --optimizer momentum --x lr=0.01..0.16 --y momentum=0..0.99 \\
          --plot map.png
    """
    from lab.phase.picture import draw
    from lab.plot import check_path

    given = {"--problem": problem, "--optimizer": optimizer, "--x": x, "--y": y}
    if plot is not None:
        check_path(plot)
    if name is not None:
        _refuse_both(name, given, plot)
        maps = _named(name)
    else:
        options: dict[str, Any] = {"steps": steps, "seeds": seeds, "key": key, "depth": depth, "grid": (grid, grid)}
        maps = {"": _built(given, set_ or [], metric, tolerance, options)}
    root = store_folder(store, no_store)
    found = {}
    with progress() as report:
        for i, (label, one) in enumerate(maps.items()):
            found[label] = one.result(root, None if report is None else _share(report, label or "map", i, len(maps)))
    if plot is not None:
        draw(found[""], plot)
        note(f"drawn: {plot}")
    if json:
        print_json({"maps": [document(label, cells) for label, cells in found.items()]}, indent=None)
    else:
        for label, cells in found.items():
            _print(label, cells)


def _refuse_both(name: str, given: dict[str, str | None], plot: Path | None) -> None:
    both = [option for option, value in given.items() if value is not None] + (["--plot"] if plot is not None else [])
    if both:
        also = "; ratelab figures draws it" if both == ["--plot"] else ""
        raise LabError(f"phase: {name} is a map of its own, without {', '.join(both)}{also}")


def _named(name: str) -> dict[str, PhaseMap]:
    from lab import discovery
    from lab.phase import PhaseMap

    known = [figure for figure in discovery.list_figures() if figure.startswith("phase_")]
    full = name if name.startswith("phase_") else f"phase_{name}"
    if full not in known:
        raise unknown("phase map", name, [figure.removeprefix("phase_") for figure in known])
    sources = discovery.figures()[full].runs()
    return {label: source for label, source in sources.items() if isinstance(source, PhaseMap)}


def _built(
    given: dict[str, str | None], assignments: list[str], metric: str, tolerance: float, options: dict[str, Any]
) -> PhaseMap:
    from lab import discovery, grid
    from lab.chains import chain
    from lab.phase import Fate, PhaseMap
    from lab.phase.axis import parse

    missing = [option for option, value in given.items() if value is None]
    if missing:
        raise LabError(f"phase: {', '.join(missing)} must be given, or the name of a map")
    problem, optimizer, x, y = (str(value) for value in given.values())
    known = discovery.problems()
    if problem not in known:
        raise unknown("problem", problem, known)
    problems, optimizers = grid.build([grid.parse(text) for text in assignments], known[problem], [chain(optimizer)])
    if len(problems) * len(optimizers) > 1:
        raise LabError("phase: --set takes one value; the two that vary are --x and --y")
    measure = Fate(metric=metric, tolerance=tolerance)
    return PhaseMap(
        problem=problems[0], optimizer=optimizers[0], x=parse(x), y=parse(y), measure=measure, **options
    )  # fmt: skip


def _share(report: Any, name: str, i: int, n: int) -> Any:
    return lambda done, total: report(name, (i + done / total) / n)


def document(label: str, cells: xr.Dataset) -> dict[str, Any]:
    """Return a map as one JSON object: its attributes, its cells, and those that disagree with theory."""
    import json

    from lab.phase import disagreeing

    attributes = {k: json.loads(v) if k in ("classes", "facts") else v for k, v in cells.attrs.items()}
    names = [str(n) for n in cells.data_vars]
    rows = zip(*(cells[n].values.tolist() for n in names), strict=True)
    listed = [dict(zip(names, row, strict=True)) for row in rows]
    return {"name": label, **attributes, "cells": listed, "disagreeing": disagreeing(cells)}


def _print(label: str, cells: xr.Dataset) -> None:
    """Print how much of the rectangle each class has, and where theory is not met."""
    from lab.phase import disagreeing

    said = cells.attrs
    over = f"{said['x']} by {said['y']}, {cells.sizes['cell']} cells, {said['steps']} steps, {said['seeds']} seeds"
    print(f"{label}: {over}, key {said['key']}" if label else f"{over}, key {said['key']}")
    counts = Counter(cells["phase"].values.tolist())
    predicted = Counter(cells["predicted"].values.tolist())
    area = _areas(cells)
    print_table(
        ["class", "cells", "of the rectangle", "predicted in cells"],
        [[c, str(n), f"{area[c]:.1%}", str(predicted.get(c, 0))] for c, n in counts.most_common()],
    )
    rows = disagreeing(cells)
    if said["theory"]:
        print(f"\n{len(rows)} cells are decided, and other than {said['theory']} says by more than a cell's size\n")
    columns = (said["x"], said["y"], "measured", "predicted", "value", "interval")
    lines = [
        [interval(r["x0"], r["x1"]), interval(r["y0"], r["y1"]), r["phase"], r["predicted"], number(r["value"]),
         interval(r["low"], r["high"])] for r in rows[:SHOWN]
    ]  # fmt: skip
    if lines:
        print_table(columns, lines)
    if len(rows) > SHOWN:
        note(f"{len(rows) - SHOWN} more: --json has them")
    note(f"value: {said['value']}; engine: {said['engine']}")


def _areas(cells: xr.Dataset) -> dict[str, float]:
    """Return the share of the rectangle that each class has, on the axes' own scales: a cell of level l has 4^-l."""
    share = 0.25 ** cells["level"].values
    phases = cells["phase"].values
    return {name: float(share[phases == name].sum() / share.sum()) for name in set(phases.tolist())}
