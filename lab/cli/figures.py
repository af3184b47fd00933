"""`ratelab figures`: draws them, or lists them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lab.cli.app import Json, NoStore, StoreFolder, app, store_folder
from lab.cli.output import Report, print_json, print_table, progress
from lab.errors import LabError
from lab.files import check_file


@app.command()
def figures(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Figures; all where none is named.")
    ] = None,
    only: Annotated[str | None, typer.Option(metavar="A,B,...", help="The same, in one word.")] = None,
    style: Annotated[
        str, typer.Option(metavar="STYLE", help="paper; or slides: larger type, 16:9, no caption.")
    ] = "paper",
    again: Annotated[bool, typer.Option("--again", help="Draw even what has not changed.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List them instead: what each shows, of which claims.")
    ] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where they are written.")] = Path("runs/figures"),
    gallery: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a Markdown page that shows them, too.")
    ] = None,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    json: Json = False,
) -> None:
    """Draw figures: SVG, PDF, PNG and the plotted numbers as CSV. Runs that the store lacks are run first.

    A figure whose runs, code and files have not changed is not drawn again. After Ctrl-C the same command goes on.

    \b
    Example:
      ratelab figures --list
      ratelab figures reddi_theorem1 --out figures-of-the-paper
      ratelab figures --only reddi_theorem1,sgd_quadratic --style slides
    """
    wanted = chosen(names or [], only)
    if listed:
        _list(wanted, json)
        return
    if gallery is not None:
        check_file(gallery, "the gallery")
    paths = draw(wanted, out, store_folder(store, no_store), style=style, again=again)
    if gallery is not None:
        paths += _gallery(paths, gallery)
    if json:
        print_json({"files": [str(path) for path in paths]})
    else:
        print(*paths, sep="\n")


def chosen(names: Sequence[str], only: str | None) -> list[str] | None:
    """Return the figures asked for, by arguments and by --only together; None where neither names one."""
    parts = [part.strip() for part in only.split(",")] if only is not None else []
    if only is not None and not all(parts):
        raise LabError(f"--only takes names parted by commas, got {only!r}")
    return [*names, *parts] or None


def draw(names: Sequence[str] | None, out: Path, store: str | None, **how: Any) -> list[Path]:
    """Draw figures under a progress bar and return their files."""
    from lab import discovery

    with progress() as report:
        paths: list[Path] = discovery.renderer().render(names, out=out, store=store, progress=_drawing(report), **how)
    return paths


def _gallery(paths: Sequence[Path], page: Path) -> list[Path]:
    from lab import discovery

    made: list[Path] = discovery.renderer().gallery(list(dict.fromkeys(p.with_suffix("") for p in paths)), page)
    return made


def _drawing(report: Report | None) -> Any:
    return None if report is None else lambda done, total: report("drawing figures", done / max(total, 1))


def _list(names: Sequence[str] | None, json: bool) -> None:
    from lab import discovery
    from lab.errors import unknown
    from lab.index import first_line

    found = discovery.figures()
    for name in names or ():
        if name not in found:
            raise unknown("figure", name, found)
    rows: list[dict[str, Any]] = [
        {"name": name, "says": first_line(module), "claims": list(getattr(module, "CLAIMS", ()))}
        for name, module in sorted(found.items())
        if names is None or name in names
    ]
    if json:
        print_json({"figures": rows})
    else:
        print_table(("figure", "shows", "claims"), [(r["name"], r["says"], ", ".join(r["claims"])) for r in rows])
