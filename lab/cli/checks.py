"""`ratelab verify`; and `ratelab demo`, which verifies and draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.cli.app import FAILED, Json, NoStore, StoreFolder, app, store_folder
from lab.cli.figures import draw
from lab.cli.output import note, print_json, progress
from lab.cli.verdicts import document, print_verdicts
from lab.errors import unknown
from lab.files import check_file

if TYPE_CHECKING:
    from lab.verdict import Verdict


@app.command()
def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Claims; all where none is named.")] = None,
    symbolic: Annotated[bool, typer.Option("--symbolic", help="The algebra only: nothing is run.")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Spoil every bound too: which checks notice?")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="A row for every proof step, limit and unit check.")] = False,
    runs: Annotated[bool, typer.Option("--runs", help="A row for every run; so it is where claims are named.")] = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Claims whose algebra is checked side by side.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="UNDECIDED is a failure.")] = False,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    json: Json = False,
) -> None:
    """Check claims: their algebra by engines that do not trust each other, their predictions by running them.

    Exit code 1 where a verdict failed. What could not be decided is listed; it fails with --strict only. Findings on
    the algebra are kept in the store, and come from there until a claim or the checker changes.

    \b
    Example:
      ratelab verify reddi2018.thm1 reddi2018.thm3
      ratelab verify --symbolic --mutants
    """
    asked = {"symbolic": symbolic, "mutants": mutants, "processes": jobs}
    verdicts = _verify(ids or [], store_folder(store, no_store), **asked)
    failed = any(v.failed or (strict and v.undecided) for v in verdicts)
    if json:
        print_json({"failed": failed, "claims": [document(v) for v in verdicts]})
    else:
        print_verdicts(verdicts, every_step=steps, every_run=runs or bool(ids))
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the figures are written.")] = Path("runs/figures"),
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    json: Json = False,
) -> None:
    """Show Adam diverge beside the theorems that say so: draw the figures that say `DEMO`, verify their claims.

    It takes about a minute on two cores. A row that says "broken by" must be VIOLATED: it shows that the check can
    fail. Exit code 1 where a verdict failed.

    \b
    Example:
      ratelab demo
    """
    folder = store_folder(store, no_store)
    check_file(out / "figure", "figures")
    from lab import discovery

    shown = {name: module.CLAIMS for name, module in discovery.figures().items() if getattr(module, "DEMO", False)}
    ids = list(dict.fromkeys(claim for claims in shown.values() for claim in claims))
    note(f"Checking {len(ids)} claims and drawing {len(shown)} figures: about a minute on two cores.")
    verdicts = _verify(ids, folder)
    failed = any(v.failed for v in verdicts)
    if not json:
        print_verdicts(verdicts, every_step=False, every_run=True)
    paths = draw(list(shown), out, folder)
    if json:
        print_json({"failed": failed, "claims": [document(v) for v in verdicts], "files": [str(p) for p in paths]})
    else:
        _print_paths(paths)
    if failed:
        raise typer.Exit(FAILED)


def _print_paths(paths: Sequence[Path]) -> None:
    print("\nFigures")
    for stem in dict.fromkeys(path.with_suffix("") for path in paths):
        print(f"  {stem}", *(path.suffix for path in paths if path.with_suffix("") == stem))


def _verify(ids: Sequence[str], store: str | None, **asked: Any) -> tuple[Verdict, ...]:
    from lab import discovery
    from lab.verify import verify as check

    for name in ids:
        if name not in discovery.claims():
            raise unknown("claim", name, discovery.claims())
    with progress() as report:
        return check(ids, store=store, progress=report, **asked)
