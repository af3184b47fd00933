"""Noise laws: draws, moments and tails against scipy, against Fourier's integral and against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import mpmath
import numpy as np
import pytest
import torch
from scipy import stats

from lab import noise, rng
from lab.errors import LabError
from lab.grid import laws
from lab.noise import (
    Burr,
    CentredBurr,
    CentredPareto,
    CentredWeibull,
    Gaussian,
    Laplace,
    Pareto,
    Rademacher,
    Spikes,
    Stable,
    StudentT,
    TwoPoint,
    Uniform,
    Weibull,
)
from lab.rng import Stream, seed_range
from lab.statistics import dkw_band
from lab.testing import check_noise
from lab.testing.noise import NOISE_CHECKS, distance, distances

N, LEVEL = 200_000, 1e-6


def two_sided(law):
    """scipy's law of |xi| as the distribution function of xi."""
    return lambda x: np.where(x < 0, 0.5 * law.sf(-x), 1 - 0.5 * law.sf(x))


def stable(alpha, scale=1.0):
    return stats.levy_stable(alpha, 0.0, scale=scale).cdf


LAWS = [
    (Gaussian(1.3), stats.norm(scale=1.3).cdf),
    (Laplace(0.7), stats.laplace(scale=0.7).cdf),
    (Uniform(2.0), stats.uniform(-2.0, 4.0).cdf),
    (Rademacher(2.0), stats.rv_discrete(values=([-2, 2], [0.5, 0.5])).cdf),
    (TwoPoint(0.2, 4.0), stats.rv_discrete(values=([-1, 4], [0.8, 0.2])).cdf),
    (Spikes(0.1, 3.0), stats.rv_discrete(values=([-3, 0, 3], [0.05, 0.9, 0.05])).cdf),
    (Pareto(1.5, 2.0), two_sided(stats.pareto(1.5, scale=2.0))),
    (CentredPareto(1.5, 2.0), stats.pareto(1.5, loc=-6.0, scale=2.0).cdf),
    (CentredPareto(3.0), stats.pareto(3.0, loc=-1.5).cdf),
    (CentredWeibull(0.2, 0.01), stats.weibull_min(0.2, loc=-1.2, scale=0.01).cdf),
    (CentredWeibull(2.0), stats.weibull_min(2.0, loc=-math.sqrt(math.pi) / 2).cdf),
    (CentredBurr(1.0, 2.3, 0.5), stats.burr12(1.0, 2.3, loc=-0.5 / 1.3, scale=0.5).cdf),
    (CentredBurr(2.0, 0.7), stats.burr12(2.0, 0.7, loc=-stats.burr12(2.0, 0.7).mean()).cdf),
    (Weibull(0.5, 2.0), stats.dweibull(0.5, scale=2.0).cdf),
    (Weibull(0.2), stats.dweibull(0.2).cdf),
    (Burr(1.0, 2.3, 0.5), two_sided(stats.burr12(1.0, 2.3, scale=0.5))),
    (Burr(2.0, 0.7), two_sided(stats.burr12(2.0, 0.7))),
    (StudentT(1.5, 2.0), stats.t(1.5, scale=2.0).cdf),
    (StudentT(7.0), stats.t(7.0).cdf),
    (Stable(1.2), stable(1.2)),
    (Stable(1.5, 2.0), stable(1.5, 2.0)),
    (Stable(1.9), stable(1.9)),
    (Stable(2.0, 0.5), stats.norm(scale=0.5 * math.sqrt(2)).cdf),
]
WITHOUT_MEAN = [
    (StudentT(1.0), stats.cauchy().cdf),
    (StudentT(0.5), stats.t(0.5).cdf),
    (Stable(1.0, 3.0), stats.cauchy(scale=3.0).cdf),
    (Stable(0.5), stable(0.5)),
    (Pareto(0.8), two_sided(stats.pareto(0.8))),
]


def name(parameter):
    return str(parameter) if isinstance(parameter, noise.Noise | str) else ""


def draws(law, n=N):
    w = rng.words(11, seed_range(0, n), Stream.ORACLE, 1, law.n_draws * rng.words_per_draw(law.draw_bits))
    return law.sample(rng.uniforms(w, law.draw_bits, torch.float64))[:, 0]


@pytest.mark.parametrize(("law", "cdf"), LAWS + WITHOUT_MEAN, ids=name)
def test_draws_follow_scipys_law(law, cdf):
    assert distance(draws(law), cdf) <= dkw_band(N, LEVEL)


@pytest.mark.parametrize(("law", "cdf"), LAWS + WITHOUT_MEAN, ids=name)
def test_the_distribution_function_is_scipys(law, cdf):
    x = np.array([-300.0, -7.01, -1.53, -0.31, 0.31, 0.52, 2.99, 17.0, 40.0])
    rounding = 2e-6 if isinstance(law, Stable) else 1e-12  # scipy's, and farther out or next to 0 more
    assert np.abs(law.cdf(x) - cdf(x)).max() <= rounding


