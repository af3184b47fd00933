"""Grids of parameters: what is written is what is built, and nothing else gets through."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from lab import discovery, schedules
from lab.describe import written
from lab.errors import LabError
from lab.grid import DEPTH, Assignment, build, parse

PROBLEM = discovery.problems()["reddi_stochastic"]
ADAM, SGD = (discovery.optimizers()[name] for name in ("adam", "sgd"))


def made(*texts, optimizers=(ADAM, SGD)):
    return build([parse(text) for text in texts], PROBLEM, [(cls,) for cls in optimizers])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lr=0.1", (0.1,)),
        ("lr = 1e-3 , .5", (1e-3, 0.5)),
        ("period=101", (101,)),
        ("debias=true,False", (True, False)),
        ("betas=(0.9,0.99),(0,0.5)", ((0.9, 0.99), (0, 0.5))),
        ("spectrum=(1)", ((1,),)),
        ("spectrum=()", ((),)),
        ("lr=inv_sqrt(0.5),inv_sqrt(0.1)", (schedules.InvSqrt(0.5), schedules.InvSqrt(0.1))),
        ("lr=polynomial(0.1,power=0.25)", (schedules.Polynomial(0.1, 0.25),)),
        ("lr=warmup(inv_sqrt(0.5),100)", (schedules.Warmup(schedules.InvSqrt(0.5), 100.0),)),
        ("lr=-inf", (-math.inf,)),
        ("mode=plain", ("plain",)),
    ],
)
def test_a_grid_is_read_as_it_is_written(text, values):
    assert parse(text).values == values


def test_an_integer_stays_an_integer():
    assert [type(v) for v in parse("a=3,3.0").values] == [int, float]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lr", "write name=value"),
        ("=1", "write name=value"),
        ("a.b.c=1", "write name=value"),
        ("lr=", "got the end"),
        ("lr=0.1,", "got the end"),
        ("lr=0.1 0.2", "expected ',' or the end, got '0.2'"),
        ("lr=(0.1", "expected ',' or ')', got the end"),
        ("lr=0.1)", "got ')'"),
        ("lr=[0.1]", "got '['"),
        ("lr=inv_sqr(0.1)", "did you mean 'inv_sqrt'?"),
        ("lr=__import__('os')", "no schedule or noise law is called '__import__'"),
        ("lr=inv_sqrt()", "lr must be given"),
        ("lr=inv_sqrt(1,2)", "inv_sqrt takes lr, each once"),
        ("lr=polynomial(0.1,lr=0.2)", "polynomial takes lr, power, each once"),
        ("lr=polynomial(0.1,powr=0.2)", "did you mean 'power'?"),
        ("lr=inv_sqrt(-1)", "lr must be a number >= 0, got -1.0"),
        ("lr=" + "(" * (DEPTH + 1), "brackets inside one another"),
        ("lr=" + "9" * 5000, "an integer may have 18 digits"),
    ],
)
def test_what_is_no_grid_is_refused_in_one_line(text, says):
    with pytest.raises(LabError) as refusal:
        parse(text)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_several_grids_make_a_product_whose_last_part_runs_fastest():
    _, found = made("lr=0.1,0.2", "eps=0,1e-8", optimizers=(ADAM,))
    assert [(o.lr.lr, o.eps) for o in found] == [(0.1, 0.0), (0.1, 1e-8), (0.2, 0.0), (0.2, 1e-8)]


def test_a_parameter_goes_to_every_optimizer_that_has_it():
    _, found = made("lr=0.1,0.2", "betas=(0.5,0.6)")
    assert [(o.name, o.lr.lr) for o in found] == [("adam", 0.1), ("adam", 0.2), ("sgd", 0.1), ("sgd", 0.2)]
    assert found[0].betas == (0.5, 0.6)


def test_a_parameter_of_the_problem_alone_goes_to_it_with_or_without_its_owner():
    for text in ("C=28,10", "problem.C=28,10"):
        assert [p.C for p in made(text)[0]] == [28.0, 10.0]


def test_a_named_owner_comes_before_all_others_in_any_order():
    for texts in (("adam.lr=0.3", "lr=0.1"), ("lr=0.1", "adam.lr=0.3")):
        assert [o.lr.lr for o in made(*texts)[1]] == [0.3, 0.1]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (("lrr=1",), "did you mean 'lr'?"),
        (("sgd.betas=(0.9,0.99)",), "no parameter of sgd is called 'betas'"),
        (("adm.lr=1",), "did you mean 'adam'?"),
        (("problem.delt=1",), "did you mean 'delta'?"),
        (("lr=1", "lr=2"), "lr is set twice"),
        (("betas=0.9",), "betas must be a tuple"),
        (("betas=(0.9,1.5)",), "betas[1] must be in [0, 1), got 1.5"),
        (("lr=nan",), "lr must be a finite number, got nan"),
        (("lr=-0.1",), "lr must be a number >= 0, got -0.1"),
        (("C=-3",), "C must be a number > 0, got -3.0"),
        (("debias=1",), "debias must be True or False, got 1"),
        (("eps=inv_sqrt(1)",), "eps must be a finite number"),
    ],
)
def test_a_grid_that_fits_nothing_is_refused_in_one_line(texts, says):
    with pytest.raises(LabError) as refusal:
        made(*texts)
    assert says in str(refusal.value)


ALMOST = st.text(alphabet="lrbetasC.=(),invsqrt_0123456789+-e \n", max_size=40)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=30), ALMOST, ALMOST.map(lambda t: f"lr={t}"), ALMOST.map(lambda t: f"betas=({t})")))
def test_no_text_raises_anything_but_a_lab_error(text):
    try:
        made(text)
    except LabError:
        return


FLOATS = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
SCHEDULES = st.recursive(
    st.one_of(
        st.builds(schedules.Constant, FLOATS),
        st.builds(schedules.InvSqrt, FLOATS),
        st.builds(schedules.Polynomial, FLOATS, FLOATS),
    ),
    lambda inner: st.builds(schedules.Warmup, inner, st.floats(min_value=1, max_value=1e9)),
    max_leaves=3,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(SCHEDULES, min_size=1, max_size=3))
def test_what_show_prints_reads_back_the_same(laws):
    assignment = parse("lr=" + ",".join(map(written, laws)))
    assert isinstance(assignment, Assignment)
    back = [schedules.Schedule.coerce(v) for v in assignment.values]
    assert back == laws
