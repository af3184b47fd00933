"""What the site says of a claim: its theorem, and what the store keeps of its checks. Nothing is run here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy as sp

from lab.algebra import kept as kept_algebra
from lab.claim import Claim, Kind, Prediction, Step
from lab.discovery import claims, module_of_claim
from lab.errors import LabError
from lab.metrics import get_metric
from lab.statement import statements
from lab.verdict import Finding, Outcome, Verdict
from lab.verify import corrected, kept

NOT_RUN = "not run yet"
RELATION = {Kind.UPPER: "≤", Kind.LOWER: "≥", Kind.TIGHT: "≤", Kind.EXACT: "=", Kind.DIVERGENCE: "≥"}
RUNS = ("experiment", "attained", "broken_by", "scaling")


@dataclass(frozen=True)
class Row:
    """One step of a proof: what it says and shows, under what, and what was found of it; None where nothing is kept."""

    says: str
    shows: tuple[sp.Basic, ...]
    given: tuple[sp.Basic, ...]
    finding: Finding | None


@dataclass(frozen=True)
class ClaimPage:
    """A claim beside its kept findings: of its algebra, of its mutants, of its runs; empty where none are kept."""

    claim: Claim
    file: str
    algebra: tuple[Finding, ...]
    spoilt: tuple[Finding, ...]
    runs: tuple[Finding, ...]
    figures: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the claim's id."""
        return self.claim.id

    @property
    def paper(self) -> str:
        """Return what its id has before the first dot: the paper's name."""
        return self.claim.id.partition(".")[0]

    @property
    def relation(self) -> str:
        """Return the sign between the metric and the bound."""
        return RELATION[self.claim.kind]

    @property
    def metric(self) -> str:
        """Return the metric as a formula in text where it is a recorded one, else the words of the claim."""
        try:
            return get_metric(self.claim.metric).says
        except LabError:
            return self.claim.metric

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Return every experiment, those of its rates and those that must break it among them."""
        c = self.claim
        return (*c.experiments, *(p for family in c.attained for p in family.members), *c.broken_by)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return which of the checks are not in the store."""
        parts = {"the algebra": not self.algebra, "the experiments": bool(self.predictions) and not self.runs}
        return tuple(name for name, is_missing in parts.items() if is_missing)

    @property
    def verdict(self) -> Verdict | None:
        """Return the verdict on what is kept; None where neither algebra nor runs are."""
        found = self.algebra + self.spoilt + self.runs
        kept = bool(self.algebra or self.runs)
        return Verdict(claim=self.id, says=self.claim.says, source=self.claim.source, findings=found) if kept else None

    @property
    def outcome(self) -> str:
        """Return the outcome in one word, or that nothing was run yet."""
        return str(self.verdict.outcome) if self.verdict else NOT_RUN

    @property
    def failed(self) -> bool:
        """Tell whether a kept check failed."""
        return self.verdict is not None and self.verdict.failed

    @property
    def confidence(self) -> float | None:
        """Return the least confidence of its experiments; None where none of them decided."""
        levels = [f.confidence for f in self.runs if f.check != "broken_by" and f.confidence is not None]
        return min(levels, default=None)

    @property
    def tightness(self) -> float | None:
        """Return the ratio observed / predicted that is nearest to 1 of all experiments; None where there is none."""
        seen = [r for r in self.ratios if r > 0 and math.isfinite(r)]
        return min(seen, key=lambda r: abs(math.log(r)), default=None)

    @property
    def ratios(self) -> tuple[float, ...]:
        """Return the least and the greatest ratio observed / predicted of its experiments; empty for none."""
        own = [f.tightness for f in self.runs if f.check != "broken_by" and f.tightness is not None]
        return (min(own), max(own)) if own else ()

    @property
    def rate(self) -> sp.Expr | None:
        """Return the order of the bound in T."""
        if self.claim.rate is None:
            return None
        t = sp.Symbol("T", positive=True)
        return t**self.claim.rate.exponent * sp.log(t) ** self.claim.rate.log_power

    @cached_property
    def proof(self) -> tuple[Row, ...]:
        """Return the steps of the proof."""
        return self._rows(self.claim.steps, "step")

    @cached_property
    def certificates(self) -> tuple[Row, ...]:
        """Return what is shown exactly beside the steps."""
        return self._rows(self.claim.certificates, "certificate")

    @cached_property
    def worst_cases(self) -> tuple[Row, ...]:
        """Return the performance-estimation problems."""
        return self._rows(self.claim.worst_cases, "worst case")

    @property
    def other_checks(self) -> tuple[Finding, ...]:
        """Return what was found of units, limits and rates, and of the run in other units."""
        return tuple(f for f in self.algebra + self.runs if f.check in ("units", "limit", "rate", "scaling"))

    @property
    def experiments(self) -> tuple[Finding, ...]:
        """Return the findings of the runs on which the claim must hold."""
        return tuple(f for f in self.runs if f.check in ("experiment", "attained"))

    @property
    def breakers(self) -> tuple[Finding, ...]:
        """Return the findings of the runs that must violate the bound."""
        return tuple(f for f in self.runs if f.check == "broken_by")

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """Return what was found of printed mistakes and of their repairs."""
        return tuple(f for f in self.algebra if f.check in ("erratum", "repair"))

    def _rows(self, steps: Iterable[Step], check: str) -> tuple[Row, ...]:
        left = [f for f in self.algebra if f.check == check]
        rows = []
        for step in steps:
            found = next((f for f in left if f.subject == step.says), None)
            if found is not None:
                left.remove(found)
            given = tuple(w for w in getattr(step, "where", ()) if isinstance(w, sp.Basic))
            rows.append(Row(step.says, tuple(statements(step)), given, found))
        return tuple(rows)


