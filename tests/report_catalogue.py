"""A small catalogue for the tests of the site: a claim that ran, two that did not, a problem, two optimizers."""

from lab.discovery import get_claim
from lab.matrix import matrix as run
from lab.matrix.table import save
from lab.report.claims import claim_pages, totals
from lab.report.site import Catalogue
from lab.report.things import Picture, matrix, mistakes, provenance, things
from lab.verdict import Finding, Outcome, Verdict

RAN, OPEN, MISTAKEN = "nesterov2004.nesterov_lower_sc", "zinkevich2003.ogd_const_tight", "reddi2018.thm1"
CURVE = tuple((float(t), 0.9 / t, 1.1 / t, 2.0 / t, 2.0 / t) for t in (1, 10, 100, 1000))


def verdict_of(claim_id, ran):
    """A verdict as a store could keep it: every step proved and one experiment, or nothing at all."""
    claim = get_claim(claim_id)
    proved = [
        Finding(check="step", subject=s.says, outcome=Outcome.PROVED, reason="", engines=("z3", "sympy"))
        for s in claim.steps
    ]
    ran_once = Finding(
        check="experiment", subject="a run", outcome=Outcome.HOLDS, reason="under the bound at every step",
        problem="abs_power", optimizer="sgd", metric="suboptimality", step=1, predicted="<= 2", observed=1.0,
        interval=(0.9, 1.1), confidence=0.999, tightness=0.5, seeds=1000, curve=CURVE,
        slope=(-1.05, -0.95), claimed=-1.0,
    )  # fmt: skip
    return Verdict(claim=claim.id, says=claim.says, source=claim.source, findings=(*proved, ran_once) if ran else ())


def catalogue(store):
    """The catalogue, with a real matrix of two pairs; `store` is an empty folder to keep it in."""
    (store / "matrix").mkdir()
    kept = store / "matrix" / "matrix.nc"
    save(run(optimizers=["sgd", "adam"], problems=["abs_power"], seeds=4, steps=256, step_sizes=2), kept)
    (store / "drawn.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>')
    facts = {"title": "A title", "caption": "With $x^2$ & more", "sha256": {"drawn.svg": "0" * 64}}
    pictures = (
        Picture("drawn", "what it shows", (RAN,), store / "drawn.svg", facts, False),
        Picture("phase_open", "a map", (OPEN,), None, {}, False),
    )
    verdicts = [verdict_of(RAN, True), verdict_of(OPEN, False), verdict_of(MISTAKEN, False)]
    claims, table = claim_pages(verdicts, {p.name: p.claims for p in pictures}), matrix(kept)
    return Catalogue(
        claims=claims,
        totals=totals(claims),
        problems=things("problem", claims, table, store, {"abs_power"}),
        optimizers=things("optimizer", claims, table, store, {"sgd", "adam"}),
        matrix=table,
        pictures=pictures,
        mistakes=mistakes(claims),
        provenance=provenance(store),
    )
