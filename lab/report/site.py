"""From the catalogue and the store to a folder of pages that need no network, and no script to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lab import discovery
from lab.errors import LabError
from lab.files import writable, write
from lab.report import words
from lab.report.charts import chart, thinned
from lab.report.claims import NOT_RUN, ClaimPage, Totals, claim_pages, kept_verdicts, totals
from lab.report.mathml import math, written
from lab.report.things import (
    Matrix,
    Mistake,
    Picture,
    Provenance,
    Thing,
    matrix,
    mistakes,
    pictures,
    provenance,
    things,
)
from lab.statement import units

ASSETS = ("style.css", "site.js")
Progress = Callable[[str, float], None]  # (what is being done, share done in [0, 1])


@dataclass(frozen=True)
class Catalogue:
    """Everything that the site shows."""

    claims: tuple[ClaimPage, ...]
    totals: Totals
    problems: tuple[Thing, ...]
    optimizers: tuple[Thing, ...]
    matrix: Matrix | None
    pictures: tuple[Picture, ...]
    mistakes: tuple[Mistake, ...]
    provenance: Provenance

    @property
    def not_run(self) -> dict[str, int]:
        """Return how much of each kind the store does not hold."""
        return {
            "claims": sum(c.outcome == NOT_RUN for c in self.claims),
            "matrix": int(self.matrix is None),
            "figures": sum(p.svg is None for p in self.pictures),
        }


def gather(store: Path, figures: Path, progress: Progress | None = None) -> Catalogue:
    """Return what the store keeps, beside all that there is. figures: the folder of drawn figures."""
    tell = progress or (lambda what, share: None)
    tell("claims", 0.0)
    drawn = pictures(figures)
    claims = claim_pages(kept_verdicts(store), {p.name: p.claims for p in drawn})
    tell("problems and optimizers", 0.2)
    table = matrix(store / "matrix" / "matrix.nc")
    return Catalogue(
        claims=claims,
        totals=totals(claims),
        problems=things("problem", claims, table, store),
        optimizers=things("optimizer", claims, table, store),
        matrix=table,
        pictures=drawn,
        mistakes=mistakes(claims),
        provenance=provenance(store),
    )


def report(
    out: str | Path = "runs/site",
    store: str | Path = "runs",
    figures: str | Path | None = None,
    progress: Progress | None = None,
) -> tuple[Catalogue, list[Path]]:
    """Write the site; return what it shows, and its files.

    out: the folder written to. store: where findings, runs, the matrix, portraits and cards are kept. figures: where
    figures are drawn, `store`/figures unless given. Raises LabError where `out` cannot be written.
    """
    folder, root = writable(Path(out), "the site"), Path(store)
    shown = gather(root, Path(figures) if figures is not None else root / "figures", progress)
    return shown, write_pages(shown, folder, progress)


def write_pages(shown: Catalogue, folder: Path, progress: Progress | None = None) -> list[Path]:
    """Write the pages of what is shown; return the files. LabError where they cannot be written."""
    written: list[Path] = []
    made = list(pages(shown))
    for i, (name, data) in enumerate(made):
        place, content = folder / name, data() if callable(data) else data
        try:
            written += write(place.parent, {place.name: content})
        except OSError as error:
            raise LabError(f"the site cannot be written to {folder}: {error.strerror}") from None
        if progress is not None and i % 20 == 0:
            progress("pages", 0.4 + 0.6 * i / len(made))
    return written


Content = bytes | Callable[[], bytes]


def pages(shown: Catalogue) -> Iterator[tuple[str, Content]]:
    """Yield the name of each file of the site and what makes its bytes."""
    env = environment()
    neighbours = {c.id: [o for o in shown.claims if o.paper == c.paper] for c in shown.claims}
    pictured = {p.name: p for p in shown.pictures}
    common = {"site": shown, "pictured": pictured, "known": _known(shown)}

    def page(template: str, root: str = "", **more: Any) -> Content:
        given = common | {"root": root} | more
        return lambda: env.get_template(f"{template}.html.j2").render(given).encode()

    for name in ("index", "problems", "optimizers", "matrix", "figures", "errata", "provenance"):
        yield f"{name}.html", page(name)
    for c in shown.claims:
        yield f"claims/{words.slug(c.id)}.html", page("claim", "../", c=c, neighbours=neighbours[c.id])
    for kind, found in (("problem", shown.problems), ("optimizer", shown.optimizers)):
        for thing in found:
            yield f"{kind}s/{words.slug(thing.name)}.html", page(kind, "../", thing=thing, d=thing.document)
    for p in shown.pictures:
        if p.svg is not None:
            yield f"drawn/{p.name}.svg", p.svg.read_bytes
    for thing in shown.problems:
        if thing.portrait is not None:
            yield f"drawn/portrait-{thing.name}.svg", thing.portrait.read_bytes
    for thing in shown.optimizers:
        if thing.card is not None:
            yield f"cards/{words.slug(thing.name)}.html", thing.card.read_bytes
    for asset in ASSETS:
        yield f"assets/{asset}", (templates() / asset).read_bytes


def _known(shown: Catalogue) -> Mapping[str, frozenset[str]]:
    """Return which names have a page of their own, by kind: only these are linked."""
    return {
        "claims": frozenset(c.id for c in shown.claims),
        "problems": frozenset(t.name for t in shown.problems),
        "optimizers": frozenset(t.name for t in shown.optimizers),
    }


def templates() -> Path:
    """Return the folder of the site's templates, which lies beside the figures."""
    return discovery.folder("figures") / "report"


def environment() -> Environment:
    """Return the templates' environment: everything is escaped but what the filters make, and no name may be unset."""
    env = Environment(
        loader=FileSystemLoader(templates()), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.globals["math"] = lambda *parts, display=False: Markup(math(*parts, display=display))
    env.globals["chart"] = lambda *given: Markup(chart(*given))
    env.globals["drawn_points"] = thinned
    env.filters |= {
        "caption": words.caption, "prose": words.prose, "num": words.number, "interval": words.interval,
        "confidence": words.confidence, "spread": words.spread, "slug": words.slug, "value": value, "percent": percent,
        "units": lambda u: Markup(written(units(u))), "written": lambda text: Markup(written(text)),
    }  # fmt: skip
    return env


def value(thing: Any) -> str | Markup:
    """Return a plain value as text; an expression as a formula."""
    if isinstance(thing, bool) or thing is None:
        return {True: "yes", False: "no", None: "–"}[thing]
    if isinstance(thing, sp.Basic):
        return Markup(math(thing))
    if isinstance(thing, list | tuple):
        shown = ", ".join(str(value(v)) for v in thing[:12])
        return f"({shown}{', …' if len(thing) > 12 else ''})"
    return words.number(thing, 6) if isinstance(thing, float) else str(thing)


def percent(share: float) -> str:
    """Return a share in percent, to a tenth of one."""
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
