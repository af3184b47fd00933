"""The static site: what it says of kept results, of what was not run, and that every page is whole by itself."""

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import sympy as sp
from report_catalogue import CURVE, MISTAKEN, OPEN, RAN, catalogue
from typer.testing import CliRunner

from lab.discovery import get_claim
from lab.report import site as sites, words
from lab.report.charts import Axis, chart, scales, thinned
from lab.report.claims import NOT_RUN
from lab.report.faults import Page, faults
from lab.report.mathml import math as formula, mathml, written
from lab.report.site import write_pages


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return catalogue(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def folder(shown, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    write_pages(shown, out)
    return out


def text_of(path):
    """What a reader sees of a page."""
    html = re.sub(r"<(style|script)\b.*?</\1>", " ", path.read_text(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# The pages


def test_every_page_is_well_formed_and_every_link_leads_somewhere(folder):
    assert faults(folder) == []


def test_a_claim_shows_its_verdict_its_steps_and_its_experiment(folder):
    text = text_of(folder / "claims" / f"{RAN}.html")
    assert "HOLDS" in text
    assert text.count("PROVED z3, sympy") == len(get_claim(RAN).steps)
    assert "[−1.05, −0.95], predicted −1" in text
    assert "99.9%" in text
    assert "N = 1,000 seeds" in text


def test_what_was_not_run_is_said_with_the_command_that_runs_it(folder):
    text = text_of(folder / "claims" / f"{OPEN}.html")
    assert "The algebra and the experiments not run yet: ratelab verify " + OPEN in text
    assert "not run yet" in text_of(folder / "index.html")
    assert "ratelab errata" in text_of(folder / "errata.html")
    assert "Not drawn yet: ratelab figures phase_open" in text_of(folder / "figures.html")
    assert "Not drawn yet: ratelab report --portraits" in text_of(folder / "problems" / "abs_power.html")


def test_without_a_matrix_its_page_says_so(shown, tmp_path):
    write_pages(replace(shown, matrix=None), tmp_path)
    assert faults(tmp_path) == []
    assert "Not run yet: ratelab matrix" in text_of(tmp_path / "matrix.html")
    assert "The matrix is not run yet: ratelab matrix" in text_of(tmp_path / "optimizers" / "sgd.html")


def test_the_matrix_has_a_cell_for_each_pair_that_leads_to_the_shares_behind_it(folder, shown):
    html = (folder / "matrix.html").read_text()
    for optimizer in ("adam", "sgd"):
        verdict = shown.matrix.cells[optimizer, "abs_power"]["pair_verdict"]
        assert f'href="optimizers/{optimizer}.html#abs_power" title="{optimizer} on abs_power: {verdict}"' in html


def test_a_figure_that_is_not_the_recorded_one_is_called_so(folder):
    assert "the file is not the one that its record describes" in text_of(folder / "figures.html")


def test_the_mistakes_of_a_claim_are_listed_though_they_were_not_checked(folder):
    erratum = get_claim(MISTAKEN).errata[0]
    assert f'id="{words.slug(f"{MISTAKEN}-{erratum.id}")}"' in (folder / "errata.html").read_text()


def test_the_overview_counts_what_is_kept(shown):
    assert dict(shown.totals.outcomes) == {"HOLDS": 1, NOT_RUN: 2}
    assert shown.totals.proved == shown.totals.by_two == len(get_claim(RAN).steps)
    assert shown.totals.experiments == 1
    assert shown.not_run == {"claims": 2, "matrix": 0, "figures": 1}


def test_a_word_with_marks_of_html_is_escaped(shown, tmp_path):
    ran = shown.claims[0]
    evil = replace(ran, runs=(replace(ran.runs[0], reason="<script>alert(1)</script>"),))
    write_pages(replace(shown, claims=(evil,), problems=(), optimizers=(), mistakes=()), tmp_path)
    html = (tmp_path / "claims" / f"{RAN}.html").read_text()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ('<a href="nowhere.html">x</a>', "nowhere.html leads nowhere"),
        ('<a href="other.html#gone">x</a>', "other.html#gone: no such place"),
        ('<a href="../../etc/hosts">x</a>', "leads nowhere"),
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        ('<img alt="x" src="//cdn.example/x.png">', "loads //cdn.example/x.png"),
        ('<link rel="stylesheet" href="http://fonts.example/a.css">', "loads http://fonts.example/a.css"),
        ('<p style="background: url(https://a.example/b.png)">x</p>', "loads https://a.example/b.png"),
        ("<p><b>x</p></b>", "</p> closes <b>"),
        ("<div>", "</body> closes <div>"),
        ("<button>sort</button>", "<button> is of no use without a script"),
        ("<p hidden>x</p>", "<p> is of no use without a script"),
        ('<p onclick="f()">x</p>', "<p onclick> holds a script"),
        ("<table><tr><td>x</td></tr></table>", "a table without caption"),
        ("<table><caption>x</caption><tr><th>x</th></tr></table>", "a <th> without scope"),
        ('<img src="other.html">', "<img> without words"),
        ('<p id="a">x</p><p id="a">y</p>', "the id 'a' is given 2 times"),
        ("<h1>again</h1>", "2 elements <h1>"),
    ],
)
def test_a_wrong_page_is_refused(tmp_path, wrong, fault):
    page = "<!DOCTYPE html><html><head><title>t</title></head><body><h1>h</h1>{}</body></html>"
    (tmp_path / "other.html").write_text(page.format("<p>x</p>"))
    (tmp_path / "index.html").write_text(page.format('<a href="other.html">x</a> <a href="https://arxiv.org/">y</a>'))
    assert faults(tmp_path) == []
    (tmp_path / "index.html").write_text(page.format(wrong))
    assert any(fault in line for line in faults(tmp_path))


def test_a_style_sheet_that_loads_a_font_from_elsewhere_is_refused(tmp_path, folder):
    (tmp_path / "index.html").write_text("<html><head><title>t</title></head><body><h1>h</h1></body></html>")
    (tmp_path / "a.css").write_text("@import 'https://fonts.example/a.css';")
    assert faults(tmp_path) == ["a.css: loads https://fonts.example/a.css"]
    assert not any(line.startswith("assets") for line in faults(folder))


# Formulas


class Shape(HTMLParser):
    """The elements of a piece of MathML, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


a, b, x, T = sp.symbols("a beta2 x_0 T")


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        (a / 2, "<mfrac>"),
        (sp.sqrt(a), "<msqrt><mi>a</mi></msqrt>"),
        (a ** sp.Rational(1, 3), "<mroot>"),
        (b, "<msub><mi>β</mi><mrow><mi>2</mi></mrow></msub>"),
        (x**2, "<msubsup><mi>x</mi><mrow><mi>0</mi></mrow><mrow><mn>2</mn></mrow></msubsup>"),
        (1 - a, "<mn>1</mn><mo>−</mo><mi>a</mi>"),
        (sp.Le(a, 1), "<mo>≤</mo>"),
        (sp.Sum(a**T, (T, 1, 3)), "<munderover>"),
        (sp.Interval.open(0, sp.oo), "<mo>,</mo><mi>∞</mi>"),
        (sp.Abs(a), '<mo fence="true">|</mo>'),
        (sp.Symbol("|g|"), "<mtext>|g|</mtext>"),
        (sp.exp(-a), "<msup><mrow><mi>e</mi></mrow>"),
    ],
)
def test_an_expression_is_set_as_a_book_sets_it(expr, wanted):
    assert wanted in mathml(expr)


def test_a_factor_that_is_a_sum_stands_in_brackets_and_an_exponent_too():
    product, power = mathml(a * (1 + b)), mathml((1 + a) ** 2)
    for shown in (product, power):
        assert '<mo fence="true">(</mo>' in shown
    assert '<mo fence="true">(</mo>' not in mathml(1 + a * b)


@pytest.mark.parametrize("claim_id", [RAN, OPEN, MISTAKEN])
def test_formulas_hold_elements_of_mathml_core_alone_and_every_letter(claim_id):
    core = set("math mrow mi mn mo mtext mfrac msqrt mroot msub msup msubsup munder munderover mtable mtr mtd".split())
    bound = get_claim(claim_id).bound
    shown = formula(bound, display=True)
    assert set(Shape(shown).tags) <= core
    assert Page(f"<body>{shown}</body>").faults == []
    for symbol in bound.free_symbols:
        assert mathml(symbol) in shown


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("G^2/mu T^(-2(alpha-1)/alpha)", "G<sup>2</sup>/μ T<sup>(−2(α−1)/α)</sup>"),
        ("sigma^2/n^4, T^1/2", "σ<sup>2</sup>/n<sup>4</sup>, T<sup>1/2</sup>"),
        ("E ||x_T||^2 <= 1", "E ‖x<sub>T</sub>‖<sup>2</sup> ≤ 1"),
        ("beta1 < sqrt(beta2)", "β<sub>1</sub> &lt; √(β<sub>2</sub>)"),
        ("grad_norm_sq and max_norm", "grad_norm_sq and max_norm"),
        ("ends with h^2.", "ends with h<sup>2</sup>."),
        ("F X^-1", "F X<sup>−1</sup>"),
    ],
)
def test_words_have_their_formulas_set_and_names_left_alone(plain, html):
    assert written(plain) == html


def test_a_caption_has_its_formulas_drawn_as_paths_and_the_rest_escaped():
    html = str(words.caption(r"where $\beta < 1$ & so on, at \$5"))
    assert html.count("<svg") == html.count("<path") == 1
    assert 'aria-label="\\beta &lt; 1"' in html
    assert "&amp; so on, at $5" in html
    assert "<code>" in str(words.caption(r"$\nosuchcommand{x}$"))


# Charts


def test_a_chart_places_a_power_law_on_a_straight_line():
    axis = Axis("log", 1.0, 1e4, 0.0, 100.0)
    assert [axis.at(v) for v in (1, 10, 100, 1e3, 1e4)] == pytest.approx([0, 25, 50, 75, 100])
    assert axis.at(math.inf) == 100.0
    assert axis.ticks() == pytest.approx([1, 10, 100, 1e3, 1e4])


def test_linear_ticks_are_round_and_inside():
    assert Axis("linear", -0.13, 0.94, 0, 1).ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_a_curve_with_a_number_that_is_not_positive_is_drawn_linearly_alone():
    assert scales(CURVE) == ("log", "linear")
    below = ((1.0, -1.0, -0.5, 0.0, 0.0), (2.0, -2.0, -1.0, 0.0, 0.0))
    assert scales(below) == ("linear",)
    assert 'data-scales="linear"' in chart(below, "a run", "iterate")


def test_thinning_a_curve_loses_no_excursion():
    long = [(float(t), 1.0, 2.0 + (t == 777) * 5, 3.0, 3.0 - (t == 5000) * 1) for t in range(1, 10_001)]
    short = thinned(long, 50)
    assert len(short) <= 50
    assert max(p[2] for p in short) == 7.0
    assert min(p[4] for p in short) == 3.0
    assert short[-1][0] == 10_000
    assert thinned(CURVE) == list(CURVE)


def test_a_chart_of_one_point_or_of_nan_is_none():
    assert chart(CURVE[:1], "a run", "x") == ""
    assert chart([(1.0, math.nan, 1.0, 1.0, 1.0)] * 3, "a run", "x") == ""
    assert Page(f"<body>{chart(CURVE, 'a < b', 'x')}</body>").faults == []


# The command


def test_the_command_refuses_a_folder_that_is_none(tmp_path):
    from lab.cli import app

    run = CliRunner().invoke(app, ["report", "--figures", str(tmp_path / "gone"), "--out", str(tmp_path / "site")])
    assert run.exit_code == 2


@pytest.mark.slow
def test_the_whole_site_is_sound_and_says_that_nothing_was_run(tmp_path):
    from lab.cli import app

    run = CliRunner().invoke(
        app, ["report", "--store", str(tmp_path / "none"), "--out", str(tmp_path / "site"), "--json"]
    )
    assert run.exit_code == 0
    said = json.loads(run.stdout)
    assert said["not_run"]["claims"] == len(list((tmp_path / "site" / "claims").iterdir()))
    assert faults(tmp_path / "site") == []


def test_templates_lie_beside_the_figures():
    assert (sites.templates() / "base.html.j2").is_file()
