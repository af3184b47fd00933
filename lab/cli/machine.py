"""`ratelab doctor`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import FAILED, Json, app
from lab.cli.output import print_json, print_table

_MARK = {True: "ok", False: "BROKEN", None: ""}


@app.command()
def doctor(
    store: Annotated[Path, typer.Option(metavar="DIR", help="The folder of results.")] = Path("runs"),
    json: Json = False,
) -> None:
    """Say what this machine has and which parts of the lab work on it. Exit code 1 where something needed is broken.

    \b
    Example:
      ratelab doctor
    """
    from lab.doctor import examine

    checks = list(examine(os.environ, store))
    if json:
        print_json({"checks": [asdict(c) for c in checks]})
    else:
        print_table(("what", "", "found"), [[c.name, _MARK[c.ok], c.detail] for c in checks])
    if any(c.ok is False for c in checks):
        raise typer.Exit(FAILED)