def kept_verdicts(store: Path) -> Iterator[Verdict]:
    """Yield the verdict on every claim, by id, from the findings that the store keeps; empty where it keeps none."""
    known = sorted(claims().items())
    runs = corrected({name: kept(name, store) for name, _ in known})  # as one call of `verify` decides
    for name, claim in known:
        algebra = kept_algebra(name, store) + kept_algebra(name, store, mutants=True)
        yield Verdict(claim=name, says=claim.says, source=claim.source, findings=algebra + runs[name])


def claim_pages(verdicts: Iterable[Verdict], figures: Mapping[str, Iterable[str]]) -> tuple[ClaimPage, ...]:
    """Return the pages of the claims that were judged. figures: which claims each figure is about, by its name."""
    return tuple(_page(verdict, figures) for verdict in verdicts)


def _page(verdict: Verdict, figures: Mapping[str, Iterable[str]]) -> ClaimPage:
    name, found = verdict.claim, verdict.findings
    return ClaimPage(
        claim=claims()[name],
        file=module_of_claim(name).replace(".", "/") + ".py",
        algebra=tuple(f for f in found if f.check not in (*RUNS, "mutants")),
        spoilt=tuple(f for f in found if f.check == "mutants"),
        runs=tuple(f for f in found if f.check in RUNS),
        figures=tuple(sorted(figure for figure, about in figures.items() if name in about)),
    )


@dataclass(frozen=True)
class Totals:
    """What the overview counts, over all claims."""

    claims: int
    outcomes: tuple[tuple[str, int], ...]
    steps: int
    proved: int
    by_two: int
    experiments: int
    broken: int
    mutants: int
    killed: int
    failed: int


def totals(pages: Iterable[ClaimPage]) -> Totals:
    """Return the counts of the overview; what is not kept counts as not run."""
    pages = list(pages)
    found = [f for p in pages for f in p.algebra + p.spoilt + p.runs]
    counts: Counter[str] = Counter()
    for f in found:
        counts.update(f.counts)
    steps = [f.outcome for f in found if f.check == "step"]
    outcomes = Counter(p.outcome for p in pages)
    words: list[Any] = [*map(str, Outcome), NOT_RUN]
    return Totals(
        claims=len(pages),
        outcomes=tuple((w, outcomes[w]) for w in words if outcomes[w]),
        steps=sum(len(p.claim.steps) for p in pages),
        proved=sum(o in (Outcome.PROVED, Outcome.PROVED_BY_ONE) for o in steps),
        by_two=sum(o is Outcome.PROVED for o in steps),
        experiments=sum(f.check in ("experiment", "attained") for f in found),
        broken=sum(f.check == "broken_by" and f.outcome is Outcome.VIOLATED for f in found),
        mutants=counts["counted"],
        killed=counts["killed"],
        failed=sum(f.failed for f in found),
    )
