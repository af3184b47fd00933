"""`ratelab run`: any problem with any optimizers, on many seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.cli.app import Json, NoStore, StoreFolder, app, store_folder
from lab.cli.output import interval, note, number, print_json, print_table, progress
from lab.errors import LabError, unknown

if TYPE_CHECKING:
    import xarray as xr


@app.command()
def run(
    problem: Annotated[str, typer.Option(metavar="NAME", help="What is minimized.")],
    optimizer: Annotated[str, typer.Option(metavar="A,B,...", help="What minimizes it; transform(A) too.")],
    seeds: Annotated[int, typer.Option(metavar="N", help="Independent runs of each configuration.")] = 1000,
    steps: Annotated[int, typer.Option(metavar="T", help="Steps of each run.")] = 1000,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUES", help="A parameter's grid; may be repeated.")
    ] = None,
    key: Annotated[int, typer.Option(help="The key of all randomness.")] = 0,
    record: Annotated[
        str, typer.Option(metavar="log|N|T1,T2,...", help="Log-spaced steps, each Nth, or a list.")
    ] = "log",
    metrics: Annotated[str | None, typer.Option(metavar="A,B,...", help="What is measured: see list metrics.")] = None,
    start: Annotated[str | None, typer.Option(metavar="X1,X2,...", help="The first point; else the problem's.")] = None,
    dtype: Annotated[str, typer.Option(help="float64 or float32.")] = "float64",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    engine: Annotated[str, typer.Option(help="auto, fused or reference.")] = "auto",
    keep_seeds: Annotated[
        bool, typer.Option("--keep-seeds", help="Run afresh, with each last point in --json.")
    ] = False,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw medians with 5-95%: .pdf, .png, .svg.")
    ] = None,
    json: Json = False,
) -> None:
    """Run a problem with one or more optimizers and print statistics over seeds.

    --set takes a grid: commas separate its values, parentheses write a tuple, schedules and noise laws go by name
    (ratelab list schedules). A parameter is set in every optimizer that has it, in the problem where none has it;
    problem.NAME, OPTIMIZER.NAME and TRANSFORM.NAME say whose it is. Transforms go around a method:
    --optimizer "clip_norm(adam)" --set max_norm=1.

    The table has the last step; --json has every recorded one, with infinities as "inf", "-inf" and NaN as "nan".
    A diverged seed counts as +inf: quantiles stay valid, its mean is inf.

    \b
    Example:
      ratelab run --problem reddi_stochastic --optimizer adam,amsgrad --seeds 100000 --steps 10000 \\
          --set "lr=inv_sqrt(0.5),inv_sqrt(0.1)" --set "betas=(0.9,0.99)" --plot out.pdf
    """
    from lab.plot import check_path, draw
    from lab.simulate import simulate

    problems, optimizers = _grid(problem, _names(optimizer), set_ or [])
    if plot is not None:
        check_path(plot)
    options: dict[str, Any] = {
        "seeds": seeds, "steps": steps, "key": key, "record": _record(record), "start": _point(start), "dtype": dtype,
        "device": device, "engine": engine, "metrics": None if metrics is None else _names(metrics),
        "keep_seeds": keep_seeds, "store": store_folder(store, no_store or keep_seeds),
    }  # fmt: skip
    results = []
    with progress() as report:
        for i, one in enumerate(problems):
            tell = None if report is None else _share(report, one.name, i, len(problems))
            results.append(simulate(one, optimizers, progress=tell, **options))
    if plot is not None:
        draw(results, plot)
        note(f"drawn: {plot}")
    if json:
        print_json({"runs": [document(r) for r in results]}, indent=None)
    else:
        for result in results:
            _print_run(result)


def _grid(problem: str, optimizers: Sequence[str], assignments: Sequence[str]) -> tuple[list[Any], list[Any]]:
    from lab import discovery, grid
    from lab.chains import chain

    known = discovery.problems()
    if problem not in known:
        raise unknown("problem", problem, known)
    chains = list(dict.fromkeys(chain(name) for name in optimizers))
    return grid.build([grid.parse(text) for text in assignments], known[problem], chains)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _record(text: str) -> str | int | list[int]:
    if text == "log":
        return text
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise LabError(f"--record must be 'log', an interval or a list of steps, got {text!r}") from None
    return numbers[0] if "," not in text else numbers


def _point(text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError:
        raise LabError(f"--start must be numbers with commas between them, got {text!r}") from None


def _share(report: Any, name: str, i: int, n: int) -> Any:
    return lambda done, total: report(name, (i + done / total) / n)


def document(result: xr.Dataset) -> dict[str, Any]:
    """Return a run as one JSON object.

    `spec`, what was run, and `made`, how; `steps`; and for each of `configurations` its optimizer, hyperparameters,
    `diverged` (seeds, by step) and for each of `metrics` the arrays over steps: mean, mean_lo, mean_hi, median,
    median_lo, median_hi, and one for each quantile. Where d > 1 a vector metric has a list in place of each number.
    """
    import json

    made = {k: v for k, v in result.attrs.items() if k != "spec"}
    configurations = [_configuration(result.isel(config=i)) for i in range(result.sizes["config"])]
    steps = result["step"].values
    return {"spec": json.loads(result.attrs["spec"]), "made": made, "steps": steps, "configurations": configurations}


def _configuration(row: xr.Dataset) -> dict[str, Any]:
    import json

    spec = json.loads(row.attrs["spec"])
    settings = spec["optimizers"][int(row["config"])]
    found: dict[str, Any] = {"optimizer": settings.pop("name"), "hyperparameters": settings}
    found |= {"diverged": row["diverged"].values, "metrics": {name: _metric(row, name) for name in spec["metrics"]}}
    return found | ({"x_final": row["x_final"].values} if "x_final" in row else {})


def _metric(row: xr.Dataset, name: str) -> dict[str, Any]:
    suffixes = ("mean", "mean_lo", "mean_hi", "median", "median_lo", "median_hi")
    found = {s: row[f"{name}_{s}"].values for s in suffixes if f"{name}_{s}" in row}
    bands = row[f"{name}_quantile"]
    return found | {"quantile": {f"{q:g}": bands.sel(quantile=q).values for q in bands["quantile"].values}}


def _print_run(result: xr.Dataset) -> None:
    """Print the last step's statistics, a row for each configuration, metric and coordinate."""
    last = document(result)
    columns_of = {str(k): c.values for k, c in result.coords.items() if c.dims == ("config",) and k != "config"}
    settings = {k: [str(v) for v in column] for k, column in columns_of.items()}
    differ = [k for k, column in settings.items() if k == "optimizer" or len({*column} - {""}) > 1]
    columns = (*differ, "metric", "mean", f"{last['made']['confidence']:.1%} interval", "median", "5-95%", "diverged")
    rows = []
    for i, configuration in enumerate(last["configurations"]):
        rows += [[*(settings[k][i] for k in differ), *row] for row in _rows(configuration)]
    print(_title(last["spec"]["problem"], int(last["steps"][-1]), last["made"]))
    same = ", ".join(f"{k} = {max(column)}" for k, column in settings.items() if k not in differ)
    print(f"where it applies: {same}\n" if same else "")
    print_table(columns, rows)
    print()
    note(f"{last['made']['engine_why']}, {last['made']['device']}, {last['made']['wall_time_s']} s")


def _title(problem: dict[str, Any], step: int, made: dict[str, Any]) -> str:
    values = ", ".join(f"{k} = {v}" for k, v in problem.items() if k != "name")
    return f"{problem['name']}({values}) after {step} steps, {made['seeds']} seeds, key {made['key']}"


def _rows(configuration: dict[str, Any]) -> list[list[str]]:
    diverged = str(int(configuration["diverged"][-1]))
    rows = []
    for name, arrays in configuration["metrics"].items():
        final = {k: _coordinates(v) for k, v in arrays.items() if k != "quantile"}
        low, high = (_coordinates(arrays["quantile"][q]) for q in ("0.05", "0.95"))
        for i, median in enumerate(final["median"]):
            at = {k: v[i] for k, v in final.items()}
            label = name if len(low) == 1 else f"{name}[{i}]"
            mean, limits = number(at.get("mean")), interval(at.get("mean_lo"), at.get("mean_hi"))
            rows.append([label, mean, limits, number(median), interval(low[i], high[i]), diverged])
    return rows


def _coordinates(over_steps: Any) -> list[float]:
    """Return the last step's value as a list of coordinates, one long for a scalar metric."""
    last: list[float] = over_steps[-1].reshape(-1).tolist()
    return last
