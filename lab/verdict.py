"""What a check found out. Never a bare boolean: a finding says how it knows, and what it did not look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The words in which the lab speaks. `verify` decides between them by the rules of the README."""

    PROVED = "PROVED"  # two engines that do not trust each other agree
    PROVED_BY_ONE = "PROVED_BY_ONE"  # one engine, which is named
    HOLDS = "HOLDS"  # shown on this instance at the stated confidence
    TIGHT = "TIGHT"  # holds, and nothing smaller would
    REFUTED = "REFUTED"  # an exact counterexample
    VIOLATED = "VIOLATED"  # the statement fails on this instance, at the stated confidence
    UNDECIDED = "UNDECIDED"  # neither was shown
    NOT_APPLICABLE = "NOT_APPLICABLE"  # an assumption of the claim does not hold here


AFFIRMED = frozenset({Outcome.PROVED, Outcome.PROVED_BY_ONE, Outcome.HOLDS, Outcome.TIGHT})
DENIED = frozenset({Outcome.REFUTED, Outcome.VIOLATED})


# the checks of which a claim's outcome is the weakest
OWN = ("step", "certificate", "worst case", "repair", "experiment", "attained")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check of one claim.

    check: "units", "limit", "rate", "step", "certificate", "worst case", "erratum", "repair", "mutants", "experiment",
        "attained" (a rate), "broken_by", "scaling".
    subject: what was checked, in words. reason: one sentence that says why this outcome.
    expected: the outcomes that a sound lab must find here; any other decided outcome is a failure.
    engines: the engines that agree. counterexample: symbol to exact number, as text.
    problem, optimizer, predicted, observed, interval: the row that an experiment prints.
    confidence: the level at which the interval or verdict holds, 1.0 for exact arithmetic.
    tightness: observed / predicted at its closest, None of a probability. unchecked: what this check did not look at.
    curve: (t, low, high, predicted low, predicted high) at each step of an experiment; the limits are those that hold
        at one step at a time.
    slope: simultaneous limits of the log-log slope in t of what was observed, over two decades or more; `claimed` is
        that of the prediction on the same steps. They describe, and decide nothing alone.
    p_value: of the statement, where the run contradicts it by statistics: no larger one would be rejected.
    counts: numbers that add up over claims, by name (mutants killed, by which check).
    """

    check: str
    subject: str
    outcome: Outcome
    reason: str
    expected: frozenset[Outcome] = AFFIRMED
    engines: tuple[str, ...] = ()
    counterexample: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    optimizer: str = ""
    metric: str = ""
    step: int | None = None
    predicted: str = ""
    observed: float | None = None
    interval: tuple[float, float] | None = None
    confidence: float | None = None
    tightness: float | None = None
    seeds: int | None = None
    unchecked: str = ""
    curve: tuple[tuple[float, ...], ...] = ()
    slope: tuple[float, float] | None = None
    claimed: float | None = None
    p_value: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Tell whether this outcome contradicts what a sound claim must show; UNDECIDED is no failure."""
        open_ends = {Outcome.UNDECIDED, Outcome.NOT_APPLICABLE}
        return self.outcome not in self.expected and self.outcome not in open_ends


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All findings on one claim."""

    claim: str
    says: str
    source: str
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Tell whether any finding failed."""
        return any(f.failed for f in self.findings)

    @property
    def undecided(self) -> tuple[Finding, ...]:
        """Return the findings that decided nothing."""
        return tuple(f for f in self.findings if f.outcome is Outcome.UNDECIDED)

    @property
    def outcome(self) -> Outcome:
        """Return the claim's own outcome: the weakest of its steps and of its experiments."""
        own = [f for f in self.findings if f.check in OWN]
        for outcome in (
            Outcome.REFUTED, Outcome.VIOLATED, Outcome.UNDECIDED, Outcome.NOT_APPLICABLE,
            Outcome.HOLDS, Outcome.TIGHT, Outcome.PROVED_BY_ONE,
        ):  # fmt: skip
            if any(f.outcome is outcome for f in own):
                return outcome
        return Outcome.PROVED if own else Outcome.UNDECIDED
