"""`ratelab show --kernel` prints what the fused engine runs, and `ratelab doctor` says which engines work."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from test_cli import call, document, refused

from lab.engine import compiler, cpu, launch


def test_show_kernel_prints_the_step_of_a_pair_with_the_lines_it_comes_from() -> None:
    shown = call("show", "--kernel", "reddi_stochastic", "adam")
    assert shown.exit_code == 0, shown.output
    assert "void advance_lanes(" in shown.stdout
    assert "double optimizer_betas_0;" in shown.stdout
    assert "c->state_m" in shown.stdout
    assert "lab_from_word(w[0][l])" in shown.stdout
    assert "lab/optimizers/adam.py:" in shown.stdout
    assert "__global__" not in shown.stdout


def test_show_kernel_with_cuda_prints_a_whole_source_with_the_same_body() -> None:
    body = call("show", "--kernel", "reddi_stochastic", "adam").stdout
    whole = call("show", "--kernel", "reddi_stochastic", "adam", "--cuda").stdout
    assert body in whole
    assert "lab_philox(" in whole
    assert whole.count('extern "C" __global__ void') == 2


def test_show_kernel_as_json_says_what_is_recorded() -> None:
    shown = document("show", "--kernel", "reddi_cycle", "amsgrad_reddi", "--json")
    assert (shown["problem"], shown["optimizer"]) == ("reddi_cycle", "amsgrad")
    assert shown["metrics"] == ["iterate", "suboptimality", "avg_regret"]
    assert shown["text"].count("metric2") >= 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("show",), "Missing argument 'ID', or --kernel PROBLEM OPTIMIZER"),
        (("show", "adam", "--cuda"), "--cuda goes with --kernel PROBLEM OPTIMIZER"),
        (("show", "adam", "--kernel", "reddi_cycle", "adam"), "got both: 'adam' and 'reddi_cycle adam'"),
        (("show", "--kernel", "reddi_cycel", "adam"), "did you mean 'reddi_cycle'?"),
        (("show", "--kernel", "reddi_cycle", "adamm"), "did you mean 'adam'?"),
        (("show", "--kernel", "reddi_cycle"), "requires 2 arguments"),
    ],
)
def test_show_kernel_refuses_bad_input_in_one_line(arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refused(*arguments)


def test_show_kernel_names_the_operation_that_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    from lab.errors import NotRecordable

    def refuse(*_: Any) -> None:
        raise NotRecordable("mine.py:7: sort cannot be recorded")

    monkeypatch.setattr(launch, "record_step", lambda *_, **__: refuse())
    assert refused("show", "--kernel", "reddi_cycle", "adam") == "ratelab: mine.py:7: sort cannot be recorded\n"


def engines() -> dict[str, dict[str, Any]]:
    checks = json.loads(call("doctor", "--json").stdout)["checks"]
    return {c["name"]: c for c in checks if c["name"].startswith("engine")}


def test_doctor_lists_every_engine_and_why_one_does_not_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    found = engines()
    assert list(found) == ["engine reference", "engine fused CPU", "engine fused GPU"]
    assert found["engine reference"]["ok"] is True
    if not torch.cuda.is_available():
        assert found["engine fused GPU"]["ok"] is None
        assert "torch sees no GPU here" in found["engine fused GPU"]["detail"]
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    caches = (compiler.find, compiler.identity, cpu.program)
    for cache in caches:
        cache.cache_clear()
    without = engines()["engine fused CPU"]
    for cache in caches:
        cache.cache_clear()
    assert without["ok"] is None
    assert "no C compiler" in without["detail"]
    assert "\n" not in without["detail"]


@pytest.mark.skipif(not compiler.Path("/usr/bin/cc").exists(), reason="no C compiler")
def test_doctor_finds_the_fused_engine_working() -> None:
    assert engines()["engine fused CPU"] == {"name": "engine fused CPU", "ok": True, "detail": "works"}


def test_doctor_would_find_an_engine_that_computes_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    from lab.doctor import _engine
    from lab.optimizers.sgd import SGD

    update = SGD.update
    monkeypatch.setattr(SGD, "update", lambda self, g, s, x, t: (-update(self, g, s, x, t)[0], s))
    check = _engine("engine reference", "reference", "cpu")
    assert check.ok is False
    assert "outside (0, 0.5)" in check.detail
