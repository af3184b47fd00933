"""Frozen dataclasses with hyperparameters: what is a leaf, what is structure, what binds, what is refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from lab.errors import LabError
from lab.parameters import Parametric, construct
from lab.schedules import Constant, InvSqrt, Schedule, Warmup


@dataclass(frozen=True)
class Thing(Parametric):
    """One field of every kind."""

    name: ClassVar[str] = "thing"

    rate: Schedule = Constant(0.1)
    pair: tuple[float, float] = (0.5, 0.75)
    spectrum: tuple[float, ...] = (1.0,)
    size: float = 1.0
    count: int = 3
    on: bool = True
    word: str = "up"
    maybe: float | None = None

    def validate(self) -> None:
        if self.size > 100:
            raise LabError(f"thing: size must be at most 100, got {self.size}")


def test_floats_are_leaves_by_their_path():
    thing = Thing(rate=Warmup(InvSqrt(0.3), steps=5))
    assert thing.leaves() == {"rate.after.lr": 0.3, "rate.steps": 5.0, "pair.0": 0.5, "pair.1": 0.75, "size": 1.0}


@pytest.mark.parametrize("other", [{"count": 4}, {"on": False}, {"word": "down"}, {"rate": InvSqrt(0.1)}])
def test_all_that_is_no_leaf_is_structure(other):
    assert Thing(**other).structure() != Thing().structure()


@pytest.mark.parametrize("other", [{"size": 4.0}, {"pair": (0.1, 0.2)}, {"rate": 0.7}])
def test_leaves_are_no_structure(other):
    assert Thing(**other).structure() == Thing().structure()
    assert hash(Thing(**other).structure()) == hash(Thing().structure())


def test_a_spectrum_is_structure():
    assert Thing(spectrum=(1.0, 2.0)).structure() != Thing().structure()
    assert Thing(spectrum=(2.0,)).structure() != Thing().structure()
    assert not any(path.startswith("spectrum") for path in Thing().leaves())


def test_bind_replaces_leaves_and_validates_nothing():
    column = torch.tensor([[1.0], [1000.0]])
    bound = Thing(rate=InvSqrt(0.1)).bind({"size": column, "pair.1": column, "rate.lr": column})
    assert bound.size is column
    assert bound.pair[0] == 0.5
    assert bound.pair[1] is column
    assert bound.rate.lr is column
    assert isinstance(bound, Thing)
    assert isinstance(bound.rate, InvSqrt)
    assert (bound.count, bound.on, bound.word) == (3, True, "up")


@given(st.floats(-50, 50), st.floats(0, 1e3), st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_binding_a_things_own_leaves_gives_an_equal_thing(size, lr, pair):
    thing = Thing(rate=InvSqrt(lr), size=size, pair=pair)
    assert Thing(rate=InvSqrt(0.1)).bind(thing.leaves()) == thing


def test_the_spec_is_canonical_json():
    spec = Thing(rate=InvSqrt(0.5)).spec()
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert spec["name"] == "thing"
    assert spec["rate"] == {"name": "inv_sqrt", "lr": 0.5}
    assert spec["pair"] == [0.5, 0.75]
    assert Thing(size=1) == Thing(size=1.0)
    assert Thing(size=1).spec() == Thing(size=np.float64(1.0)).spec()
    assert type(Thing(size=np.float32(0.5)).size) is float


def test_a_thing_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Thing().size = 2.0


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"size": "big"}, "thing: size must be a finite number, got 'big'"),
        ({"size": float("nan")}, "thing: size must be a finite number, got nan"),
        ({"size": float("inf")}, "thing: size must be a finite number, got inf"),
        ({"size": True}, "thing: size must be a finite number, got True"),
        ({"size": 101.0}, "thing: size must be at most 100, got 101.0"),
        ({"count": 2.5}, "thing: count must be an integer, got 2.5"),
        ({"count": True}, "thing: count must be an integer, got True"),
        ({"on": 1}, "thing: on must be True or False, got 1"),
        ({"word": 3}, "thing: word must be a word, got 3"),
        ({"pair": (0.5,)}, "thing: pair must be a tuple of 2, got (0.5,)"),
        ({"pair": 0.5}, "thing: pair must be a tuple, got 0.5"),
        ({"pair": (0.5, None)}, "thing: pair[1] must be a finite number, got None"),
        ({"spectrum": (1.0, float("nan"))}, "thing: spectrum[1] must be a finite number, got nan"),
        ({"rate": "fast"}, "thing: rate must be a Schedule, got 'fast'"),
        ({"rate": -1.0}, "constant: lr must be a number >= 0, got -1.0"),
        ({"maybe": "no"}, "thing: maybe must be a finite number, got 'no'"),
    ],
)
def test_a_bad_value_is_refused_in_one_line(values, says):
    with pytest.raises(LabError) as refusal:
        Thing(**values)
    assert str(refusal.value) == says


def test_an_unknown_field_is_refused_with_the_nearest_one():
    with pytest.raises(LabError, match="no thing parameter of thing is called 'sise'; did you mean 'size'"):
        construct(Thing, "thing", {"sise": 3})


def test_a_field_without_default_must_be_given():
    with pytest.raises(LabError, match="inv_sqrt: lr must be given"):
        construct(InvSqrt, "schedule", {})


def test_nothing_stands_for_no_value():
    assert Thing(maybe=None).maybe is None
    assert Thing(maybe=2).maybe == 2.0
