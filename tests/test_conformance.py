"""All that is discovered passes its checks, and each check refuses a specimen with one thing wrong."""

from __future__ import annotations

import functools
import re
from typing import Any

import other_values
import pytest
from wrong import (
    claims as wrong_claims,
    methods as wrong_methods,
    optimizers as wrong_optimizers,
    problems as wrong_problems,
)

import lab
from lab.testing import check_claim, check_optimizer, check_problem
from lab.testing.claim import CLAIM_CHECKS
from lab.testing.optimizer import OPTIMIZER_CHECKS
from lab.testing.problem import PROBLEM_CHECKS
from lab.verdict import Finding, Outcome
from proofs_check.asymptotics import check_rate
from proofs_check.check import check_algebra, conclusion, named_goals
from proofs_check.units import check_units

SLOW = pytest.mark.slow
pytestmark = pytest.mark.usefixtures("kernels_for_few_steps")


def cases(names: list[str], others: dict[str, list[dict[str, Any]]], marks: Any = ()) -> list[Any]:
    """Each name with its defaults, and with its other values."""
    plain = [pytest.param(name, {}, id=name) for name in names]
    return plain + [
        pytest.param(name, values, id=f"{name}-{i}", marks=marks)
        for name in names
        for i, values in enumerate(others.get(name, []), start=1)
    ]


@pytest.mark.parametrize(("name", "values"), cases(lab.list_problems(), other_values.PROBLEMS, SLOW))
def test_every_problem_passes_its_checks(name, values):
    check_problem(lab.get_problem(name, **values))


@pytest.mark.parametrize(("name", "values"), cases(lab.list_optimizers(), other_values.OPTIMIZERS, SLOW))
def test_every_optimizer_passes_its_checks(name, values):
    check_optimizer(lab.get_optimizer(name, **values))


def some(step: int) -> list[Any]:
    """Every so many claims; the others are left to `make test-slow`, and to `ratelab verify --symbolic`."""
    names = lab.list_claims()
    return [pytest.param(name, marks=() if name in names[::step] else SLOW) for name in names]


@pytest.mark.parametrize("name", lab.list_claims())
def test_every_claim_is_whole(name):
    for check in CLAIM_CHECKS[:-1]:
        check(lab.get_claim(name))


@pytest.mark.parametrize("name", some(4))
def test_units_and_rate_of_a_claim_hold_and_its_last_step_is_the_bound(name):
    claim = lab.get_claim(name)
    ends = (conclusion(claim),) if claim.steps else ()
    found = (*check_units(claim, tuple(named_goals(claim))), *check_rate(claim), *ends)
    assert [f"{f.check} {f.subject}: {f.reason}" for f in found if f.failed] == []


@pytest.mark.parametrize("name", some(40))
def test_the_algebra_of_a_claim_holds(name):
    for finding in check_algebra(lab.get_claim(name)):
        assert not finding.failed, f"{finding.check} {finding.subject}: {finding.reason}"


def test_other_values_are_of_things_that_exist():
    assert set(other_values.PROBLEMS) <= set(lab.list_problems())
    assert set(other_values.OPTIMIZERS) <= set(lab.list_optimizers())


@pytest.mark.parametrize("problem", wrong_problems.RIGHT, ids=lambda c: c.__name__)
def test_the_problems_from_which_the_wrong_ones_are_made_pass(problem):
    check_problem(problem())


WRONG_OPTIMIZERS = (*wrong_optimizers.WRONG, *wrong_methods.WRONG)


@pytest.mark.parametrize("optimizer", [*wrong_optimizers.RIGHT, *wrong_methods.RIGHT], ids=lambda c: c.__name__)
def test_the_optimizer_from_which_the_wrong_ones_are_made_passes(optimizer):
    check_optimizer(optimizer())


def test_the_claim_from_which_the_wrong_ones_are_made_passes():
    check_claim(wrong_claims.RIGHT)


@functools.cache
def refusal(check, wrong):
    """The text with which a check refuses a specimen: a class, or the name of a claim."""
    made = wrong_claims.WRONG[wrong][0] if isinstance(wrong, str) else wrong(**getattr(wrong, "given", {}))
    with pytest.raises(AssertionError) as refused:
        check(made)
    return str(refused.value)


@pytest.mark.parametrize("wrong", wrong_problems.WRONG, ids=lambda c: c.__name__)
def test_a_wrong_problem_is_refused(wrong):
    assert_says(refusal(check_problem, wrong), wrong.reason)


@pytest.mark.parametrize("wrong", WRONG_OPTIMIZERS, ids=lambda c: c.__name__)
def test_a_wrong_optimizer_is_refused(wrong):
    assert_says(refusal(check_optimizer, wrong), wrong.reason)


@pytest.mark.parametrize("wrong", wrong_claims.WRONG)
def test_a_wrong_claim_is_refused(wrong):
    assert_says(refusal(check_claim, wrong), wrong_claims.WRONG[wrong][1])


@pytest.mark.parametrize(
    ("check", "parts", "specimens"),
    [
        (check_problem, PROBLEM_CHECKS, wrong_problems.WRONG),
        (check_optimizer, OPTIMIZER_CHECKS, WRONG_OPTIMIZERS),
        (check_claim, CLAIM_CHECKS, tuple(wrong_claims.WRONG)),
    ],
    ids=["problem", "optimizer", "claim"],
)
def test_every_single_check_refuses_some_specimen(check, parts, specimens):
    texts = [refusal(check, wrong) for wrong in specimens]
    blind = [
        s
        for s in (part.__name__.strip("_").replace("_", " ") for part in parts)
        if not any(f"'{s}'" in t for t in texts)
    ]
    assert blind == []


@pytest.mark.parametrize("check", [check_problem, check_optimizer, check_claim])
def test_what_is_no_such_thing_is_refused(check):
    assert_says(refusal(check, lambda: 3), r"3 is no lab\.")


def test_a_failed_experiment_is_refused_and_an_undecided_one_is_not():
    def says(outcome):
        return lambda claim: [Finding(check="experiment", subject=claim.id, outcome=outcome, reason="by fiat")]

    check_claim(wrong_claims.RIGHT, experiments=says(Outcome.HOLDS))
    check_claim(wrong_claims.RIGHT, experiments=says(Outcome.UNDECIDED))
    with pytest.raises(AssertionError, match="VIOLATED: by fiat"):
        check_claim(wrong_claims.RIGHT, experiments=says(Outcome.VIOLATED))


def assert_says(text, reason):
    assert re.search(reason, text), text
    assert "\n" not in text
