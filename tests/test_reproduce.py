"""One paper from end to end: which claims and figures are its own, the page, and the exit code."""

import json
import re

import pytest
from typer.testing import CliRunner

from lab import discovery, reproduce as module
from lab.cli import app
from lab.errors import LabError
from lab.report.faults import faults
from lab.reproduce import Paper, page, papers, reproduce
from lab.verdict import AFFIRMED, Finding, Outcome, Verdict

PAPER = "goujaud2023"  # three short proofs: a second or two


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The paper's claims, really verified; without its figures, whose runs take longer than a test may."""
    out = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "papers", lambda: {PAPER: without_figures()})
        found, place = reproduce(PAPER, out=out, store=out / "store")
    return found, place


def without_figures():
    ids = tuple(name for name in sorted(discovery.claims()) if name.startswith(f"{PAPER}."))
    return Paper(PAPER, discovery.claims()[ids[0]].source, ids, ())


@pytest.fixture(scope="module")
def known():
    """Every paper; the whole catalogue is imported, which takes seconds."""
    return papers()


def test_a_paper_has_the_claims_whose_ids_begin_with_it_and_the_figures_about_one_of_them(known):
    found = known
    assert sorted(name for paper in found.values() for name in paper.claims) == sorted(discovery.claims())
    for paper in found.values():
        assert all(name.startswith(f"{paper.name}.") for name in paper.claims)
        about = {name for figure in paper.figures for name in discovery.figures()[figure].CLAIMS}
        assert not paper.figures or about & set(paper.claims)
    assert "reddi_theorem1" in found["reddi2018"].figures


def test_its_page_says_what_was_claimed_and_seen_and_loads_nothing(made):
    found, place = made
    assert [v.claim for v in found.verdicts] == list(found.paper.claims)
    assert not found.failed
    assert all(f.outcome in AFFIRMED for v in found.verdicts for f in v.findings if f.check == "step")
    text = re.sub(r"<[^>]+>", " ", place.read_text())
    assert "No check failed." in " ".join(text.split())
    for name in found.paper.claims:
        assert name in text
    assert f"{found.totals.steps} proof steps" in text
    (place.parent / "store").rename(place.parent.parent / "kept")
    assert faults(place.parent) == []


def test_the_document_says_the_same_as_the_page(made):
    found, _ = made
    document = found.document()
    assert document["failed"] is False
    assert {c["claim"]: c["outcome"] for c in document["claims"]} == {v.claim: v.outcome for v in found.verdicts}
    assert document["seconds"]["verifying"] > 0


def test_a_figure_is_put_inside_the_page(made, tmp_path):
    from dataclasses import replace

    from lab.report.things import Picture

    drawn = tmp_path / "one.svg"
    drawn.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    picture = Picture("one", "a figure", (), drawn, {"title": "Its title", "caption": "Its caption"}, True)
    html = page(replace(made[0], pictures=(picture,)))
    assert 'src="data:image/svg+xml;base64,' in html
    assert "Its caption" in html


def test_an_unknown_paper_is_refused_with_the_nearest_name_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "verify", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(LabError, match="did you mean 'reddi2018'"):
        reproduce("reddi2019", out=tmp_path)


def test_a_page_that_cannot_be_written_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "verify", lambda *a, **k: pytest.fail("it ran"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(LabError, match="the page cannot be written"):
        reproduce(PAPER, out=tmp_path / "file" / "folder")


def test_the_exit_code_is_that_of_the_verdicts(tmp_path, monkeypatch):
    false = Finding(check="step", subject="a step", outcome=Outcome.REFUTED, reason="at x = 0")
    claim = discovery.get_claim(without_figures().claims[0])
    wrong = Verdict(claim=claim.id, says=claim.says, source=claim.source, findings=(false,))
    monkeypatch.setattr(module, "papers", lambda: {PAPER: without_figures()})
    monkeypatch.setattr(module, "verify", lambda *a, **k: (wrong,))
    arguments = ["reproduce", PAPER, "--out", str(tmp_path), "--no-store", "--json"]
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 1
    assert json.loads(run.stdout)["failed"] is True
    assert "A check failed." in (tmp_path / f"{PAPER}.html").read_text()


def test_undecided_fails_with_strict_only(tmp_path, monkeypatch):
    opened = Finding(check="step", subject="a step", outcome=Outcome.UNDECIDED, reason="neither")
    claim = discovery.get_claim(without_figures().claims[0])
    verdict = Verdict(claim=claim.id, says=claim.says, source=claim.source, findings=(opened,))
    monkeypatch.setattr(module, "papers", lambda: {PAPER: without_figures()})
    monkeypatch.setattr(module, "verify", lambda *a, **k: (verdict,))
    arguments = ["reproduce", PAPER, "--out", str(tmp_path), "--no-store"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert CliRunner().invoke(app, [*arguments, "--strict"]).exit_code == 1


def test_papers_are_listed_and_one_must_be_named():
    run = CliRunner().invoke(app, ["reproduce", "--list", "--json"])
    listed = {row["paper"]: row["claims"] for row in json.loads(run.stdout)["papers"]}
    assert listed[PAPER] == list(without_figures().claims)
    assert CliRunner().invoke(app, ["reproduce"]).exit_code == 2
