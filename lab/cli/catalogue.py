"""`ratelab list` and `ratelab show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import Json, StoreFolder, app, kept_in
from lab.cli.kernel import print_kernel
from lab.cli.output import note, print_json, print_table
from lab.errors import LabError, unknown


@app.command(name="list")
def list_(
    kind: Annotated[
        str | None, typer.Argument(help="problems, optimizers, claims, figures, metrics or schedules.")
    ] = None,
    cards: Annotated[
        Path | None, typer.Option(metavar="DIR", help="With problems: write a Markdown card for each, and an index.")
    ] = None,
    json: Json = False,
) -> None:
    """List what there is, with a line on each.

    \b
    Example:
      ratelab list claims
      ratelab list problems --cards docs/problems
    """
    if cards is not None and kind not in ("problem", "problems"):
        raise LabError("--cards goes with problems: ratelab list problems --cards DIR")
    if cards is not None:
        from lab.problem_pages import write_pages

        print(f"written: {write_pages(cards)} cards in {cards}")
        return
    from lab.index import KINDS, entries

    if kind is not None and kind.removesuffix("s") not in KINDS:
        raise unknown("kind", kind, [f"{name}s" for name in KINDS])
    wanted = KINDS if kind is None else (kind.removesuffix("s"),)
    found = entries()
    groups = {f"{name}s": [e for e in found if e.kind == name] for name in wanted}
    if json:
        print_json({plural: [e.document() for e in group] for plural, group in groups.items()})
        return
    for plural, group in groups.items():
        columns = ("name", "says", "source") if any(e.source for e in group) else ("name", "says")
        rows = [[getattr(e, c) for c in columns] for e in group]
        print_table((plural, *columns[1:]), rows)
        print()


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="ID", help="A name that `ratelab list` prints.")] = None,
    kernel: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="PROBLEM OPTIMIZER", help="Show one step of this pair as the fused engine's C instead."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the problem, with runs of three methods: .pdf, .png, .svg."),
    ] = None,
    cuda: Annotated[bool, typer.Option("--cuda", help="With --kernel: the whole CUDA source.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="A claim as LaTeX: the theorem and its proof.")] = False,
    store: StoreFolder = "runs",
    json: Json = False,
) -> None:
    """Show everything about one thing: formulas, constants, parameters, the statement and its proof, the source.

    Where things of different kinds share a name, all of them are shown. A parameter's value is the default. A step of a
    claim has the verdict that `ratelab verify` kept in the store.

    \b
    Example:
      ratelab show reddi2018.thm1
      ratelab show reddi2018.thm1 --latex
      ratelab show reddi_stochastic --plot reddi.png
      ratelab show --kernel reddi_stochastic adam
    """
    if cuda and kernel is None:
        raise LabError("--cuda goes with --kernel PROBLEM OPTIMIZER (see ratelab show --help)")
    if kernel is not None and name is not None:
        raise LabError(f"show takes an ID or --kernel, got both: {name!r} and {' '.join(kernel)!r}")
    if kernel is not None:
        print_kernel(*kernel, cuda=cuda, json=json)
        return
    from lab.index import entries

    if name is None:
        raise LabError("Missing argument 'ID', or --kernel PROBLEM OPTIMIZER (see ratelab show --help)")
    found = [e for e in entries() if name == e.name or name in e.aliases]
    if not found:
        raise unknown("problem, optimizer, claim or figure", name, (n for e in entries() for n in (e.name, *e.aliases)))
    from lab.cli.page import print_page
    from lab.describe import describe

    if latex:
        _print_latex([e.name for e in found if e.kind == "claim"])
        return
    if plot is not None:
        _draw([e.name for e in found if e.kind == "problem"], plot)
    documents = {e.kind: describe(e, kept_in(store)) for e in found}
    if json:
        print_json(documents)
        return
    for kind, document in documents.items():
        print_page(kind, document)


def _print_latex(claims: list[str]) -> None:
    from lab.discovery import get_claim
    from lab.statement import latex

    if not claims:
        raise LabError("--latex goes with a claim (see ratelab list claims)")
    print(latex(get_claim(claims[0])))


def _draw(problems: list[str], plot: Path) -> None:
    from lab.discovery import get_problem
    from lab.plot import check_path
    from lab.portrait import draw

    if not problems:
        raise LabError("--plot draws problems; a figure is drawn by ratelab figures")
    check_path(plot)
    draw(get_problem(problems[0]), plot)
    note(f"drawn: {plot}")
