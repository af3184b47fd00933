"""`ratelab report` and `ratelab reproduce`: pages to be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.app import FAILED, Json, NoStore, StoreFolder, app, kept_in, store_folder
from lab.cli.output import note, number, print_json, print_table, progress
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.report import Catalogue
    from lab.reproduce import Reproduction


@app.command()
def report(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pages are written.")] = Path("runs/site"),
    portraits: Annotated[
        bool, typer.Option("--portraits", help="Draw the problems that have no portrait yet: minutes.")
    ] = False,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where figures are drawn; DIR of --store, figures/.")
    ] = None,
    store: StoreFolder = "runs",
    json: Json = False,
) -> None:
    """Write everything that the store keeps as a static site: open DIR/index.html.

    Verdicts, proofs and experiments of every claim, a page for each problem and optimizer, the matrix, all figures,
    errata, provenance. Nothing is run: what was not run yet is said on its page, with the command that runs it. The
    pages load nothing from a network and can be read without a script.

    \b
    Example:
      ratelab verify && ratelab matrix && ratelab figures && ratelab report
    """
    from lab.report import report as make
    from lab.report.portraits import draw_missing

    if figures is not None and not figures.is_dir():
        raise LabError(f"--figures must be a folder, got {str(figures)!r}")
    kept_in(store)
    with progress() as bar:
        refused = draw_missing(Path(store), progress=bar) if portraits else ()
        shown, files = make(out, store, figures, bar)
    for name, why in refused:
        note(f"no portrait of {name}: {why}")
    if json:
        print_json({"index": str(out / "index.html"), "files": len(files), "not_run": shown.not_run})
    else:
        _print_site(shown, out, len(files))


def _print_site(shown: Catalogue, out: Path, files: int) -> None:
    counts = {"claims": len(shown.claims), "matrix": 1, "figures": len(shown.pictures)}
    commands = {"claims": "ratelab verify", "matrix": "ratelab matrix", "figures": "ratelab figures"}
    print(f"{out / 'index.html'}: {files} files")
    for what, missing in shown.not_run.items():
        if missing:
            print(f"  not run yet: {missing} of {counts[what]} ({what}): {commands[what]}")


@app.command()
def reproduce(
    paper: Annotated[
        str | None, typer.Argument(metavar="PAPER", help="What its claims' ids begin with: reddi2018.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the papers instead.")] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the page and the figures are written.")] = Path(
        "runs/reproduce"
    ),
    mutants: Annotated[bool, typer.Option("--mutants", help="Spoil every bound too: which checks notice?")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="UNDECIDED is a failure.")] = False,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    json: Json = False,
) -> None:
    """Verify a paper's claims, draw its figures, and write one page: DIR/PAPER.html.

    What was claimed, what was checked, what was seen, its errata, and how long it took. Exit code 1 where a verdict
    failed.

    \b
    Example:
      ratelab reproduce reddi2018
      ratelab reproduce --list
    """
    from lab.reproduce import papers, reproduce as run

    if listed:
        _list(json)
        return
    if paper is None:
        raise LabError(f"Missing argument 'PAPER' (there are {len(papers())}: ratelab reproduce --list)")
    with progress() as bar:
        made, page = run(paper, out=out, store=store_folder(store, no_store), mutants=mutants, progress=bar)
    if json:
        print_json(made.document() | {"page": str(page)})
    else:
        _print_paper(made)
        print(f"\n{page}")
    if made.failed or (strict and made.undecided):
        raise typer.Exit(FAILED)


def _list(json: bool) -> None:
    from lab.reproduce import papers

    found = papers().values()
    if json:
        rows = [{"paper": p.name, "source": p.source, "claims": p.claims, "figures": p.figures} for p in found]
        print_json({"papers": rows})
    else:
        lines = [(p.name, str(len(p.claims)), str(len(p.figures)), p.source) for p in found]
        print_table(("paper", "claims", "figures", "source"), lines)


def _print_paper(made: Reproduction) -> None:
    print(f"{made.paper.name}: {made.paper.source}\n")
    rows = [
        (p.id, p.outcome + (" FAILED" if p.failed else ""), number(p.tightness, 3), p.claim.says) for p in made.pages
    ]
    print_table(("claim", "verdict", "tightness", "what it says"), rows)
    print(f"\nFigures: {', '.join(made.paper.figures) or 'none'}. Errata: {len(made.mistakes)}.")
    print(f"Verifying took {made.verifying:.1f} s, drawing {made.drawing:.1f} s.")
