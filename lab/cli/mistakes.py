"""`ratelab errata`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import FAILED, Json, NoStore, StoreFolder, app, store_folder
from lab.cli.output import print_json, progress


@app.command()
def errata(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as Markdown.")] = None,
    store: StoreFolder = "runs",
    no_store: NoStore = False,
    json: Json = False,
) -> None:
    """List published mistakes: the step that is refuted, with numbers; its repair, proved; what survives.

    Exit code 1 where a printed step could not be refuted, or a repair not be proved.

    \b
    Example:
      ratelab errata
      ratelab errata --out docs/errata.md
    """
    from lab.engine.cpu import available_threads
    from lab.errata import errata as found, page
    from lab.files import check_file, write

    if out is not None:
        check_file(out, "errata")
    with progress() as report:
        entries = found(store=store_folder(store, no_store), processes=available_threads(), progress=report)
    if out is not None:
        write(out.parent, {out.name: page(entries).encode()})
    if json:
        print_json([e.document() for e in entries])
    elif out is not None:
        print(f"written: {out}")
    else:
        for e in entries:
            _print(e.document())
        published = sum(e.erratum.published for e in entries)
        settled = sum(e.settled for e in entries)
        print(f"{published} read in a text, {len(entries) - published} candidates; {settled} refuted and repaired.")
    if not all(e.settled for e in entries):
        raise typer.Exit(FAILED)


def _print(d: dict[str, object]) -> None:
    read = f"read in: {d['read_in']}" if d["published"] else "a candidate: recalled or derived, not read in the paper"
    print(f"{d['claim']}, {d['id']}: {d['says']}\n  {read}\n  step: {d['printed']}\n  {d['outcome']}: {d['reason']}")
    repairs = d["repairs"]
    assert isinstance(repairs, list)
    for repair in repairs:
        print(f"  repair: {repair['says']}: {repair['outcome']} ({', '.join(repair['engines'])})")
    print(*([f"  survives: {d['survives']}"] if d["survives"] else []), "", sep="\n")