@pytest.mark.parametrize(("law", "cdf"), LAWS, ids=name)
def test_every_law_with_a_mean_passes_its_checks(law, cdf):
    check_noise(law)


@pytest.mark.parametrize(("law", "cdf"), WITHOUT_MEAN, ids=name)
def test_a_law_without_a_mean_is_refused(law, cdf):
    assert math.isnan(law.mean)
    with pytest.raises(AssertionError, match="has no mean, so that no oracle is unbiased"):
        check_noise(law)


@pytest.mark.parametrize("law", [law for law, _ in LAWS + WITHOUT_MEAN if not isinstance(law, noise.Discrete)], ids=str)
@pytest.mark.parametrize("share", [0.2, 0.45])
def test_moments_are_integrals_of_the_survival_function(law, share):
    p = min(share * law.tail_index, 4 * share)
    s = np.linspace(-200.0, 80.0, 7_001)
    t = np.exp(s)
    survival = 1 - law.cdf(t) + law.cdf(np.nextafter(-t, -np.inf))
    assert law.moment(p) == pytest.approx(float((p * t**p * survival).sum() * (s[1] - s[0])), rel=3e-4)


def test_the_variance_is_scipys():
    assert StudentT(3.0, 2.0).variance == pytest.approx(12.0, rel=1e-14)
    assert Weibull(0.5, 2.0).variance == pytest.approx(96.0, rel=1e-14)
    one_sided = stats.burr12(1.0, 2.3)
    assert Burr(1.0, 2.3).variance == pytest.approx(one_sided.var() + one_sided.mean() ** 2, rel=1e-9)
    assert CentredPareto(3.0, 2.0).variance == pytest.approx(stats.pareto(3.0, scale=2.0).var(), rel=1e-12)
    assert CentredPareto(3.0, 2.0).moment(2.0) == pytest.approx(CentredPareto(3.0, 2.0).variance, rel=1e-10)
    assert CentredWeibull(0.2, 0.01).variance == pytest.approx(stats.weibull_min(0.2, scale=0.01).var(), rel=1e-12)
    assert CentredBurr(1.0, 2.3).variance == pytest.approx(one_sided.var(), rel=1e-9)
    for law in (CentredWeibull(0.2), CentredBurr(1.0, 2.3)):
        assert law.moment(2.0) == pytest.approx(law.variance, rel=1e-11)
    assert Stable(2.0, 0.5).variance == pytest.approx(0.5, rel=1e-14)
    assert TwoPoint(0.2, 4.0).variance == pytest.approx(16 * 0.2 / 0.8, rel=1e-14)
    assert Laplace(0.7).variance == pytest.approx(2 * 0.49, rel=1e-14)


@pytest.mark.parametrize("law", [law for law, _ in LAWS + WITHOUT_MEAN if law.tail_index < math.inf], ids=name)
def test_moments_are_infinite_from_the_tail_index_on(law):
    assert law.moment(law.tail_index) == law.moment(law.tail_index + 1) == math.inf
    assert law.moment(0.999 * law.tail_index) < math.inf


def test_a_sample_shows_the_tail_index():
    """Pareto's logarithms above the scale are exponential: their mean is 1/tail, by Hill's estimator exactly."""
    size = draws(Pareto(1.3)).abs().log()
    assert float(1 / size.mean()) == pytest.approx(1.3, abs=5 * 1.3 / math.sqrt(N))


@pytest.mark.parametrize("alpha", [0.7, 1.05, 1.3, 1.7, 1.99])
def test_the_stable_distribution_function_inverts_the_characteristic_function(alpha):
    for x in (0.2, 1.0, 5.0):
        zeros = [mpmath.pi * j / x for j in range(int(40 ** (1 / alpha) * x / math.pi) + 2)]
        want = 0.5 + mpmath.quad(lambda t, x=x: mpmath.sin(t * x) / t * mpmath.exp(-(t**alpha)), zeros) / mpmath.pi
        assert float(Stable(alpha).cdf(np.array([x]))[0]) == pytest.approx(float(want), abs=1e-12)


@pytest.mark.parametrize("alpha", [0.7, 1.2, 1.5, 1.9])
def test_the_stable_tail_has_its_constant(alpha):
    """P(|xi| > t) ~ (2/pi) Gamma(alpha) sin(pi alpha / 2) t^-alpha."""
    t, constant = 1e7, 2 / math.pi * math.gamma(alpha) * math.sin(math.pi * alpha / 2)
    assert 2 * float(Stable(alpha).cdf(np.array([-t]))[0]) * t**alpha == pytest.approx(constant, rel=1e-4)


