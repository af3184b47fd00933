"""The store: whole or not at all, found again, extended by more seeds, a flipped byte is seen."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

import lab
from lab.experiment import Experiment, record_steps
from lab.results import Store
from lab.simulate import Interrupted, summarise


def experiment(key=0, **changes):
    optimizers = (lab.get_optimizer("sgd", lr=0.1), lab.get_optimizer("adam", lr=0.1))
    base = {
        "problem": lab.get_problem("noisy_quadratic", spectrum=(1.0, 0.5)),
        "optimizers": optimizers,
        "steps": 20,
        "record": record_steps("log", 20),
        "metrics": ("distance_sq", "iterate"),
        "key": key,
    }
    return Experiment(**(base | changes))


def same(a, b):
    for name, m in a.metrics.items():
        other = b.metrics[name]
        assert np.array_equal(m.total, other.total)
        assert np.array_equal(m.m2, other.m2)
        for column in ("row", "key", "count", "lo", "hi"):
            assert np.array_equal(getattr(m.cells, column), getattr(other.cells, column))


def test_a_stored_run_is_found_and_not_run_again(tmp_path, monkeypatch):
    first = summarise(experiment(), 1500, store=tmp_path).summary
    monkeypatch.setattr(sys.modules["lab.engine.reference"], "run", None)  # running would now fail
    again = summarise(experiment(), 1500, store=tmp_path)
    same(first, again.summary)
    assert again.attributes["engine_why"] == "stored result"


def test_more_seeds_extend_a_run_to_the_very_numbers_of_a_fresh_one(tmp_path):
    summarise(experiment(), 1500, store=tmp_path)
    extended = summarise(experiment(), 4000, store=tmp_path).summary
    same(extended, summarise(experiment(), 4000).summary)
    assert json.loads(next(tmp_path.rglob("run.json")).read_text())["seeds"] == 4000


def test_fewer_seeds_than_stored_give_their_own_numbers_and_keep_the_longer_run(tmp_path):
    summarise(experiment(), 3000, store=tmp_path)
    same(summarise(experiment(), 1100, store=tmp_path).summary, summarise(experiment(), 1100).summary)
    assert json.loads(next(tmp_path.rglob("run.json")).read_text())["seeds"] == 3000


def test_another_key_step_or_hyperparameter_is_another_result():
    hashes = {
        experiment().hash,
        experiment(key=1).hash,
        experiment(steps=21, record=record_steps("log", 21)).hash,
        experiment(optimizers=(lab.get_optimizer("sgd", lr=0.2),)).hash,
        experiment(metrics=("iterate",)).hash,
        experiment(start=(1.0, 1.0)).hash,
        experiment(dtype="float32").hash,
    }
    assert len(hashes) == 7
    assert experiment().hash == experiment().hash


def test_a_flipped_byte_is_found(tmp_path):
    summarise(experiment(), 100, store=tmp_path)
    path = next(tmp_path.rglob("result.nc"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(lab.LabError, match="does not match its checksum"):
        summarise(experiment(), 100, store=tmp_path)


def test_a_truncated_description_is_found(tmp_path):
    summarise(experiment(), 100, store=tmp_path)
    next(tmp_path.rglob("run.json")).write_text('{"spec": ')
    with pytest.raises(lab.LabError, match="cannot be read"):
        summarise(experiment(), 100, store=tmp_path)


def test_a_store_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(lab.LabError, match="results cannot be written to"):
        Store(blocked / "runs").check_writable()
    with pytest.raises(lab.LabError, match="results cannot be written to"):
        summarise(experiment(), 10, store=blocked / "runs")


def test_nothing_half_written_is_left_behind(tmp_path):
    summarise(experiment(), 100, store=tmp_path)
    summarise(experiment(), 1200, store=tmp_path)
    left = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"result.nc", "run.json"}
    assert not [p for p in tmp_path.rglob(".*")]


def test_an_interrupted_run_keeps_what_it_finished_and_goes_on_from_there(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["lab.simulate"], "CHUNK_NUMBERS", 2048)
    monkeypatch.setattr(sys.modules["lab.simulate"].os, "cpu_count", lambda: 1)
    total = 2 * 4096 * 20

    def press_ctrl_c(done, _all):
        if done > total * 0.6:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="of 4096 seeds are stored"):
        summarise(experiment(), 4096, store=tmp_path, progress=press_ctrl_c)
    kept = json.loads(next(tmp_path.rglob("run.json")).read_text())["seeds"]
    assert 0 < kept < 4096
    same(summarise(experiment(), 4096, store=tmp_path).summary, summarise(experiment(), 4096).summary)


def test_a_class_without_source_is_run_but_not_stored(tmp_path):
    namespace = {}
    source = "from problems.quadratic import NoisyQuadratic\nclass Typed(NoisyQuadratic):\n    name = 'typed'\n"
    exec(compile(source, "<stdin>", "exec"), {"__name__": "typed_at_a_prompt"}, namespace)
    spec = experiment(problem=namespace["Typed"](spectrum=(1.0, 0.5)))
    assert spec.hash is None
    summarise(spec, 10, store=tmp_path)
    assert not list(tmp_path.iterdir())
