"""`ratelab card`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.cli.app import INTERRUPTED, Json, app, say
from lab.cli.output import note, print_json, print_rich, print_table, progress
from lab.errors import LabError
from lab.files import check_file, write

if TYPE_CHECKING:
    from lab.cards.findings import Card, ProblemCard, Trial


@app.command()
def card(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A name, package.module:Class or path/file.py:Class.")
    ],
    seeds: Annotated[int | None, typer.Option(metavar="N", help="Seeds on each problem; 256.")] = None,
    steps: Annotated[int | None, typer.Option(metavar="T", help="Steps of each; 5000.")] = None,
    lr: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Step sizes, in place of each problem's own grid.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A hyperparameter; may be repeated.")
    ] = None,
    problems: Annotated[str | None, typer.Option(metavar="A,B,...", help="Problems; all where none is named.")] = None,
    key: Annotated[int, typer.Option(help="The key of all randomness.")] = 0,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the card as one self-contained page.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the median gaps with 5-95%: .pdf, .png, .svg.")
    ] = None,
    json: Json = False,
) -> None:
    """Run one optimizer against every problem that applies and say what became of its seeds.

    TARGET is an optimizer of the lab, or any class of yours: a lab Optimizer, or a torch.optim.Optimizer, unmodified.
    Step sizes depend on the problem alone. reached: the gap f(x) - f* ends at 5% of the start's or less. diverged: not
    finite, or a gap 10000 times the start's. wrong point: settled elsewhere. stalled: none of these. Ctrl-C gives what
    is finished.

    \b
    Example:
      ratelab card adam
      ratelab card torch.optim:Adam --set "betas=(0.9,0.99)" --problems reddi_stochastic --html adam.html
    """
    from lab.cards import card as make
    from lab.cards.page import page
    from lab.cards.plot import draw
    from lab.plot import check_path

    hyper = _hyperparameters(set_ or [], lr)
    if plot is not None:
        check_path(plot)
    if html is not None:
        if not html.parent.is_dir():
            raise LabError(f"the page cannot be written to {html.parent}: no such folder")
        check_file(html, "the page")
    names = None if problems is None else [name.strip() for name in problems.split(",")]
    with progress() as report:
        made = make(target, problems=names, seeds=seeds, steps=steps, key=key, progress=report, **hyper)
    if plot is not None:
        draw(made, plot)
        note(f"drawn: {plot}")
    if html is not None:
        write(html.parent, {html.name: page(made).encode()})
        note(f"written: {html}")
    if json:
        print_json(document(made))
    else:
        _print_card(made)
    if made.unfinished:
        raise typer.Exit(say(f"stopped; not run: {', '.join(made.unfinished)}", INTERRUPTED))


def _hyperparameters(assignments: list[str], lr: str | None) -> dict[str, Any]:
    from lab.grid import parse

    found: dict[str, Any] = {}
    for text in assignments:
        a = parse(text)
        if a.owner is not None or len(a.values) != 1 or a.field == "lr":
            raise LabError(f"--set {text!r}: a card takes NAME=VALUE, one value each; step sizes go to --lr")
        if a.field in RESERVED:
            raise LabError(f"--set {text!r}: {a.field} is an option of the card: --{a.field}")
        found[a.field] = a.values[0]
    return found if lr is None else found | {"lr": list(parse(f"lr={lr}").values)}


RESERVED = ("problems", "seeds", "steps", "key", "progress")


def document(made: Card) -> dict[str, Any]:
    """Return a card as one JSON object: all its fields, a step size as a number or as its schedule's text."""
    found = asdict(made)
    found["verdicts"] = made.verdicts
    for row, p in zip(found["problems"], made.problems, strict=True):
        for cell, t in zip(row["trials"], p.trials, strict=True):
            cell["lr"] = _size(t.lr)
    if made.worst is not None:
        found["worst"]["lr"] = _size(made.worst.lr)
    return found


def _size(lr: Any) -> Any:
    return lr if lr is None or isinstance(lr, int | float) else str(lr)


def _print_card(made: Card) -> None:
    from lab.cards.page import failure, heading, legend

    print(f"{heading(made)}\n")
    columns = (
        "problem",
        "verdict",
        "best lr",
        *(s.outcome for s in made.problems[0].trials[0].shares),
        "exponent",
        "lr",
    )
    print_table(columns, [_row(p) for p in made.problems])
    print()
    for line in legend(made):
        print_rich(line)
    for name, why in made.not_applicable:
        print_rich(f"not applicable: {name}: {why}")
    if made.worst is not None:
        print_rich(f"\nWorst counterexample: {failure(made.worst)}")
        print(f"  {made.worst.command}")


def _row(p: ProblemCard) -> list[str]:
    from lab.cards.findings import in_words
    from lab.cards.page import exponent, letters, share

    best: Trial = p.trials[p.best]
    head = [p.problem, p.verdict, in_words(best.lr)]
    return [*head, *(share(s, p.deterministic) for s in best.shares), exponent(best), letters(p)]
