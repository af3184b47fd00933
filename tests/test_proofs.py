"""The proof checker: each engine proves what is true and refuses what is not, and the shipped claims hold on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Erratum, Limit, Quantity
from lab.discovery import get_claim
from lab.errors import LabError
from lab.verdict import Finding, Outcome
from proofs_check import balls, certificate, coverings, evaluate, falsify, intervals, mutants, settle, smt, symbolic
from proofs_check.check import check_algebra, conclusion
from proofs_check.claims import (
    classic,
    drift,
    duchi2011,
    reddi2018,
    reddi2018_amsgrad,
    reddi2018_stochastic,
    zinkevich2003,
)
from proofs_check.exact import context, enclose, exact_sign, thin
from proofs_check.goal import COUNT, COUNT0, POSITIVE, REAL, Answer, Goal, Span
from proofs_check.roots import Roots, generalise
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality, Lemma, LimitStep, Optimum

CLAIMS = (
    reddi2018.THEOREM_1, reddi2018.THEOREM_2, reddi2018_stochastic.THEOREM_3, reddi2018_amsgrad.THEOREM_4,
    zinkevich2003.OGD_DECREASING, duchi2011.THEOREM_5, classic.SGD_QUAD_EXACT, classic.SGD_QUAD_STATIONARY,
    drift.ADAM_DRIFT_LAW,
)  # fmt: skip

x, y = sp.symbols("x y", real=True)
p, q = sp.symbols("p q", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
one, zero = sp.Integer(1), sp.Integer(0)

u, w = sp.symbols("u w", positive=True)
POSITIVES = (Quantity(u, POSITIVE, PURE, "u"), Quantity(w, POSITIVE, PURE, "w"))
LINE = (Quantity(x, REAL, PURE, "x"), Quantity(y, REAL, PURE, "y"))
SQUARE = (Quantity(x, sp.Interval(0, 1), PURE, "x"), Quantity(y, sp.Interval(0, 1), PURE, "y"))
UNIT = SQUARE[:1]
POS = (Quantity(p, POSITIVE, PURE, "p"), Quantity(q, POSITIVE, PURE, "q"))
N = (Quantity(n, COUNT, PURE, "n"),)
K = (Quantity(k, COUNT0, PURE, "k"),)

EQUAL = {
    "a binomial": Goal((x + y) ** 2, "==", x**2 + 2 * x * y + y**2, LINE),
    "a rational function": Goal(1 / (1 + p) - 1 / (1 + p + q), "==", q / ((1 + p) * (1 + p + q)), POS),
    "a root": Goal((sp.sqrt(1 + p) - 1) * (sp.sqrt(1 + p) + 1), "==", p, POS),
    "a symbolic power": Goal((1 + p) ** (n + 1) - (1 + p) ** n, "==", p * (1 + p) ** n, (*POS, *N)),
}
UNEQUAL = {
    "a wrong constant": Goal((x + y) ** 2, "==", x**2 + 2 * x * y + y**2 + sp.Rational(1, 10**6), LINE),
    "true at 0 and 1 only": Goal(x**2, "==", x, LINE),
    "a square root without its sign": Goal(sp.sqrt(x**2), "==", x, LINE),
    "a wrong power": Goal((1 + p) ** (n + 1), "==", (1 + p) ** n + p, (*POS, *N)),
}
HOLDS = {
    "tight at a corner": Goal(x + y - x * y, "<=", one, SQUARE),
    "tight inside": Goal(x * y, "<=", (x**2 + y**2) / 2, LINE),
    "tight at infinity": Goal(1 / sp.sqrt(n + 1), "<=", 2 * sp.sqrt(n + 1) - 2 * sp.sqrt(n), N),
    "strict": Goal(p / (1 + p), "<", one, POS),
    "under a hypothesis": Goal(sp.sqrt(p), "<=", sp.sqrt(q), POS, (p <= q,)),
    "a logarithm": Goal(sp.log(1 + x), "<=", x, UNIT),
    "a maximum": Goal(sp.Max(x, y), "<=", x + y, SQUARE),
    "integers only": Goal(n, "<=", n**2, N),
}
FAILS = {
    "only in a corner": Goal(x + y, "<=", sp.Rational(19999, 10000), SQUARE),
    "only on a small interval": Goal((x - sp.Rational(1, 3)) ** 2, ">=", sp.Rational(1, 10**6), UNIT),
    "at one integer": Goal(3 * k + 3, "<=", 2 * (3 * k + 1), K),
    "strict where it is tight": Goal(x * y, "<", (x**2 + y**2) / 2, LINE),
    "strict at a closed end": Goal(x, "<", one, UNIT),
    "far out": Goal(p, "<=", sp.Integer(1000) * sp.sqrt(p), POS),
    "under a hypothesis": Goal(p, "<=", q, POS, (p <= 2 * q,)),
    "a logarithm": Goal(sp.log(1 + x), "<=", sp.Rational(69, 100), UNIT),
    "not real": Goal(sp.sqrt(x), "<=", one, (Quantity(x, sp.Interval(-1, 1), PURE, "x"),)),
    "undefined": Goal(1 / x, "==", 1 / x, LINE),
}
ENGINES: dict[str, tuple[Callable[[Goal], Answer], set[str]]] = {
    "certificate": (certificate.decide, {"tight at a corner", "tight inside", "tight at infinity", "strict",
                                         "under a hypothesis", "a maximum", "integers only"}),
    "z3": (smt.decide, {"tight at a corner", "tight inside", "tight at infinity", "strict", "under a hypothesis",
                        "a maximum", "integers only"}),
    "cvc5": (coverings.decide, {"tight at a corner", "tight inside", "tight at infinity", "strict",
                                "under a hypothesis", "a maximum", "integers only"}),
    "Arb": (balls.decide, {"tight at infinity", "strict", "a logarithm", "integers only"}),
    "sympy": (symbolic.decide, {"tight at a corner", "tight inside", "tight at infinity", "strict",
                                "under a hypothesis", "a logarithm", "a maximum", "integers only"}),
    "intervals": (intervals.decide, {"tight at a corner", "tight inside", "tight at infinity", "strict",
                                     "a logarithm", "integers only"}),
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_proves_what_it_should_and_nothing_false(engine: str) -> None:
    decide, expected = ENGINES[engine]
    proved = {name for name, goal in HOLDS.items() if decide(generalise(goal)).said == "proved"}
    wrong = {name for name, goal in (FAILS | UNEQUAL).items() if decide(generalise(goal)).said == "proved"}
    assert proved >= expected
    assert wrong <= {"undefined", "not real"}  # "where both sides are defined" is shown apart


@pytest.mark.parametrize("name", HOLDS)
def test_a_true_inequality_is_proved_by_two_engines(name: str) -> None:
    decision = settle.decide(HOLDS[name])
    assert decision.outcome is Outcome.PROVED, decision.reason
    assert len(set(decision.engines)) == 2


@pytest.mark.parametrize("name", EQUAL)
def test_a_true_identity_is_proved_by_two_engines(name: str) -> None:
    decision = settle.decide(EQUAL[name])
    assert decision.outcome is Outcome.PROVED, decision.reason


@pytest.mark.parametrize("name", [*FAILS, *UNEQUAL])
def test_a_false_statement_is_refuted_with_exact_numbers(name: str) -> None:
    goal = (FAILS | UNEQUAL)[name]
    decision = settle.decide(goal)
    assert decision.outcome is Outcome.REFUTED, decision.reason
    point = {symbol: sp.Rational(decision.counterexample[str(symbol)]) for symbol in goal.spans}
    assert falsify.admissible(goal, point)
    left, right = (sp.sympify(side).subs(point) for side in (goal.lhs, goal.rhs))
    assert name in ("not real", "undefined") or not sp.Rel(left, right, goal.relation)


def test_point_evaluation_is_an_engine_only_with_a_degree_bound() -> None:
    bounded = evaluate.decide(EQUAL["a rational function"])
    assert bounded.said == "proved"
    assert "degree at most" in bounded.how
    nested = Goal(1 / (sp.sqrt(x**2 + 1) - x), "==", sp.sqrt(x**2 + 1) + x, LINE)
    assert evaluate.decide(nested).said == "open"
    assert "no degree bound" in evaluate.decide(nested).how
    assert certificate.decide(nested).said == symbolic.decide(nested).said == "proved"


def test_degree_bounds_are_bounds() -> None:
    expr = (x + y**2) ** 3 / (1 + x) - y / (x * y + 2) ** 2
    num, den = sp.fraction(sp.together(expr))
    top, bottom = evaluate.degrees(expr)
    assert sp.Poly(num, x, y).total_degree() <= top
    assert sp.Poly(den, x, y).total_degree() <= bottom


def test_a_single_engine_is_named() -> None:
    decision = settle.decide(HOLDS["strict"], engines=(smt.decide,))
    assert (decision.outcome, decision.engines) == (Outcome.PROVED_BY_ONE, ("z3",))


def test_no_engine_leaves_a_true_statement_undecided() -> None:
    assert settle.decide(HOLDS["strict"], engines=()).outcome is Outcome.UNDECIDED


def test_contradictory_hypotheses_prove_nothing() -> None:
    decision = settle.decide(Goal(x, "<=", y, LINE, (x > 1, x < 0)))
    assert decision.outcome is Outcome.UNDECIDED
    assert "no point was found" in decision.reason


def test_what_is_nowhere_real_proves_nothing_though_hypotheses_on_logarithms_contradict_each_other_there() -> None:
    claim = get_claim("defossez2022.thm2_adam")
    (beta2,) = (q.symbol for q in claim.symbols if str(q.symbol) == "beta2")  # its logarithm is negative: no root
    assert not conclusion(claim).failed
    assert conclusion(replace(claim, bound=claim.bound.subs(sp.log(beta2), sp.sqrt(sp.log(beta2))))).failed


def test_what_is_only_true_where_defined_says_so() -> None:
    away = (Quantity(x, sp.Interval(-1, 3), PURE, "x"), LINE[1])
    decision = settle.decide(
        Goal(x / (x - sp.Rational(1, 7)) ** 2, "<=", (x**2 + 1) / (x - sp.Rational(1, 7)) ** 2, away)
    )
    assert decision.outcome is Outcome.REFUTED or decision.unchecked == ("x - 1/7 is not 0",)


def test_random_polynomials_are_never_proved_against_the_evidence() -> None:
    rng = np.random.default_rng(5)
    grid = [sp.Rational(i, 8) for i in range(9)]
    monomials = [one, x, y, x * y, x**2, y**2]
    proved = 0
    for _ in range(16):
        f = sum(int(c) * m for c, m in zip(rng.integers(-3, 5, 6), monomials, strict=True))
        goal = Goal(f, ">", zero, SQUARE, (x >= y,)) if rng.random() < 0.5 else Goal(f, ">=", zero, SQUARE)
        lowest = min(f.subs({x: a, y: b}) for a, b in product(grid, grid) if not goal.where or a >= b)
        for decide, _ in ENGINES.values():
            if decide(goal).said == "proved":
                proved += 1
                assert lowest > 0 or (lowest == 0 and goal.relation == ">="), f"{goal}: {lowest}"
    assert proved > 12


def test_a_certificate_with_a_wrong_weight_is_refused() -> None:
    ring = sp.ring("x", sp.QQ)
    products = [certificate.Product((0,), ring[1], True), certificate.Product((1,), -ring[1], False)]
    assert certificate._adds_up([sp.QQ(2), sp.QQ(2)], products, ring[0].zero)
    assert not certificate._adds_up([sp.QQ(2), sp.QQ(1)], products, ring[0].zero)  # does not add up to 0
    assert not certificate._adds_up([sp.QQ(0), sp.QQ(0)], products, ring[0].zero)  # nothing strict
    assert not certificate._adds_up([sp.QQ(-2), sp.QQ(-2)], products, ring[0].zero)  # a negative weight


def test_z3_is_limited_by_its_own_work_and_not_by_time() -> None:
    answer = smt.decide(Goal(x**3 * y + y**3 - x * y, "<=", (x**2 + y**2) ** 2 + 1, LINE), rlimit=1)
    assert answer.said == "open"
    assert "gave up" in answer.how


def test_cvc5_is_limited_in_processor_time_for_a_covering_can_take_hours() -> None:
    several = [Quantity(sp.Symbol(f"x{i}", real=True), REAL, PURE, "x") for i in range(6)]
    powers, product = (f(*(q.symbol**k for q in several)) for f, k in ((sp.Add, 6), (sp.Mul, 1)))
    answer = coverings.decide(Goal(6 * product, "<=", powers, tuple(several)), seconds=1)
    assert (answer.said, answer.how) == ("open", "cvc5 found no answer in 1 seconds")


def test_roots_keep_their_value_when_they_become_symbols() -> None:
    expr = sp.sqrt(3 * p * (1 + q)) / sp.sqrt((1 + q) / p) + sp.sqrt(2 + sp.sqrt(q)) ** 3
    roots = Roots(nonneg=lambda e: e.subs(dict.fromkeys(e.free_symbols, 1)) >= 0)
    stripped = roots.strip(expr)
    assert not stripped.has(sp.sqrt(q))
    values = {p: sp.Rational(7, 5), q: sp.Rational(2, 3)}
    for symbol, (order, base) in roots.table.items():
        values[symbol] = sp.N(base.subs(values), 40) ** sp.Rational(1, order)
    assert abs(stripped.subs(values) - sp.N(expr.subs(values), 40)) < 1e-30


def test_enclosures_contain_the_value_and_signs_are_exact() -> None:
    iv = context()
    expr = sp.sqrt(p) * sp.log(1 + p) - p ** sp.Rational(1, 3) / (1 + p)
    box = enclose(expr, {p: thin(sp.Rational(22, 7), iv)}, iv)
    exact = sp.N(expr.subs(p, sp.Rational(22, 7)), 40)
    assert box.a <= iv.mpf(str(exact)).b
    assert iv.mpf(str(exact)).a <= box.b
    assert exact_sign(sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))) == 0
    assert exact_sign(sp.sqrt(2) + sp.sqrt(3) - sp.Rational("3.1462643699419723423291350657155704455")) == 1


# ------------------------------------------------------------------------------------------------------------- steps


def test_a_chain_checks_every_link_and_concludes_its_ends() -> None:
    chain = Chain("", (x * y, "<=", (x**2 + y**2) / 2, "==", (x + y) ** 2 / 2 - x * y), LINE)
    assert chain.concludes() == (x * y, "<=", (x + y) ** 2 / 2 - x * y)
    assert chain.check().outcome is Outcome.PROVED
    broken = Chain("", (x * y, "<=", (x**2 + y**2) / 2, "==", (x + y) ** 2 / 2), LINE)
    assert broken.check().outcome is Outcome.REFUTED
    with pytest.raises(LabError, match="point one way"):
        Chain("", (x, "<=", y, ">=", x), LINE).concludes()


@pytest.mark.parametrize(("bound", "outcome"), [
    (2 * sp.sqrt(n) - 1, Outcome.PROVED),
    (2 * sp.sqrt(n) - sp.Rational(3, 2), Outcome.REFUTED),  # the first case fails
    (sp.Rational(9, 5) * sp.sqrt(n) + 1, Outcome.REFUTED),  # the step fails
])  # fmt: skip
def test_a_sum_is_bounded_by_induction(bound: sp.Expr, outcome: Outcome) -> None:
    assert SumBound("", 1 / sp.sqrt(n), n, "<=", bound, N).check().outcome is outcome


@pytest.mark.parametrize(("solution", "outcome"), [
    (1 + p * k, Outcome.PROVED),
    (2 + p * k, Outcome.REFUTED),
    (1 + p * k**2, Outcome.REFUTED),
])  # fmt: skip
def test_a_recursion_is_solved_from_start_and_step(solution: sp.Expr, outcome: Outcome) -> None:
    assert Recursion("", x, x + p, one, k, solution, (*POS, *K, *LINE)).check().outcome is outcome


def test_an_induction_needs_base_and_step() -> None:
    good, bad = Identity("", x, x, LINE), Identity("", x, x + 1, LINE)
    assert Induction("", good, good).check().outcome is Outcome.PROVED
    assert Induction("", bad, good).check().outcome is Outcome.REFUTED
    assert Induction("", good, bad).check().outcome is Outcome.REFUTED


def test_an_optimum_must_be_taken_and_be_the_smallest() -> None:
    assert Optimum("", q / p + p, p, sp.sqrt(q), 2 * sp.sqrt(q), POS).check().outcome is Outcome.PROVED
    assert Optimum("", q / p + p, p, q, 1 + q, POS).check().outcome is Outcome.REFUTED
    assert Optimum("", q / p + p, p, -sp.sqrt(q), 2 * sp.sqrt(q), POS).check().outcome is Outcome.REFUTED


def test_a_limit_takes_two_routes() -> None:
    expr = sp.sqrt(p**2 + q * p) - p
    assert LimitStep("", expr, p, sp.oo, q / 2, POS).check().outcome is Outcome.PROVED
    assert LimitStep("", expr, p, sp.oo, q, POS).check().outcome is Outcome.REFUTED
    assert LimitStep("", expr, p, sp.oo, sp.oo, POS).check().outcome is Outcome.REFUTED


def test_a_limit_that_sympy_gets_wrong_is_not_believed() -> None:
    expr = (p * sp.exp(-p * n) + q * sp.exp(-q * n)) * sp.exp(q * n)  # sympy's issue 22893: depends on q - p
    finding = LimitStep("", expr, n, sp.oo, sp.oo, (*POS, *N)).check()
    assert finding.outcome is Outcome.UNDECIDED


def test_a_lemma_stays_undecided_and_says_why() -> None:
    finding = Lemma("x returns to 1", "measured").check()
    assert finding.outcome is Outcome.UNDECIDED
    assert "measured" in finding.reason


def test_verdicts_are_deterministic() -> None:
    steps = (reddi2018.THEOREM_1.errata[0].printed, *reddi2018.THEOREM_2.steps[:3])
    assert [step.check() for step in steps] == [step.check() for step in steps]


@pytest.mark.parametrize(("make", "says"), [
    (lambda: Goal(x, "<=", y, UNIT), "undeclared symbol 'y'"),
    (lambda: Goal(x, "=<", y, LINE), "did you mean '<'"),
    (lambda: Goal(p, "<=", one, (Quantity(p, REAL, PURE, "p"),)), "assumed positive"),
    (lambda: Goal(x, "<=", sp.Float(0.1), LINE), "is rounded"),
    (lambda: Goal(x, "<=", sp.sqrt(sp.Integer(-2)), LINE), "not a real number"),
    (lambda: Span.of(sp.FiniteSet(1, 5)), "an interval"),
    (lambda: Goal(x, "<=", y, LINE, (sp.false,)).hypotheses, "never true"),
    (lambda: Goal(x, "<=", y, LINE, (sp.And(x > 0, y > 0),)).hypotheses, "must be a sympy relation"),
])  # fmt: skip
def test_a_malformed_goal_is_a_one_line_error(make: Callable[[], object], says: str) -> None:
    with pytest.raises(LabError, match=says) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("lhs", "rhs", "where"), [
    (sp.log(u), sp.log(w), (u <= w,)),
    (w * sp.log(u / w), u - w, ()),
    (sp.log(u * w), u + w - 2, ()),
], ids=["it grows", "below its tangent", "of a product"])  # fmt: skip
def test_what_is_known_of_logarithms_decides_what_follows_from_it(lhs, rhs, where) -> None:
    found = Inequality("", lhs, "<=", rhs, POSITIVES, where).check()
    assert found.outcome is Outcome.PROVED, found.reason


def test_a_step_that_is_one_of_its_own_hypotheses_shows_nothing() -> None:
    found = Inequality("", 2 * u, "<=", 2 * w, POSITIVES, (u <= w,)).check()
    assert found.outcome is Outcome.UNDECIDED
    assert "one of the step's own hypotheses" in found.reason


def test_what_grows_only_where_a_hypothesis_holds_is_not_proved_from_an_end_where_it_does_not() -> None:
    dips = u - 3 * sp.log(1 + u)  # 0 at 0, falls, and grows from u = 2 on
    goal = Goal(dips, ">=", sp.Integer(0), POSITIVES, (u >= 3,))
    assert symbolic.decide(goal).said == "open"
    assert settle.decide(goal).outcome is Outcome.REFUTED


# ------------------------------------------------------------------------------------------------------------ claims


@pytest.mark.slow  # by default check_claim does the same work, and refuses what failed
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_shipped_claim_holds_on_paper(claim: Claim) -> None:
    findings = check_algebra(claim)
    assert not [f for f in findings if f.failed]
    assert not [f for f in findings if f.outcome is Outcome.UNDECIDED]
    steps = [f for f in findings if f.check == "step"]
    assert all(f.outcome is Outcome.PROVED for f in steps)
    assert len(steps) == len(claim.steps) + 1


def _errata(claim: Claim) -> list[Finding]:
    return [
        f for f in check_algebra(replace(claim, steps=claim.steps[-1:], limits=())) if f.check in ("erratum", "repair")
    ]


def test_the_gap_in_theorem_1_is_found_at_the_first_block_and_repaired() -> None:
    printed, *repairs = _errata(reddi2018.THEOREM_1)
    assert printed.outcome is Outcome.REFUTED
    assert printed.counterexample == {"k": "0"}
    assert [f.outcome for f in repairs] == [Outcome.PROVED] * 3
    assert all(len(f.engines) >= 2 for f in repairs)


def test_an_erratum_that_is_no_error_fails() -> None:
    fine = Inequality("true after all", x * y, "<=", (x**2 + y**2) / 2, LINE)
    claim = replace(zinkevich2003.OGD_DECREASING, errata=(Erratum("E0", "no error", fine),))
    assert [f.failed for f in _errata(claim)] == [True]


def test_a_repair_that_is_wrong_fails() -> None:
    wrong = Inequality("", one, "<=", zero)
    claim = replace(zinkevich2003.OGD_DECREASING, errata=(Erratum("E0", "", wrong, (wrong,)),))
    assert [f.failed for f in _errata(claim)] == [False, True]


@pytest.mark.parametrize("spoil", [
    lambda claim: replace(claim, bound=claim.bound * sp.Rational(11, 10)),
    lambda claim: replace(claim, bound=claim.bound * sp.Rational(10, 11)),
    lambda claim: replace(claim, bound=claim.bound + sp.Symbol("unknown")),
    lambda claim: replace(claim, steps=claim.steps[:-1]),
    lambda claim: replace(claim, steps=(*claim.steps, Lemma("and so on", "an example"))),
    lambda claim: replace(claim, steps=()),
], ids=["larger", "smaller", "another symbol", "last step gone", "a lemma last", "no steps"])  # fmt: skip
def test_a_last_step_that_is_not_the_bound_fails(spoil: Callable[[Claim], Claim]) -> None:
    assert not conclusion(zinkevich2003.OGD_DECREASING).failed
    assert conclusion(spoil(zinkevich2003.OGD_DECREASING)).failed


def test_a_limit_that_does_not_come_out_fails() -> None:
    claim = zinkevich2003.OGD_DECREASING
    D = claim.symbols[1].symbol
    wrong = replace(claim, limits=(Limit("", D, zero, one),), steps=claim.steps[-1:])
    assert [f.check for f in check_algebra(wrong) if f.failed] == ["limit"]


def test_mutants_of_a_bound_are_caught_and_harmless_ones_set_apart() -> None:
    report = mutants.examine(zinkevich2003.OGD_DECREASING)
    assert len(report.counted) >= 10
    assert report.killed() == 1
    assert report.killed("units", "limits") >= 0.5
    doubled = "3*D*G*sqrt(T)/2 doubled"
    assert {m.says for m in report.mutants if m.follows} == {"times 11/10", doubled, "sqrt(T) becomes T"}


def test_a_mutant_that_no_check_sees_is_listed() -> None:
    mutant = mutants.Mutant("times 2", 2 * x)
    report = mutants.Report("a claim", (mutant, replace(mutant, caught_by=("units",)), replace(mutant, follows=True)))
    assert report.survivors == (mutant,)
    assert report.killed() == 0.5


def test_the_stationary_variance_is_where_the_exact_curve_ends() -> None:
    curve = classic.distance((1.0, 4.0), (3.0, -1.0), 0.25, (0.5, 0.1))
    ends = sum(
        classic.STATIONARY.subs({classic.a: 0.25, classic.lam: c, classic.s2: v}) for c, v in ((1.0, 0.5), (4.0, 0.1))
    )
    assert abs(float(curve.subs(classic.T, 400)) - float(ends)) < 1e-12
    one_step = 0.75**2 * 9 + 0.25**2 * 0.5 + 0.25**2 * 0.1  # a lam is 1/4 and 1: the second start is forgotten
    assert float(curve.subs(classic.T, 1)) == pytest.approx(one_step, rel=1e-12)


def test_units_are_those_of_the_printed_formulas() -> None:
    assert reddi2018.THEOREM_1.metric_units == OBJECTIVE
    assert reddi2018_stochastic.THEOREM_3.metric_units == LENGTH
