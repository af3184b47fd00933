"""What the site says of problems, optimizers, figures and mistakes, and of the machine that made it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lab import __version__, discovery
from lab.claim import Claim, Erratum
from lab.describe import describe
from lab.doctor import REQUIRED
from lab.index import Entry, entries
from lab.matrix.table import load, rows
from lab.report import portraits
from lab.report.claims import ClaimPage
from lab.verdict import Finding

PACKAGES = (*REQUIRED, "PEPit")
Pairs = dict[str, list[dict[str, Any]]]  # name -> rows of the matrix that stand for its pairs


@dataclass(frozen=True)
class Thing:
    """A problem or an optimizer: its entry and document, the claims that run it, its rows of the matrix.

    portrait, card: files that the store keeps, of a problem its portrait and of an optimizer its report card; None
        where there is none.
    """

    entry: Entry
    document: Mapping[str, Any]
    claims: tuple[ClaimPage, ...]
    rows: tuple[Mapping[str, Any], ...]
    portrait: Path | None = None
    card: Path | None = None

    @property
    def name(self) -> str:
        """Return its name."""
        return self.entry.name


@dataclass(frozen=True)
class Matrix:
    """The kept table: its attributes, every row, and those that stand for their pairs by (optimizer, problem)."""

    facts: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    optimizers: tuple[str, ...]
    problems: tuple[str, ...]
    cells: Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Picture:
    """A figure. svg: the drawn file, None where it was not drawn; facts: what was written beside it.

    whole: whether the file is the one that the facts speak of, by its hash.
    """

    name: str
    says: str
    claims: tuple[str, ...]
    svg: Path | None
    facts: Mapping[str, Any]
    whole: bool

    @property
    def is_phase_map(self) -> bool:
        """Tell whether it is a map over two parameters."""
        return self.name.startswith("phase_")


@dataclass(frozen=True)
class Mistake:
    """One published mistake with what is kept of it: the printed step's finding, and its repairs'."""

    claim: Claim
    erratum: Erratum
    printed: Finding | None
    repairs: tuple[Finding, ...]


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from. runs: (folder's name, seeds, host, hash) of every kept run."""

    made: str
    host: str
    versions: tuple[tuple[str, str], ...]
    runs: tuple[tuple[str, int, str, str], ...]
    hosts: tuple[str, ...]
    seeds: int


def matrix(file: Path) -> Matrix | None:
    """Return the kept matrix; None where there is none."""
    from lab.matrix.compare import verdicts

    if not file.exists():
        return None
    table = load(file)
    seen, every = verdicts(table), rows(table)
    lists = {name: json.loads(table.attrs[name]) for name in ("not_applicable", "failed", "unfinished")}
    return Matrix(
        facts={**{str(k): v for k, v in table.attrs.items()}, **lists},
        rows=tuple(every),
        optimizers=seen.optimizers,
        problems=seen.problems,
        cells={(row["optimizer"], row["problem"]): row for row in every if row["best"]},
    )


def things(
    kind: str,
    claims: Sequence[ClaimPage],
    table: Matrix | None,
    store: Path,
    names: Collection[str] | None = None,
) -> tuple[Thing, ...]:
    """Return problems, or optimizers, by name. kind: "problem" or "optimizer". names: all where none are given."""
    known = entries()
    found = [e for e in known if e.kind == kind and (names is None or e.name in names)]
    return tuple(
        Thing(
            entry=e,
            document=describe(e, known=known),
            claims=tuple(c for c in claims if any(e.name in _names(p, kind) for p in c.predictions)),
            rows=tuple(row for row in table.rows if row[kind] == e.name) if table else (),
            portrait=portraits.kept(e.name, store) if kind == "problem" else None,
            card=_there(store / "cards" / f"{e.name}.html") if kind == "optimizer" else None,
        )
        for e in found
    )


def _names(prediction: Any, kind: str) -> Iterable[str]:
    """Yield the name of a prediction's problem or optimizer, and of those that it wraps."""
    thing = getattr(prediction, kind)
    while thing is not None:
        yield thing.name
        thing = getattr(thing, "inner", None)


def _there(file: Path) -> Path | None:
    return file if file.is_file() else None


def pictures(folder: Path) -> tuple[Picture, ...]:
    """Return every figure, drawn in `folder` or not."""
    return tuple(_picture(name, module, folder) for name, module in sorted(discovery.figures().items()))


def _picture(name: str, module: Any, folder: Path) -> Picture:
    says = (module.__doc__ or "").strip().partition("\n")[0]
    about = tuple(getattr(module, "CLAIMS", ()))
    svg, facts_file = folder / f"{name}.svg", folder / f"{name}.json"
    try:
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
        data = svg.read_bytes()
    except (OSError, ValueError):
        return Picture(name, says, about, None, {}, False)
    whole = facts.get("sha256", {}).get(svg.name) == hashlib.sha256(data).hexdigest()
    return Picture(name, says, about, svg, facts, whole)


def mistakes(claims: Iterable[ClaimPage]) -> tuple[Mistake, ...]:
    """Return the mistakes of all claims: their findings come in order, a printed step and then its repairs."""
    found = []
    for page in claims:
        left = list(page.mistakes)
        for erratum in page.claim.errata:
            n = 1 + len(erratum.repair)
            printed, repairs = (left[0], tuple(left[1:n])) if len(left) >= n else (None, ())
            left = left[n:]
            found.append(Mistake(page.claim, erratum, printed, repairs))
    return tuple(found)


def provenance(store: Path) -> Provenance:
    """Return where this site's numbers come from."""
    runs = sorted(_run(file) for file in store.glob("*/*/run.json"))
    return Provenance(
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        host=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        versions=(("ratelab", __version__), *((name, _version(name)) for name in PACKAGES)),
        runs=tuple(runs),
        hosts=tuple(sorted({host for _, _, host, _ in runs})),
        seeds=sum(seeds for _, seeds, _, _ in runs),
    )


def _run(file: Path) -> tuple[str, int, str, str]:
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
        return file.parent.parent.name, int(info["seeds"]), str(info["host"]), str(info["sha256"])
    except (OSError, ValueError, KeyError):
        return file.parent.parent.name, 0, "damaged", ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
