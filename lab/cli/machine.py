"""`ratelab doctor`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import FAILED, Json, app
from lab.cli.output import print_json, print_table, progress
from lab.errors import LabError
from lab.files import check_file, write

_MARK = {True: "ok", False: "BROKEN", None: ""}


@app.command()
def doctor(
    store: Annotated[Path, typer.Option(metavar="DIR", help="The folder of results.")] = Path("runs"),
    engines: Annotated[bool, typer.Option("--engines", help="Say what the fused engine takes, and why not.")] = False,
    libraries: Annotated[
        bool, typer.Option("--libraries", help="Run every optimizer beside the library classes of its name.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --libraries: write the table as Markdown.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what this machine has and which parts of the lab work on it. Exit code 1 where something needed is broken.

    \b
    Example:
      ratelab doctor
      ratelab doctor --engines
      ratelab doctor --libraries --out docs/libraries.md
    """
    if engines and libraries:
        raise LabError("doctor takes --engines or --libraries, got both")
    if out is not None and not libraries:
        raise LabError("--out goes with --libraries (see ratelab doctor --help)")
    if out is not None:
        check_file(out, "the table")
    good = _engines(json) if engines else _libraries(out, json) if libraries else _machine(store, json)
    if not good:
        raise typer.Exit(FAILED)


def _machine(store: Path, json: bool) -> bool:
    from lab.doctor import examine

    checks = list(examine(os.environ, store))
    if json:
        print_json({"checks": [asdict(c) for c in checks]})
    else:
        print_table(("what", "", "found"), [[c.name, _MARK[c.ok], c.detail] for c in checks])
    return all(c.ok is not False for c in checks)


def _engines(json: bool) -> bool:
    """Print what runs on the reference engine only; a matrix method may, so nothing here is broken."""
    from lab.coverage import covered

    found = list(covered())
    if json:
        print_json({"engines": [asdict(c) for c in found]})
        return True
    for kind in ("optimizer", "problem"):
        of_kind = [c for c in found if c.kind == kind]
        print(f"{sum(c.fused for c in of_kind)} of {len(of_kind)} {kind}s run in the fused engine")
    rest = [[c.name, c.why] for c in found if not c.fused]
    if rest:
        print_table(("reference engine only", "because"), rest)
    return True


def _libraries(out: Path | None, json: bool) -> bool:
    from lab.libraries import Row, markdown, rows

    with progress() as report:
        tell = None if report is None else lambda done, total: report("comparing", done / total)
        found = list(rows(tell))
    if out is not None:
        write(out.parent, {out.name: markdown(found).encode()})
    columns = ("rule", "library class", "outcome", "apart", "why")

    def cells(r: Row) -> list[str]:
        return [r.optimizer, r.reference.target, r.outcome, "" if r.apart is None else f"{r.apart:.0e}", r.why]

    if json:
        print_json({"libraries": [dict(zip(columns, cells(r), strict=True)) | {"apart": r.apart} for r in found]})
    elif out is None:
        print_table(columns, [cells(r) for r in found])
    else:
        print(out)
    return not any(r.wrong for r in found)
