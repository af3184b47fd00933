"""The algebra of many claims: side by side as one after the other, and remembered until something changes."""

from __future__ import annotations

import json
import shutil

import pytest

from lab import algebra, remembered
from lab.errors import LabError
from lab.verdict import Outcome
from lab.verify import verify

QUICK = ["zinkevich2003.ogd_decreasing", "duchi2011.thm5"]


@pytest.fixture(scope="module")
def _proved(tmp_path_factory):
    """A store and what was proved for it."""
    store = tmp_path_factory.mktemp("store")
    return store, algebra.prove(QUICK, store=store)


@pytest.fixture
def proved(_proved, tmp_path):
    """A copy of a store, and what was proved for it."""
    shutil.copytree(_proved[0], tmp_path, dirs_exist_ok=True)
    return tmp_path, _proved[1]


def test_findings_come_back_from_the_store_as_they_were(proved, monkeypatch):
    store, first = proved
    monkeypatch.setattr(algebra, "check", lambda *_: pytest.fail("proved again"))
    assert algebra.prove(QUICK, store=store) == first


def test_a_change_of_the_checker_or_of_a_claim_makes_it_prove_again(proved, monkeypatch):
    store, _ = proved
    monkeypatch.setattr(remembered, "ground", lambda trusted: "another checker")
    again = []
    monkeypatch.setattr(algebra, "check", lambda claim, mutants: again.append(claim.id) or ())
    algebra.prove(QUICK[:1], store=store)
    assert again == QUICK[:1]


def test_a_torn_file_is_proved_again_and_not_believed(proved):
    store, first = proved
    (kept,) = (store / "algebra").glob(f"*{QUICK[0]}*")
    whole = kept.read_text()
    kept.write_text(whole[: len(whole) // 2])
    assert algebra.prove(QUICK[:1], store=store) == {QUICK[0]: first[QUICK[0]]}
    assert json.loads(kept.read_text())


def test_a_store_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "algebra").write_text("a file where the folder should be")
    with pytest.raises(LabError, match="findings cannot be written"):
        algebra.prove(QUICK[:1], store=tmp_path)


@pytest.mark.slow  # starts processes, which import torch
def test_processes_find_what_one_finds():
    assert algebra.prove(QUICK, processes=2) == algebra.prove(QUICK)


def test_symbolic_runs_nothing_and_mutants_add_their_report():
    (verdict,) = verify(QUICK[0], symbolic=True, mutants=True)
    assert {f.check for f in verdict.findings} >= {"units", "step", "rate", "mutants"}
    assert not any(f.check in ("experiment", "broken_by") for f in verdict.findings)
    (report,) = [f for f in verdict.findings if f.check == "mutants"]
    assert report.outcome is Outcome.HOLDS
    assert report.counts["killed"] == report.counts["counted"] >= 10
    assert report.counts["exact run"] > 0
