"""`ratelab new`: the first version of a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import app

_NEXT = {
    "problem": "ratelab show {name}; ratelab run --problem {name} --optimizer sgd --set lr=0.1",
    "optimizer": "ratelab show {name}; ratelab run --problem noisy_quadratic --optimizer {name} --set lr=0.1",
    "claim": "ratelab verify {name}.thm1",
    "figure": "ratelab figures {name}",
}


@app.command()
def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="problem, optimizer, claim or figure.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A module's name: my_toy; for a claim its paper: doe2024.")
    ],
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where it is written, in place of the package's own folder.")
    ] = None,
) -> None:
    """Write a new problem, optimizer, claim or figure: one file that works as it is, to be changed into yours.

    It is found by its place; no list is edited. A file elsewhere is found once an installed distribution names its
    module in the entry-point group ratelab.problems, .optimizers, .claims or .figures.

    \b
    Example:
      ratelab new problem my_toy
    """
    from lab.index import entries
    from lab.scaffold import KINDS, create, text

    text(kind, name)  # a bad kind or name is said before anything is loaded
    taken = [n for e in entries() if e.kind == kind for n in (e.name, *e.aliases)] if kind in KINDS else []
    print(create(kind, name, into, taken))
    if into is None:
        print(f"try: {_NEXT[kind].format(name=name)}")
