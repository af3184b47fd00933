"""Every prediction of every claim on its instance: what must hold is shown, what must break is broken."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from lab.claim import Kind
from lab.discovery import claims
from lab.predictions import check_broken, check_family, check_prediction
from lab.verdict import Outcome

# Left to `make test-slow`, and to `ratelab verify`: of a claim's runs with draws, each with a kernel of its own to be
# compiled, all but the first, and that too above so many seed-steps.
LONG = 10**6
LONG_EXACT = 300  # steps above which a run in intervals is


def predictions(attribute):
    found = []
    for name, claim in sorted(claims().items()):
        drawn = 0
        for p in getattr(claim, attribute):
            drawn += p.problem.n_draws > 0
            long = p.seeds * max(p.at) > LONG or drawn > 1 if p.problem.n_draws else max(p.at) > LONG_EXACT
            marks = [pytest.mark.slow] if long else []
            found.append(pytest.param(claim, p, id=f"{name}: {p.says}", marks=marks))
    return found


@pytest.mark.parametrize(("claim", "prediction"), predictions("experiments"))
def test_a_prediction_holds(claim, prediction):
    finding = check_prediction(claim, prediction)
    assert finding.outcome in (Outcome.HOLDS, Outcome.TIGHT), finding.reason


def families():
    found = []
    for name, claim in sorted(claims().items()):
        for f in claim.attained:
            marks = [pytest.mark.slow] if sum(p.seeds * max(p.at) for p in f.members) > 4 * LONG else []
            found.append(pytest.param(claim, f, id=f"{name}: {f.says}", marks=marks))
    return found


@pytest.mark.parametrize(("claim", "family"), families())
def test_a_rate_is_attained(claim, family):
    finding = check_family(claim, family)
    assert finding.outcome is Outcome.HOLDS, finding.reason


@pytest.mark.parametrize("shift", [-0.5, 0.5])
def test_a_rate_off_by_the_root_of_t_is_not_attained(shift):
    claim, family = families()[-1].values
    wrong = replace(family, rate=family.rate * sp.Symbol("T", positive=True) ** sp.Rational(shift))
    assert check_family(claim, wrong).outcome is Outcome.VIOLATED


@pytest.mark.parametrize(("claim", "prediction"), predictions("broken_by"))
def test_what_must_break_the_bound_breaks_it(claim, prediction):
    finding = check_broken(claim, prediction)
    assert finding.outcome is Outcome.VIOLATED, finding.reason


def test_theorem_1_is_shown_for_every_c_and_step_scale_at_every_block():
    shown = [p for p in claims()["reddi2018.thm1"].experiments if p.metric == "iterate"]
    assert {(p.values["C"], len(p.at)) for p in shown} == {(3.0, 1000), (10.0, 1000), (100.0, 1000)}
    assert len(shown) == 9
    assert all(p.tolerance == 0 and p.bound.name == "r" and p.problem.domain.high == 1 for p in shown)


def test_every_claim_that_is_run_has_something_that_breaks_it():
    assert all(claim.broken_by for claim in claims().values() if claim.experiments and claim.kind is not Kind.EXACT)
