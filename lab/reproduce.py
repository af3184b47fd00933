"""One paper from end to end: its claims verified, its figures drawn, and one page that says what came of them."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lab import discovery
from lab.errors import LabError, unknown
from lab.files import writable, write
from lab.report.claims import ClaimPage, Totals, claim_pages, totals
from lab.report.site import environment, templates
from lab.report.things import Mistake, Picture, Provenance, mistakes, pictures, provenance
from lab.verdict import Verdict
from lab.verify import verify

Progress = Callable[[str, float], None]  # (what is being done, share done in [0, 1])
CHECKED = 0.7  # of the whole, as the progress bar has it; the rest is drawing


@dataclass(frozen=True)
class Paper:
    """A paper of the catalogue: its name, its claims' ids, the figures that are about one of them."""

    name: str
    source: str
    claims: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Reproduction:
    """What came of a paper, and how many seconds each part took."""

    paper: Paper
    verdicts: tuple[Verdict, ...]
    pages: tuple[ClaimPage, ...]
    totals: Totals
    pictures: tuple[Picture, ...]
    mistakes: tuple[Mistake, ...]
    provenance: Provenance
    verifying: float
    drawing: float

    @property
    def failed(self) -> bool:
        """Tell whether a verdict failed."""
        return any(v.failed for v in self.verdicts)

    @property
    def undecided(self) -> bool:
        """Tell whether a check decided nothing."""
        return any(v.undecided for v in self.verdicts)

    def document(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        claims = [
            {"claim": p.id, "says": p.claim.says, "source": p.claim.source, "outcome": p.outcome, "failed": p.failed,
             "confidence": p.confidence, "tightness": p.tightness}
            for p in self.pages
        ]  # fmt: skip
        return {
            "paper": self.paper.name, "failed": self.failed, "claims": claims, "figures": list(self.paper.figures),
            "errata": [f"{m.claim.id}, {m.erratum.id}: {m.erratum.says}" for m in self.mistakes],
            "seconds": {"verifying": round(self.verifying, 2), "drawing": round(self.drawing, 2)},
        }  # fmt: skip


def papers() -> dict[str, Paper]:
    """Return every paper by name: what its claims' ids have before the first dot."""
    ids: dict[str, list[str]] = {}
    for name in sorted(discovery.claims()):
        ids.setdefault(name.partition(".")[0], []).append(name)
    figures = {name: set(getattr(module, "CLAIMS", ())) for name, module in sorted(discovery.figures().items())}
    return {name: _paper(name, found, figures) for name, found in ids.items()}


def _paper(name: str, ids: Sequence[str], figures: dict[str, set[str]]) -> Paper:
    source = discovery.claims()[ids[0]].source.partition(", Theorem")[0]
    return Paper(name, source, tuple(ids), tuple(f for f, about in figures.items() if about & set(ids)))


def reproduce(
    paper: str,
    *,
    out: str | Path = "runs/reproduce",
    store: str | Path | None = "runs",
    mutants: bool = False,
    progress: Progress | None = None,
) -> tuple[Reproduction, Path]:
    """Verify a paper's claims, draw its figures, and write one self-contained page; return both.

    paper: the prefix of its claims' ids, e.g. "reddi2018". out: the folder of the page, `PAPER.html`, and of its
    figures. store: where findings and runs are kept; None keeps none. mutants: spoil every bound as well. LabError for
    an unknown paper, or a folder that cannot be written, before anything runs.
    """
    known = papers()
    if paper not in known:
        raise unknown("paper", paper, known)
    folder = writable(Path(out), "the page")
    began = time.perf_counter()
    verdicts = verify(known[paper].claims, store=store, mutants=mutants, progress=_scaled(progress, 0.0, CHECKED))
    checked = time.perf_counter()
    _draw(known[paper].figures, folder, store, progress)
    made = _gathered(known[paper], verdicts, folder, store, (checked - began, time.perf_counter() - checked))
    place = folder / f"{paper}.html"
    try:
        write(folder, {place.name: page(made).encode()})
    except OSError as error:
        raise LabError(f"the page cannot be written to {place}: {error.strerror}") from None
    return made, place


def _scaled(progress: Progress | None, start: float, end: float) -> Progress | None:
    return None if progress is None else lambda what, share: progress(what, start + (end - start) * share)


def _draw(figures: Sequence[str], folder: Path, store: str | Path | None, progress: Progress | None) -> None:
    if figures:
        tell = _scaled(progress, CHECKED, 1.0)
        counted = None if tell is None else lambda done, total: tell("drawing figures", done / max(total, 1))
        discovery.renderer().render(list(figures), out=folder, store=store, progress=counted)


def _gathered(
    paper: Paper, verdicts: Sequence[Verdict], folder: Path, store: str | Path | None, seconds: tuple[float, float]
) -> Reproduction:
    drawn = tuple(p for p in pictures(folder) if p.name in paper.figures)
    found = claim_pages(verdicts, {p.name: p.claims for p in drawn})
    return Reproduction(
        paper=paper, verdicts=tuple(verdicts), pages=found, totals=totals(found), pictures=drawn,
        mistakes=mistakes(found), provenance=provenance(Path(store) if store is not None else folder / "none"),
        verifying=seconds[0], drawing=seconds[1],
    )  # fmt: skip


def page(made: Reproduction) -> str:
    """Return the page: style and figures inside, nothing to be loaded."""
    inlined = {p.name: _inlined(p) for p in made.pictures}
    style = Markup((templates() / "style.css").read_text(encoding="utf-8"))
    return environment().get_template("paper.html.j2").render(made=made, style=style, inlined=inlined)


def _inlined(picture: Picture) -> str:
    """Return a figure's SVG as a data address; its ids then cannot meet those of another."""
    data = picture.svg.read_bytes() if picture.svg is not None else b""
    return f"data:image/svg+xml;base64,{b64encode(data).decode()}"
