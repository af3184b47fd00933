"""The algebra of many claims: side by side as one after the other, and remembered until something changes."""

from __future__ import annotations

import json

import pytest

from lab import algebra, remembered
from lab.errors import LabError
from lab.verdict import Outcome
from lab.verify import verify

QUICK = ["duchi2011.thm5", "zinkevich2003.ogd_decreasing"]


def test_findings_come_back_from_the_store_as_they_were(tmp_path, monkeypatch):
    first = algebra.prove(QUICK, store=tmp_path)
    monkeypatch.setattr(algebra, "check", lambda *_: pytest.fail("proved again"))
    assert algebra.prove(QUICK, store=tmp_path) == first


def test_a_change_of_the_checker_or_of_a_claim_makes_it_prove_again(tmp_path, monkeypatch):
    algebra.prove(QUICK[:1], store=tmp_path)
    monkeypatch.setattr(remembered, "ground", lambda trusted: "another checker")
    proved = []
    monkeypatch.setattr(algebra, "check", lambda claim, mutants: proved.append(claim.id) or ())
    algebra.prove(QUICK[:1], store=tmp_path)
    assert proved == QUICK[:1]


def test_a_torn_file_is_proved_again_and_not_believed(tmp_path):
    first = algebra.prove(QUICK[:1], store=tmp_path)
    (kept,) = (tmp_path / "algebra").iterdir()
    whole = kept.read_text()
    kept.write_text(whole[: len(whole) // 2])
    assert algebra.prove(QUICK[:1], store=tmp_path) == first
    assert json.loads(kept.read_text())


def test_a_store_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "algebra").write_text("a file where the folder should be")
    with pytest.raises(LabError, match="findings cannot be written"):
        algebra.prove(QUICK[:1], store=tmp_path)


@pytest.mark.slow  # starts processes, which import torch
def test_processes_find_what_one_finds():
    assert algebra.prove(QUICK, processes=2) == algebra.prove(QUICK)


def test_symbolic_runs_nothing_and_mutants_add_their_report():
    (verdict,) = verify(QUICK[1], symbolic=True, mutants=True)
    assert {f.check for f in verdict.findings} >= {"units", "step", "rate", "mutants"}
    assert not any(f.check in ("experiment", "broken_by") for f in verdict.findings)
    (report,) = [f for f in verdict.findings if f.check == "mutants"]
    assert report.outcome is Outcome.HOLDS
    assert report.counts["killed"] == report.counts["counted"] >= 10
    assert report.counts["exact run"] > 0