def test_stable_laws_add_up():
    """3 xi_1 + 4 xi_2 has scale (3^alpha + 4^alpha)^(1/alpha)."""
    x = draws(Stable(1.5), 2 * N)
    total = 3 * x[:N] + 4 * x[N:]
    assert max(distances(total, Stable(1.5, (3**1.5 + 4**1.5) ** (1 / 1.5)))) <= dkw_band(N, LEVEL)
    assert max(distances(total, Stable(1.5, 5.0))) > dkw_band(N, LEVEL)


def test_extreme_uniforms_give_finite_noise():
    ends = torch.tensor([2.0**-53, 1 - 2.0**-53], dtype=torch.float64)
    corners = torch.cartesian_prod(ends, ends)
    smallest = [Stable(0.1), StudentT(0.2), Weibull(0.05), Burr(1.0, 0.2), Pareto(0.1)]
    for law in [law for law, _ in LAWS + WITHOUT_MEAN] + smallest:
        u = corners if law.n_draws == 2 else ends.unsqueeze(-1)
        assert bool(torch.isfinite(law.sample(u)).all()), law


def test_each_coordinate_takes_its_own_draws():
    u = rng.uniforms(rng.words(3, seed_range(0, 50), Stream.ORACLE, 1, 12), 52, torch.float64)
    for law in (Stable(1.5), StudentT(1.5)):
        alone = torch.cat([law.sample(u[:, 2 * i : 2 * i + 2]) for i in range(3)], -1)
        assert torch.equal(law.sample(u), alone)


def test_every_law_has_a_name_on_the_command_line():
    assert {type(law).name for law, _ in LAWS} <= set(laws())
    assert {type(law) for law, _ in LAWS} == {laws()[type(law).name] for law, _ in LAWS}


@pytest.mark.parametrize(
    ("law", "given", "allowed"),
    [
        (Stable, {"alpha": 2.1}, r"in \[0.1, 2\]"),
        (StudentT, {"nu": 0.1}, ">= 0.2"),
        (Pareto, {"tail": 0.0}, "> 0"),
        (CentredPareto, {"tail": 1.0}, "> 1"),
        (CentredWeibull, {"shape": 0.1}, ">= 0.2"),
        (CentredBurr, {"c": 1.0, "d": 1.0}, "above 1"),
        (Burr, {"c": 0.1, "d": 1.0}, ">= 0.2"),
        (Weibull, {"shape": 0.01}, ">= 0.05"),
        (TwoPoint, {"p": 1.0}, r"in \(0, 1\)"),
        (Spikes, {"p": 0.0}, r"in \(0, 1\]"),
        (Uniform, {"width": 0.0}, "> 0"),
        (Laplace, {"scale": -1.0}, "> 0"),
    ],
)
def test_parameters_out_of_range_are_refused(law, given, allowed):
    with pytest.raises(LabError, match=allowed):
        law(**given)


@dataclass(frozen=True)
class WrongScale(StudentT):
    """Draws 4% too large."""

    name: ClassVar[str] = "wrong_scale"

    def sample(self, u):
        return 1.04 * super().sample(u)


@dataclass(frozen=True)
class WrongMoment(StudentT):
    name: ClassVar[str] = "wrong_moment"

    def moment(self, p):
        return 1.01 * super().moment(p)


@dataclass(frozen=True)
class WrongIndex(StudentT):
    name: ClassVar[str] = "wrong_index"

    @property
    def tail_index(self):
        return 1.1 * self.nu


@dataclass(frozen=True)
class FewBits(StudentT):
    name: ClassVar[str] = "few_bits"
    draw_bits: ClassVar[int] = 32


@dataclass(frozen=True)
class Shifted(Laplace):
    """A mean of 1% of the scale, in draws and distribution function alike."""

    name: ClassVar[str] = "shifted"

    def cdf(self, x):
        return super().cdf(x - 0.01)

    def sample(self, u):
        return super().sample(u) + 0.01


@dataclass(frozen=True)
class HiddenIndex(StudentT):
    """A power tail that is declared to have all moments."""

    name: ClassVar[str] = "hidden_index"

    @property
    def tail_index(self):
        return math.inf

    def moment(self, p):
        return StudentT(self.nu).moment(p)


WRONG = [
    (WrongScale(1.5), "draws follow the law"),
    (WrongMoment(3.0), "moments are integrals of the cdf"),
    (WrongIndex(3.0), "the tail index is the slope of the tail"),
    (HiddenIndex(5.0), "the tail index is the slope of the tail"),
    (FewBits(3.0), "a heavy tail takes 52 bits"),
    (Shifted(1.0), "the mean is 0"),
]


@pytest.mark.parametrize(("law", "sentence"), WRONG, ids=name)
def test_a_wrong_law_is_refused(law, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_noise(law)


def test_every_check_of_a_law_refuses_some_specimen():
    assert {check.__name__.strip("_").replace("_", " ") for check in NOISE_CHECKS} == {s for _, s in WRONG}
