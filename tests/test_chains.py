"""Transforms around a method, written on a command line."""

from __future__ import annotations

import pytest

import lab
from lab.chains import assemble, chain
from lab.grid import build, parse
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.targets import find
from lab.transforms import ClipNorm, DecoupledDecay
from problems.reddi import ReddiStochastic


def test_the_outermost_transform_is_written_first():
    assert chain("clip_norm(decoupled_decay(adam))") == (ClipNorm, DecoupledDecay, Adam)
    assert chain("adam") == (Adam,)
    made = assemble(chain("clip_norm( sgd )"), [{"max_norm": 2.0}, {"lr": 0.1}])
    assert made == ClipNorm(max_norm=2.0, inner=SGD(lr=0.1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clip_nrm(adam)", "clip_norm"),
        ("clip_norm(adan_)", "adan"),
        ("clip_norm(adam", r"needs its '\)'"),
        ("clip_norm(adam))", r"needs its '\('"),
        ("clip_norm()", "optimizer"),
        ("adam(clip_norm)", "transform"),
    ],
)
def test_what_is_no_chain_is_refused_in_one_line(text, said):
    with pytest.raises(lab.LabError, match=said) as caught:
        chain(text)
    assert "\n" not in str(caught.value)


def test_a_parameter_goes_to_each_part_that_has_it_or_to_its_owner():
    texts = ["max_norm=1,2", "lr=0.1", "sgd.lr=0.3"]
    _, made = build([parse(t) for t in texts], ReddiStochastic, [chain("clip_norm(adam)"), chain("sgd")])
    assert made == [
        ClipNorm(max_norm=1, inner=Adam(lr=0.1)),
        ClipNorm(max_norm=2, inner=Adam(lr=0.1)),
        SGD(lr=0.3),
    ]
    assert made[0].label == "clip_norm(adam)"
    with pytest.raises(lab.LabError, match="inner"):
        build([parse("inner=1")], ReddiStochastic, [chain("clip_norm(adam)")])


def test_a_card_takes_a_chain_and_gives_each_parameter_to_its_part():
    target = find("clip_norm(adam)")
    assert target.lr
    assert target.build({"max_norm": 1.0, "lr": 0.2}) == ClipNorm(max_norm=1.0, inner=Adam(lr=0.2))
    with pytest.raises(lab.LabError, match="max_norm"):
        target.build({"max_nrm": 1.0})
